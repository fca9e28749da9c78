package fakehalo_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// everyScope is what an application that may do everything holds, area by area.
var everyScope = []string{
	"read:customers", "edit:customers", "read:tickets", "edit:tickets", "read:items", "edit:items", "read:invoices", "edit:invoices",
	"read:contracts", "edit:contracts", "read:assets", "edit:assets", "admin:webhooks",
}

// areaOf is the scope's area that each kept resource is asked for with; empty: reading needs none, writing an administrator.
var areaOf = map[string]string{
	"Client": "customers", "Site": "customers", "Users": "customers", "Tickets": "tickets", "Actions": "tickets", "Item": "items",
	"Invoice": "invoices", "RecurringInvoice": "invoices", "ClientContract": "contracts", "Asset": "assets",
	"Status": "", "Priority": "", "Lookup": "", "Team": "", "TicketType": "", "Workday": "", "Agent": "", "InstanceInfo": "",
}

// TestEveryOperationChecksTokenAndScope asks every operation without a token, with every scope but its own, and with its
// own alone.
func TestEveryOperationChecksTokenAndScope(t *testing.T) {
	granted := strings.Join(everyScope, ", ")
	o, err := fakehalo.ReadScenario("all.yaml", []byte("application:\n  permissions: ["+granted+"]\nrole:\n  levels: {clients: 3, users: 3, items: 3, invoices: 3, contracts: 2, tickets: 2, assets: 3}\n  permissions: {remove_tickets: true}\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := serveWith(t, o)
	bearers := map[string]string{}
	with := func(scopes string) string {
		if bearers[scopes] == "" {
			bearers[scopes] = login(t, s, scopes).field("access_token")
		}
		return bearers[scopes]
	}
	for _, operation := range fakehalo.Operations() {
		method, path, _ := strings.Cut(operation, " ")
		resource := strings.TrimSuffix(strings.TrimPrefix(path, "/api/"), "/{id}")
		area, known := areaOf[resource]
		if !known {
			continue // public, or an administrator's: tested on their own
		}
		id := someID[resource]
		if id == "" {
			id = "1"
		}
		path = strings.TrimPrefix(strings.Replace(path, "{id}", id, 1), "/api/")
		ask := func(scopes string) int {
			bearer := ""
			if scopes != "no token" {
				bearer = with(scopes)
			}
			return writeWith(t, s, bearer, method, path, `[{"ticket_id":2001,"outcome":"Note","agent_id":12}]`).Status
		}
		write := method == http.MethodPost || method == http.MethodDelete
		want := map[string]int{"no token": 401}
		if operation == "GET /api/InstanceInfo" {
			want["no token"] = 200 // halo-live §2
		}
		ok := map[string]int{http.MethodGet: 200, http.MethodPost: 201, http.MethodDelete: 200}[method]
		switch {
		case area == "" && write:
			want[strings.Join(everyScope, " ")] = 403
		case area == "":
			want["read:items"] = ok
		default:
			var others []string
			for _, scope := range everyScope {
				if !strings.HasSuffix(scope, ":"+area) {
					others = append(others, scope)
				}
			}
			want[strings.Join(others, " ")] = 403
			want["read:"+area] = map[bool]int{true: 403, false: ok}[write]
			if method != http.MethodDelete { // one record can be deleted once: after the others have asked
				want["edit:"+area] = ok
			}
		}
		for scopes, status := range want {
			if got := ask(scopes); got != status {
				t.Errorf("%s with %s: %d, not %d", operation, scopes, got, status)
			}
		}
	}
	for _, status := range []struct {
		scopes string
		want   int
	}{{"read:tickets edit:tickets", 401}, {"admin:webhooks", 200}} { // 401 is recorded: halo-api §5
		if got := do(t, s, http.MethodGet, s.URL+"/api/Webhook", with(status.scopes), nil).Status; got != status.want {
			t.Errorf("/Webhook with %s: %d", status.scopes, got)
		}
	}
}

// TestLevelsAndPermissionsDecideWhatMayBeWritten lowers one thing at a time.
func TestLevelsAndPermissionsDecideWhatMayBeWritten(t *testing.T) {
	all := "application:\n  permissions: [" + strings.Join(everyScope, ", ") + "]\nrole:\n"
	scopes := strings.Join(everyScope, " ")
	for _, row := range []struct {
		role, method, path, body string
		want                     int
	}{
		{"  levels: {clients: 2}", "POST", "Client", `[{"name":"x"}]`, 403},
		{"  levels: {clients: 3}", "POST", "Client", `[{"name":"x"}]`, 201},
		{"  levels: {clients: 3}", "DELETE", "Client/1", "", 200},
		{"  levels: {users: 2}", "POST", "Users", `[{"name":"x"}]`, 403},
		{"  levels: {items: 2}", "POST", "Item", `[{"name":"x"}]`, 403},
		{"  levels: {contracts: 1}", "POST", "ClientContract", `[{"ref":"x"}]`, 403},
		{"  levels: {invoices: 1}", "POST", "Invoice", `[{"client_id":1}]`, 403},
		{"  levels: {invoices: 2}", "POST", "Invoice", `[{"client_id":1}]`, 201},
		{"  levels: {invoices: 2}", "DELETE", "Invoice/301", "", 403},
		{"  levels: {invoices: 3}", "DELETE", "Invoice/301", "", 200},
		{"  levels: {tickets: 1}", "POST", "Tickets", `[{"id":2003,"impact":1}]`, 403},
		{"  permissions: {add_tickets: false}", "POST", "Tickets", `[{"summary":"x"}]`, 403},
		{"  permissions: {add_tickets: false}", "POST", "Tickets", `[{"id":2003,"impact":1}]`, 201},
		{"  permissions: {edit_others_tickets: false}", "POST", "Tickets", `[{"id":2002,"impact":1}]`, 403},
		{"  permissions: {edit_others_tickets: false}", "POST", "Tickets", `[{"id":2003,"impact":1}]`, 201},
		{"  permissions: {view_others_tickets: false}", "POST", "Tickets", `[{"id":2002,"impact":1}]`, 404},
		{"  permissions: {remove_tickets: false}", "DELETE", "Tickets/2003", "", 403},
		{"  permissions: {remove_tickets: true}", "DELETE", "Tickets/2003", "", 200},
		{"  permissions: {remove_tickets: true}", "DELETE", "Tickets/2005", "", 404}, // of a team that it does not see
		{"  clients: [Acme Ltd]", "GET", "Tickets/2002", "", 404},
		{"  clients: [Acme Ltd]", "GET", "Site/2", "", 404},
		{"  clients: [Acme Ltd]", "GET", "Site/1", "", 200},
		{"  ticket_types: [Incident]", "GET", "Tickets/2003", "", 404},
		{"  ticket_types: [Incident]", "POST", "Actions", `[{"ticket_id":2003,"outcome":"Note"}]`, 404},
		{"  ticket_types: [Incident]", "GET", "Actions/1?ticket_id=2003", "", 404},
	} {
		o, err := fakehalo.ReadScenario("role.yaml", []byte(all+row.role+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		s := serveWith(t, o)
		bearer := login(t, s, scopes).field("access_token")
		if a := writeWith(t, s, bearer, row.method, row.path, row.body); a.Status != row.want {
			t.Errorf("%s: %s %s: %d %s", row.role, row.method, row.path, a.Status, a.Body)
		}
	}
	s := serve(t)
	writeAsAdmin(t, s, http.MethodPost, "Tickets", `[{"id":2003,"status_id":9}]`)
	closed := serve(t, "no-edit-closed-tickets")
	writeAsAdmin(t, closed, http.MethodPost, "Tickets", `[{"id":2003,"status_id":9}]`)
	for server, want := range map[*fakehalo.Server]int{s: 201, closed: 403} {
		if a := write(t, server, http.MethodPost, "Tickets", `[{"id":2003,"impact":1}]`); a.Status != want {
			t.Errorf("a closed ticket: %d, not %d", a.Status, want)
		}
	}
}
