package fakehalo_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// TestRecordsLookLikeADesks: of every status, open and closed as their status says (clients §3), with what a desk writes down; the
// same seed gives the same records. Dates that are not set hold the sentinel (halo-api §11).
func TestRecordsLookLikeADesks(t *testing.T) {
	page := func(seed uint64) string {
		s := serveWith(t, fakehalo.Options{PlainHTTP: true, Seed: fakehalo.Seed{Number: seed, Sizes: map[string]int{"Tickets": 400}}})
		return getAsAdmin(t, s, "Tickets?pageinate=true&page_size=1000").Body
	}
	body := page(42)
	if body != page(42) {
		t.Error("the same seed gives other records")
	}
	if body == page(43) {
		t.Error("another seed gives the same records")
	}
	var list struct {
		Tickets []struct {
			ID, Status_ID, Agent_ID, Priority_ID, Tickettype_ID, Contract_ID, Client_ID                   int
			Hasbeenclosed                                                                                 bool
			Details, Category_1, Team, Dateoccurred, Dateclosed, Lastactiondate, Fixbydate, Respondbydate string
		}
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Tickets) != 400 {
		t.Fatal(len(list.Tickets), err)
	}
	seen := map[string][]int{}
	note := func(what string, value int) {
		if !slices.Contains(seen[what], value) {
			seen[what] = append(seen[what], value)
		}
	}
	const never = "1900-01-01T00:00:00"
	for _, one := range list.Tickets[5:] { // after the small set
		closed := one.Status_ID == 9
		if one.Hasbeenclosed != closed || (one.Dateclosed != never) != closed || closed && (one.Dateclosed <= one.Dateoccurred || one.Lastactiondate != one.Dateclosed) {
			t.Errorf("closed or not: %+v", one)
		}
		if one.Details == "" || one.Category_1 == "" || one.Team == "" || one.Respondbydate <= one.Dateoccurred || one.Fixbydate <= one.Respondbydate || (one.Contract_ID == 41) != (one.Client_ID == 1) {
			t.Errorf("not what a desk writes down: %+v", one)
		}
		note("statuses", one.Status_ID)
		note("agents", one.Agent_ID)
		note("priorities", one.Priority_ID)
		note("types", one.Tickettype_ID)
	}
	for what, want := range map[string]int{"statuses": 4, "agents": 3, "priorities": 3, "types": 3} {
		if len(seen[what]) != want {
			t.Errorf("%s: %v", what, seen[what])
		}
	}
	// The small set agrees with its own actions and files.
	small := getAsAdmin(t, serve(t), "Tickets/2001").Body
	if !strings.Contains(small, `"attachment_count":1`) || !strings.Contains(small, `"lastactiondate":"2026-05-13T18:05:00"`) {
		t.Error(small)
	}
	// HTML is written as it is, as by a serialiser that is not Go's.
	s := serve(t)
	if a := write(t, s, "POST", "Actions", `[{"ticket_id":2003,"outcome":"Note","note_html":"<b>a & b</b>"}]`); !strings.Contains(a.Body, `"note_html":"<b>a & b</b>"`) {
		t.Error(a.Body)
	}
}
