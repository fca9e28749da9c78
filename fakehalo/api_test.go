package fakehalo_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo"
)

func TestScopesAreEnforced(t *testing.T) {
	s := serve(t)
	for _, row := range []struct {
		scope, path string
		status      int
	}{
		{"read:customers", "Client", 200},
		{"read:customers", "Tickets", 403},
		{"read:customers", "Item", 403},
		{"read:customers", "Invoice", 403},
		{"read:customers", "ClientContract", 403},
		{"edit:tickets", "Tickets", 200}, // edit: implies read:, halo-api §5
		{"edit:items", "Item", 200},
		{"edit:invoices", "Invoice", 200},
		{"edit:contracts", "ClientContract", 200},
		{"edit:tickets", "Client", 403},
		{"read:customers", "Agent/me", 200}, // needs no scope of its own
		{"read:customers", "Team", 200},
		{"read:customers", "TicketType", 200},
		{"read:customers", "Workday", 200},
		{"read:customers", "InstanceInfo", 200},
		{"", "Client", 403},
		{"", "Agent/me", 403},
		{"read:customers", "Roles", 403}, // administrators only
		{"read:customers", "Application", 403},
		{"read:customers", "Control", 403},
	} {
		if a := get(t, s, row.scope, row.path); a.Status != row.status {
			t.Errorf("%q asks for %s: %d %s", row.scope, row.path, a.Status, a.Body)
		}
	}
	for _, path := range []string{"Roles", "Roles/8C2F6A10-6f0e-4b4b-9a53-3d2a7c1b9e01", "Application", "Application/4b7a1c20-6d0f-4e0b-9f55-0a4c1e7d2b31", "Control", "Client"} {
		if a := getAsAdmin(t, s, path); a.Status != 200 {
			t.Errorf("the admin asks for %s: %d", path, a.Status)
		}
	}
	if a := loginAs(t, s, fakehalo.Credentials{ClientID: s.Admin.ClientID, ClientSecret: "x", Tenant: "acme"}, s.AuthURL, "all"); a.field("error") != "invalid_client" {
		t.Errorf("the admin with a wrong secret: %s", a.Body)
	}
}

