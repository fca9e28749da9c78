package fakehalo_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// 2.5 Lists: envelopes and bare arrays.
func TestPoint25Envelopes(t *testing.T) {
	s := serve(t)
	for path, start := range map[string]string{
		"Tickets": `{"record_count":5,"tickets":[{`, "Client": `{"record_count":3,"clients":[{`, "Users": `{"record_count":3,"users":[{`,
		"Site": `{"record_count":3,"sites":[{`, "Item": `{"record_count":2,"items":[{`, "Invoice": `{"record_count":1,"invoices":[{`,
		"RecurringInvoice": `{"record_count":1,"invoices":[{`, "ClientContract": `{"record_count":1,"contracts":[{`,
		"Asset": `{"record_count":1,"assets":[{`, "Actions": `{"record_count":2,"actions":[{`,
		"Team": `[{`, "Agent": `{"results":[{`, "Status": `[{`, "TicketType": `[{`, "Priority": `[{`, "Lookup": `[{`,
	} {
		if body := getAsAdmin(t, s, path).Body; !strings.HasPrefix(body, start) {
			t.Errorf("%s: %.80s", path, body)
		}
	}
	if body := getAsAdmin(t, s, "Tickets").Body; !strings.HasSuffix(body, `}],"include_children":false}`) {
		t.Errorf("tickets end in %s", body[len(body)-60:])
	}
}

// ids are those of the answer's tickets, in their order.
func ids(body string) string {
	var out []string
	for _, m := range regexp.MustCompile(`"id":(\d+)`).FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return strings.Join(out, " ")
}

// 2.5 Lists: pages, totals, filters, order.
func TestPoint25PagesAndFilters(t *testing.T) {
	s := serveWith(t, fakehalo.Options{Seed: fakehalo.Seed{Number: 7, Sizes: map[string]int{"Tickets": 1005, "Asset": 120}}})
	for query, want := range map[string]string{
		"":                                 `{"record_count":50,`, // an API agent's page, and its own count
		"?page_size=100":                   `{"record_count":50,`,
		"?pageinate=true&page_size=1000":   `{"page_no":1,"page_size":1000,"record_count":1005,`,
		"?pageinate=true&page_no=2":        `{"page_no":2,"page_size":50,"record_count":1005,`,
		"?Pageinate=true&PAGE_NO=2":        `{"page_no":2,"page_size":50,"record_count":1005,`, // names are without case
		"?pageinate=TRUE&count=true":       `{"page_no":1,"page_size":50,"record_count":1005,`,
		"?count=7":                         `{"record_count":7,`,
		"?search=printer on FIRE":          `{"record_count":1,`,
		"?closed_only=true":                `{"record_count":50,`,
		"?tickettype_ids=99":               `{"record_count":50,`, // no parameter of Halo's
		"?agent_id=12&team_id=2&count=999": `{"record_count":`,
	} {
		body := getAsAdmin(t, s, "Tickets"+strings.ReplaceAll(query, " ", "%20")).Body
		if !strings.HasPrefix(body, want) {
			t.Errorf("%q: %.80s", query, body)
		}
	}
	if rows := strings.Count(getAsAdmin(t, s, "Tickets?pageinate=true&page_size=1000").Body, `"summary"`); rows != 1000 {
		t.Errorf("a page of 1000 has %d rows", rows)
	}
	asset := getAsAdmin(t, s, "Asset?pageinate=true&page_size=100").Body
	if rows := strings.Count(asset, `"key_field"`); rows != 50 || !strings.HasPrefix(asset, `{"page_no":1,"page_size":100,"record_count":120,`) {
		t.Errorf("a page of assets has %d rows: %.60s", rows, asset)
	}
	if end := getAsAdmin(t, s, "Asset?pageinate=true&page_no=4").Body; end != `{"page_no":4,"page_size":50,"record_count":0,"assets":[]}` {
		t.Errorf("assets beyond the end: %s", end)
	}
	small := serve(t)
	for query, want := range map[string]string{
		"":                                  "2001 2002 2003 2004 2005",
		"?orderdesc=true":                   "2005 2004 2003 2002 2001",
		"?order=summary":                    "2003 2004 2002 2005 2001",
		"?order=client_name&orderdesc=true": "2003 2002 2005 2001 2004",
		"?client_id=2,3":                    "2002 2003 2005",
		"?agent_id=12&tickettype_id=3":      "2003 2004",
		"?datesearch=dateoccurred&startdate=2027":                          "",
		"?datesearch=dateoccurred&startdate=2026-05-13&enddate=2026-05-13": "2001 2002 2003 2004 2005",
	} {
		if got := ids(getAsAdmin(t, small, "Tickets"+query).Body); got != want {
			t.Errorf("%q: %s", query, got)
		}
	}
	if a := getAsAdmin(t, small, "Tickets?includeagent=true&count=1"); !strings.Contains(a.Body, `"agent_name":"Unassigned"`) {
		t.Error(a.Body)
	}
	if a := getAsAdmin(t, small, "Tickets?count=1"); strings.Contains(a.Body, "agent_name") {
		t.Error(a.Body)
	}
}

func TestAPageThatWasGivenBeforeFollowsEveryWrite(t *testing.T) {
	s := serve(t)
	const page = "Tickets?pageinate=true&page_size=2&order=summary"
	want := func(when, path, ids1, piece string) {
		t.Helper()
		for range 2 { // the second comes from what the first made
			if body := getAsAdmin(t, s, path).Body; ids(body) != ids1 || !strings.Contains(body, piece) {
				t.Errorf("%s, %s: %s in %s", when, path, ids(body), body)
			}
		}
	}
	want("at first", page, "2003 2004", `"impact":3`)
	want("at first", page+"&includeagent=true", "2003 2004", `"agent_name":"MSPCentric"`)
	want("at first", page+"&page_no=3", "2001", "Printer")
	want("at first", "Status?count=1", "1", "New")
	want("at first", "Status", "1 2 9 28", "Closed")
	writeAsAdmin(t, s, "POST", "Tickets", `[{"id":2004,"impact":1}]`)
	want("changed in place", page, "2003 2004", `"impact":1`)
	writeAsAdmin(t, s, "POST", "Tickets", `[{"id":2003,"summary":"Zebra"}]`)
	want("moved away", page, "2004 2002", "starter")
	want("moved there", page+"&page_no=3", "2003", "Zebra")
	writeAsAdmin(t, s, "DELETE", "Tickets/2004", "")
	want("deleted", page, "2002 2005", `"record_count":4`)
}
