package fakehalo_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// 4. Resources that clients ask for (clients §4), under the keys of the sweep of a live instance (halo-live, HCLI).
func TestFurtherResourcesAnswerUnderTheirKeys(t *testing.T) {
	s := serve(t)
	for path, start := range map[string]string{
		"Quotation": `{"record_count":1,"quotes":[{`, "Opportunities": `{"record_count":1,"tickets":[{`, "Projects": `{"record_count":1,"tickets":[{`,
		"KBArticle": `{"record_count":2,"articles":[{`, "Supplier": `{"record_count":1,"suppliers":[{`, "Appointment": `{"record_count":1,"appointments":[{`,
		"Report": `{"record_count":1,"reports":[{`, "Attachment?ticket_id=2001": `{"record_count":1,"attachments":[{`, "Timesheet": `[{`, "SLA": `[{`,
		"Workflow": `[{`, "Outcome": `[{`, "azureadconnection?type=2": `[{`, "Category?type_id=1": `[{`, "AssetType": `[{`, "FieldInfo": `[{`,
		"Currency": `[{`, "Tenant": `{"tenant_id":"acme"}`, // halo-live §5: a bare array, and a small object for an application that may do everything
		"Attachment?ticket_id=2003": `{"record_count":0,"attachments":[]}`, "AzureADConnection?type=9": `[]`,
	} {
		if body := getAsAdmin(t, s, path).Body; !strings.HasPrefix(body, start) {
			t.Errorf("%s: %.80s", path, body)
		}
	}
	if a := get(t, s, guideScopes, "Quotation"); a.Status != 403 {
		t.Errorf("without read:quotes: %d", a.Status)
	}
	if a := get(t, s, guideScopes, "Tenant"); a.Status != 403 {
		t.Errorf("the tenant, to an application that is no administrator's: %d", a.Status)
	}
	// What clients or a sweep ask for and whose rows no public source shows is no more than an unknown route.
	for _, path := range []string{"Feed", "CRMNote", "Automation", "TimesheetEvent", "TicketRules", "SoftwareLicence", "Service"} {
		if a := getAsAdmin(t, s, path); a.Status != 404 || a.Body != "" {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	if a := get(t, s, guideScopes, "SLA"); a.Status != 200 { // look-ups need no scope of their own: halo-api §5
		t.Errorf("an SLA: %d", a.Status)
	}
}

// CIPP's pickers go from a ticket type to its SLA's priorities and to its workflow's outcomes: clients §2.
func TestTheChainsThatCIPPFollows(t *testing.T) {
	s := serve(t)
	for path, pieces := range map[string][]string{
		"tickettype/1": {`"default_sla":1`, `"workflow_id":1`}, "SLA/1": {`"priorities":[{"id":"5eed0000-0000-4000-8000-000000000001"}`},
		"Priority": {`"id":"5eed0000-0000-4000-8000-000000000001"`, `"priorityorder":1`, `"slaid":2`}, "workflow/1": {`"steps":[{"actions":[{"action_id":7}`},
		"outcome": {`"buttonname":"Internal Note"`, `"id":7`}, "AzureADConnection/1?type=2&includedetails=true&includetenants=true": {`"tenants":[{`},
	} {
		body := get(t, s, guideScopes, path).Body
		for _, piece := range pieces {
			if !strings.Contains(body, piece) {
				t.Errorf("%s has no %s: %s", path, piece, body)
			}
		}
	}
	if body := getAsAdmin(t, s, "Workflow").Body; strings.Contains(body, "steps") {
		t.Errorf("a list of workflows has their steps: %s", body)
	}
	search := func(field, value string, kind string) answer {
		return getAsAdmin(t, s, "Users?client_id=1&includeinactive=false&pageinate=false&advanced_search=%5B%7B%22filter_name%22:%22"+field+"%22,%22filter_type%22:"+kind+",%22filter_value%22:%22"+value+"%22%7D%5D")
	}
	if a := search("emailaddress", "USER1@client1.example", "2"); ids(a.Body) != "1" {
		t.Errorf("by its address: %s", a.Body)
	}
	if a := search("azureoid", "nobody", "2"); ids(a.Body) != "" {
		t.Errorf("a server that ignores it gives the client's first user: %s", a.Body)
	}
	if a := search("shoesize", "44", "2"); a.Status != 400 || !strings.Contains(a.Body, "Invalid advanced search parameter") {
		t.Errorf("by no field: %d %s", a.Status, a.Body)
	}
}

// Reports, kept and ad hoc: clients §3. Files up and down: HaloAPI's Get-HaloAttachment.
func TestReportsAndFiles(t *testing.T) {
	s := serve(t)
	if a := getAsAdmin(t, s, "Report/7?loadreport=true"); !strings.Contains(a.Body, `"report":{"rows":[{`) {
		t.Errorf("loaded: %s", a.Body)
	}
	for _, path := range []string{"Report/7", "Report?search=open"} {
		if a := getAsAdmin(t, s, path); strings.Contains(a.Body, `"rows"`) || !strings.Contains(a.Body, "Open tickets") {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	for sql, piece := range map[string]string{"SELECT 1": `"rows":[{`, "DROP TABLE faults": `"load_error":"`} { // halo-live §5: 200 with an error in it
		a := writeAsAdmin(t, s, http.MethodPost, "Report", `[{"id":0,"name":"","sql":"`+sql+`","_loadreportonly":true}]`)
		if a.Status != 201 || !strings.Contains(a.Body, piece) {
			t.Errorf("%s: %d %s", sql, a.Status, a.Body)
		}
	}
	if a := getAsAdmin(t, s, "Report"); !strings.Contains(a.Body, `"record_count":1`) {
		t.Errorf("an ad hoc report is kept: %s", a.Body)
	}
	up := writeAsAdmin(t, s, http.MethodPost, "Attachment", `[{"ticket_id":2003,"filename":"log.txt","data_base64":"aGVsbG8="}]`)
	id := ids(up.Body)
	down := getAsAdmin(t, s, "attachment/"+id)
	if down.Body != "hello" || down.Header.Get("Content-Disposition") != "attachment; filename=log.txt" {
		t.Errorf("%d %s %v", down.Status, down.Body, down.Header)
	}
	if a := getAsAdmin(t, s, "Attachment?ticket_id=2003"); strings.Contains(a.Body, "data_base64") || !strings.Contains(a.Body, `"filesize":5`) {
		t.Errorf("the list: %s", a.Body)
	}
	if a := getAsAdmin(t, s, "Tickets/2003"); !strings.Contains(a.Body, `"attachment_count":1`) {
		t.Errorf("its ticket: %s", a.Body)
	}
	if a := write(t, s, http.MethodPost, "Attachment", `[{"ticket_id":2005,"filename":"x","data_base64":""}]`); a.Status != 404 {
		t.Errorf("to a ticket that the agent does not see: %d", a.Status)
	}
}

// Filters that clients name (clients §4), and order=a desc (clients §3).
func TestFiltersThatClientsName(t *testing.T) {
	s := serve(t)
	writeAsAdmin(t, s, http.MethodPost, "Actions", `[{"ticket_id":2003,"outcome":"Note","hiddenfromuser":true}]`)
	for path, want := range map[string]string{
		"Tickets?order=id%20desc": "2005 2004 2003 2002 2001", "Tickets?client_ids=2,3": "2002 2003 2005", "Tickets?requesttype=1": "2001 2005",
		"Actions?ticket_id=2003": "1 2", "Actions?ticket_id=2003&excludeprivate=true": "1", "Status?excludeclosed=true": "1 2 28", "Status?type=1": "9",
		"Invoice?postedonly=true": "301", "Invoice?notpostedonly=true": "", "Priority?slaid=1&count=9": "",
	} {
		if got := ids(getAsAdmin(t, s, path).Body); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	writeAsAdmin(t, s, http.MethodPost, "Users", `[{"id":2,"phonenumber":"+44 20 7946 0000"}]`)
	if got := ids(getAsAdmin(t, s, "Users?search=7946&search_phonenumbers=true").Body); got != "2" {
		t.Errorf("by telephone: %s", got)
	}
	if got := ids(getAsAdmin(t, s, "Users?search=7946").Body); got != "" {
		t.Errorf("not by telephone: %s", got)
	}
}

// An action moves its ticket: wire-contract §2.7, clients §4 (new_status).
func TestAnActionMovesItsTicket(t *testing.T) {
	s := serve(t)
	writeAsAdmin(t, s, http.MethodPost, "Actions", `[{"ticket_id":2003,"outcome":"Closed","new_status":9,"datetime":"2026-06-01T10:00:00"}]`)
	closed := getAsAdmin(t, s, "Tickets/2003")
	if closed.field("lastactiondate") != "2026-06-01T10:00:00" || !strings.Contains(closed.Body, `"hasbeenclosed":true`) || strings.HasPrefix(closed.field("dateclosed"), "1900") {
		t.Errorf("closed: %s", closed.Body)
	}
	if got := ids(getAsAdmin(t, s, "Tickets?open_only=true").Body); got != "2001 2002 2004 2005" {
		t.Errorf("open ones: %s", got)
	}
	writeAsAdmin(t, s, http.MethodPost, "Actions", `[{"ticket_id":2003,"outcome":"Note","new_status":2}]`)
	if again := getAsAdmin(t, s, "Tickets/2003"); !strings.Contains(again.Body, `"hasbeenclosed":false`) || again.field("dateclosed") != "1900-01-01T00:00:00" {
		t.Errorf("opened again: %s", again.Body)
	}
}

// What was asked for and ignored stands in the journal, and with Strict it is a 400.
func TestWhatIsIgnoredIsTold(t *testing.T) {
	for _, strict := range []bool{false, true} {
		s := serveWith(t, fakehalo.Options{Strict: strict})
		for _, row := range []struct{ method, path, body, ignored string }{
			{"GET", "Tickets?tickettype_ids=1&nocache=x&client_id=1", "", "?nocache ?tickettype_ids"},
			{"POST", "Tickets", `[{"summary":"x","_novalidate":true}]`, "_novalidate"},
			{"GET", "Tickets?pageinate=true&page_no=1&page_size=5&search=x&tenant=acme&IncludeDetails=true", "", ""},
			// What the sources of clients name (clients §4), and no source tells the meaning of.
			{"GET", "Tickets?ticketidonly=true&includelastaction=true&linkedto_id=1&includechildren=true", "", "?includechildren ?includelastaction ?linkedto_id ?ticketidonly"},
			{"GET", "Actions?conversationonly=true&agentonly=true&excludesys=true", "", "?agentonly ?conversationonly"},
			// Paging is on with pageinate=true alone: wire-contract §2.5.
			{"GET", "Tickets?page_size=100&Page_No=2", "", "?page_no ?page_size"}, {"GET", "Tickets?paginate=true&pageinate=yes&page_no=2", "", "?page_no ?pageinate ?paginate"},
			{"GET", "Tickets?pageinate=true&page_no=0&page_size=many&count=true", "", "?page_no ?page_size"}, {"GET", "Status?pageinate=true&page_no=1", "", "?page_no ?pageinate"},
			{"GET", "Tickets?count=all&order=colour&datesearch=somewhen&startdate=2026-01-01", "", "?count ?datesearch ?order ?startdate"},
			{"GET", "Client?open_only=true&order=Name%20desc&count=2", "", "?open_only"}, {"GET", "Tickets/2001?page_no=1", "", ""},
			{"GET", "Tickets?datesearch=dateoccurred&startdate=2026-01-01&enddate=2027-01-01&open_only=false&pageinate=false", "", ""},
		} {
			a := writeAsAdmin(t, s, row.method, row.path, row.body)
			journal := s.Requests()
			if got := strings.Join(journal[len(journal)-1].Ignored, " "); got != row.ignored {
				t.Errorf("%s: the journal says %q", row.path, got)
			}
			if refused := a.Status == 400; refused != (strict && row.ignored != "") {
				t.Errorf("%s, strict %t: %d %s", row.path, strict, a.Status, a.Body)
			}
		}
	}
}