func TestOneObjectAndNone(t *testing.T) {
	s := serve(t)
	for path, want := range map[string]string{
		"Client/2":         `{"accountmanagertech":0,"actionemail":0,"clearemail":0,"client_to_invoice":0,"client_to_invoice_recurring":0,"colour":"","confirmemail":0,"contract_tax_code":0,"customer_relationship":[],"customertype":0,"customfields":[],"default_currency_code":0,"default_mailbox_id":0,"excludefrominvoicesync":false,"id":2,"inactive":false,"is_account":false,"is_vip":false,"item_tax_code":0,"key":0,"mailbox_override":0,"main_site_id":0,"messagegroup_id":0,"name":"Globex","notes":"","overridepdftemplateinvoice":0,"overridepdftemplatequote":0,"percentage_to_survey":0,"prepay_tax_code":0,"pritech":0,"sectech":0,"service_tax_code":0,"stopped":0,"table":0,"taxable":false,"ticket_invoices_for_each_site":false,"toplevel_id":0,"toplevel_name":"","use":"","website":""}`,
		"client/99":        ``,
		"Agent/99":         ``,
		"Team":             `[{"agents":[],"department_id":1,"department_name":"Support","foropps":false,"forprojects":false,"forrequests":true,"guid":"5eed0000-0000-4000-8000-000000000001","id":1,"inactive":false,"name":"Service Desk","sequence":0,"ticket_count":0},{"agents":[],"department_id":1,"department_name":"Support","foropps":false,"forprojects":false,"forrequests":true,"guid":"5eed0000-0000-4000-8000-000000000002","id":2,"inactive":false,"name":"Projects","sequence":0,"ticket_count":0}]`,
		"TEAM/?tenant=x":   `[{"agents":[],"department_id":1,"department_name":"Support","foropps":false,"forprojects":false,"forrequests":true,"guid":"5eed0000-0000-4000-8000-000000000001","id":1,"inactive":false,"name":"Service Desk","sequence":0,"ticket_count":0},{"agents":[],"department_id":1,"department_name":"Support","foropps":false,"forprojects":false,"forrequests":true,"guid":"5eed0000-0000-4000-8000-000000000002","id":2,"inactive":false,"name":"Projects","sequence":0,"ticket_count":0}]`,
		"Invoice/301":      `{"client_id":1,"client_name":"Acme Ltd","contract_id":0,"currency_code":0,"dateposted":"1900-01-01T00:00:00","disabled":false,"id":301,"inactive":false,"invoice_date":"2026-05-01T00:00:00","invoicenumber":"INV-301","lines":[],"posted":true,"site_id":0,"tax_total":0.0,"thirdpartyinvoicenumber":"","total":0.0}`,
		"ClientContract/1": ``,
	} {
		if diff := cmp.Diff(want, get(t, s, guideScopes, path).Body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	service := func(names ...string) (out string) { // literally so: halo-live §2
		for _, name := range names {
			out += `"` + name + `_service_url":"` + s.URL + `/api/$ENDPOINT",`
		}
		return out
	}
	info := `{"agent_count":0,"agent_url":"` + s.URL + `","app_name":"Halo PSA","app_version":"2.250.32","auth_url":"` + s.URL + `/auth",` + service("automation", "chat") + `"database_version":"2250","dbid":"5eed0000-0000-4000-8000-000000000001","hosted_group":"",` + service("incoming") + `"last_login":"2026-05-13T17:58:02","last_task_run":"2026-05-13T18:00:00","licensed_agent_count":0,"mobileapp_enabled":true,"nhserver_version":"1364.01","online_agent_count":0,` + service("outgoing") + `"portal_url":"` + s.URL + `/portal",` + service("report", "schedule") + `"teams_chat_profile":0,"teamsbot_enabled":false,"tenant_id":"acme","using_event_service":true,"using_incoming_service":true,"using_outgoing_service":true,"using_scheduling_service":true}`
	if diff := cmp.Diff(info, get(t, s, guideScopes, "InstanceInfo").Body); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	bearer := login(t, s, guideScopes).field("access_token")
	if a := do(t, s, http.MethodDelete, s.URL+"/api/Client/2", bearer, nil); a.Status != 403 {
		t.Errorf("DELETE without edit:customers: %d %s", a.Status, a.Body)
	}
	if a := do(t, s, http.MethodPatch, s.URL+"/api/Tickets/2001", bearer, nil); a.Status != 405 {
		t.Errorf("PATCH: %d %s", a.Status, a.Body)
	}
	if a := do(t, s, http.MethodGet, s.URL+"/api/Cliant", bearer, nil); a.Status != 404 {
		t.Errorf("an unknown path: %d %s", a.Status, a.Body)
	}
}

func TestTheJournalNamesWhatWasProbablyMeant(t *testing.T) {
	s := serve(t)
	bearer := login(t, s, guideScopes).field("access_token")
	for request, want := range map[string]string{
		"GET /api/Cliant":                   "GET /api/Client",
		"GET /tickets":                      "GET /api/Tickets",
		"GET /Tickets/2001":                 "GET /api/Tickets/{id}",
		"POST /api/Ticket":                  "POST /api/Tickets",
		"PATCH /api/Tickets/2001":           "POST /api/Tickets",
		"PUT /api/Tickets":                  "POST /api/Tickets",
		"DELETE /api/Tickets":               "GET /api/Tickets",
		"POST /api/Team":                    "GET /api/Team",
		"POST /oauth/token":                 "POST /auth/token",
		"POST /api/auth/token":              "POST /auth/token",
		"GET /api/auth-info":                "GET /api/authinfo",
		"GET /api/Spaceship":                "",
		"GET /":                             "",
		"GET /api/Tickets/2001":             "",
		"GET /api/Tickets/4711":             "", // no such ticket, but the right question
		"POST /auth/token":                  "",
		"GET /" + strings.Repeat("x", 5000): "",
	} {
		method, path, _ := strings.Cut(request, " ")
		do(t, s, method, s.URL+path, bearer, nil)
		journal := s.Requests()
		if last := journal[len(journal)-1]; last.Near != want {
			t.Errorf("%.60s: %q, status %d", request, last.Near, last.Status)
		}
	}
}

func TestPagingIsOnOnlyWhenItIsAskedFor(t *testing.T) {
	s := serve(t)
	for query, want := range map[string]string{
		"":                                      `{"record_count":3,"clients":[1,2,3]}`,
		"?page_no=2&page_size=1":                `{"record_count":3,"clients":[1,2,3]}`,
		"?count=2":                              `{"record_count":2,"clients":[1,2]}`,
		"?count=true":                           `{"record_count":3,"clients":[1,2,3]}`,
		"?pageinate=true&page_size=2":           `{"page_no":1,"page_size":2,"record_count":3,"clients":[1,2]}`,
		"?pageinate=True&page_no=2&page_size=2": `{"page_no":2,"page_size":2,"record_count":3,"clients":[3]}`,
		"?pageinate=true&page_no=9":             `{"page_no":9,"page_size":50,"record_count":3,"clients":[]}`,
		"?pageinate=true&page_no=9223372036854775807&page_size=9223372036854775807": `{"page_no":9223372036854775807,"page_size":9223372036854775807,"record_count":3,"clients":[]}`,
		"?search=GLOB": `{"record_count":1,"clients":[2]}`,
	} {
		body := get(t, s, guideScopes, "Client"+query).Body
		body = regexp.MustCompile(`\{[^{}]*"id":(\d),[^{}]*\}`).ReplaceAllString(body, "$1") // a client is written as its id
		if body != want {
			t.Errorf("%q: %s", query, body)
		}
	}
}

func TestTheAgentSeesWhatItsRoleAndTeamsAllow(t *testing.T) {
	for _, row := range []struct {
		faults, path string
		want         []string // of these words, those that are in the answer
	}{
		{"healthy", "Tickets", []string{"Printer", "starter", "Backup", "Disk"}}, // Finance is not one of its teams
		{"no-view-others-tickets", "Tickets", []string{"Printer", "Backup", "Disk"}},
		{"restricted-ticket-types", "Tickets", []string{"Printer"}},
		{"restricted-clients", "Tickets", []string{"Printer", "Disk"}},
		{"agent-no-team", "Tickets", nil},
		{"restricted-clients", "Client", []string{"Acme"}},
		{"healthy", "Client", []string{"Acme", "Globex"}},
		{"clients-names-only", "Client", []string{"Acme", "Globex"}},
		{"clients-no-access", "Client", nil},
		{"restricted-ticket-types", "TicketType", []string{"Incident"}},
		{"healthy", "TicketType", []string{"Incident", "Alert"}},
		{"agent-no-team", "Team", nil},
	} {
		s := serve(t, row.faults)
		a := get(t, s, guideScopes, row.path)
		var got []string
		for _, word := range []string{"Printer", "starter", "Backup", "Disk", "Payment", "Acme", "Globex", "Incident", "\"Alert\"", "Desk\""} {
			if row.path == "Tickets" && (word == "Acme" || word == "Globex" || word == "Desk\"") {
				continue
			}
			if strings.Contains(a.Body, word) {
				got = append(got, strings.Trim(word, `"`))
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" || a.Status != 200 {
			t.Errorf("%s, %s: %d (-want +got)\n%s", row.faults, row.path, a.Status, diff)
		}
	}
	if a := get(t, serve(t, "clients-names-only"), guideScopes, "Client"); strings.Contains(a.Body, "inactive") {
		t.Errorf("more than names: %s", a.Body)
	}
	if a := getAsAdmin(t, serve(t), "Tickets"); !strings.Contains(a.Body, "Payment overdue") {
		t.Errorf("the admin sees %s", a.Body)
	}
}

func TestAListOfAgentsHasNoClaims(t *testing.T) {
	s := serve(t)
	if a := get(t, s, guideScopes, "Agent"); strings.Contains(a.Body, "MSPCentric") || !strings.HasPrefix(a.Body, `{"results":[{"id":1,"name":"Unassigned"}`) {
		t.Errorf("API-only agents are hidden: %s", a.Body)
	}
	a := get(t, s, guideScopes, "Agent?includeapiagents=true")
	if !strings.Contains(a.Body, `"name":"MSPCentric"`) || strings.Contains(a.Body, "claims") || strings.Contains(a.Body, `"roles"`) {
		t.Errorf("API-only agents are asked for: %s", a.Body)
	}
	if a := get(t, serve(t, "agent-not-api-only", "agent-disabled"), guideScopes, "Agent?includeapiagents=true"); strings.Contains(a.Body, "MSPCentric") {
		t.Errorf("disabled agents are hidden: %s", a.Body)
	}
	if a := get(t, s, guideScopes, "Agent/12"); !strings.Contains(a.Body, `"claims":[`) {
		t.Errorf("one agent: %s", a.Body)
	}
	if a := getAsAdmin(t, s, "Agent/me"); a.field("name") != "Administrator" || !strings.Contains(a.Body, `{"type":"SA","value":"true"}`) {
		t.Errorf("the admin: %s", a.Body)
	}
}
