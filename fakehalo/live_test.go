package fakehalo_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// keysOf are the names of the first object of an answer, in their order.
func keysOf(body string) string {
	first, _, _ := strings.Cut(body, "}")
	var out []string
	for _, m := range regexp.MustCompile(`"([A-Za-z_]+)":`).FindAllStringSubmatch(first, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestWhatLiveInstancesWereSeenToAnswer has a row for each answer that somebody reported of a live instance.
func TestWhatLiveInstancesWereSeenToAnswer(t *testing.T) {
	s := serve(t)
	for _, row := range []struct{ fact, path, want string }{
		{"halo-live §2", "InstanceInfo", `^200 \{.*"database_version":"2250","dbid":"[0-9a-f-]{36}","hosted_group":"".*"nhserver_version":"1364.01"`},
		{"halo-live §5: unknown route", "Tikets", `^404 $`},
		{"halo-live §5: unknown id", "Tickets/4711", `^404 $`},
		{"halo-live §5: unknown application", "Application/4711", `^404 $`},
		{"halo-live §5: unknown role", "Roles/4711", `^404 $`},
		{"halo-live §5: id that is no number", "Tickets/probe", `^400 \{"id":\["The value 'probe' is not valid\."\]\}$`},
		{"halo-live §5: enveloped without paging", "Agent", `^200 \{"results":\[\{`},
		{"halo-live §5: for a client's users", "Client/me", `^401 $`},
		{"halo-live §5: even with every scope", "Timesheet/mine", `^403 $`},
		{"halo-live §5: a ticket's number is no priority's id", "Priority/1", `^404 $`},
		{"halo-live §5: one row a priority and SLA", "Priority", `^200 \[\{.*"id":"[0-9a-f-]{36}".*"priorityid":1,"priorityorder":1,"responsetime":1,"slaid":1\}.*"priorityid":1,"priorityorder":1,"responsetime":1,"slaid":2\}`},
		{"clients §3: type tells open from closed", "Status", `"name":"New",[^}]*"type":0\}.*"name":"Closed",[^}]*"type":1\}`},
	} {
		a := getAsAdmin(t, s, row.path)
		if got := fmt.Sprintf("%d %s", a.Status, a.Body); !regexp.MustCompile(row.want).MatchString(got) {
			t.Errorf("%s, %s: %s", row.fact, row.path, got)
		}
	}
	if got := keysOf(getAsAdmin(t, s, "Roles").Body); got != "id id_int name notes" { // halo-live §5
		t.Errorf("a role in the list has %s", got)
	}
	list := getAsAdmin(t, s, "Application").Body
	for _, key := range strings.Fields("allowagents allowusers authorizations clientId concurrencyToken cors_whitelist credential_type displayName grant_type id inactive " +
		"language_id loginas_agent_id loginas_agent_name loginas_client_id loginas_supplier_id loginentity logoutredirecturi organisation_id postLogoutRedirectUris " +
		"redirectUris redirecturi system_use") { // halo-live §5
		if !strings.Contains(list, `"`+key+`":`) {
			t.Errorf("an application in the list has no %s", key)
		}
	}
	if strings.Contains(list, `"scopes"`) {
		t.Errorf("the list of applications tells their scopes: %s", list)
	}
	// halo-live §2: without a token. wire-contract §2.2 has the fields that clients need before they log in.
	if a := do(t, s, http.MethodGet, s.URL+"/api/InstanceInfo", "", nil); a.Status != 200 || a.field("auth_url") != s.URL+"/auth" || a.field("tenant_id") != "acme" {
		t.Errorf("InstanceInfo: %d %s", a.Status, a.Body)
	}
	// The stable version is the newest of the table that halocheck judges by.
	table, err := os.ReadFile("../probes/product/versions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if newest := regexp.MustCompile(`version: "([0-9.]+)", channel: stable`).FindSubmatch(table); newest == nil || !strings.HasPrefix(s.Stable, string(newest[1])+".") {
		t.Errorf("the stable version is %s, and the table has %s", s.Stable, newest)
	}
	// halo-live §2 has its fields at 2.236; hosted_group is empty on premises, which is inferred: the dialect hosting.
	const info = "agent_count agent_url app_name app_version auth_url automation_service_url chat_service_url database_version dbid hosted_group incoming_service_url last_login " +
		"last_task_run licensed_agent_count mobileapp_enabled nhserver_version online_agent_count outgoing_service_url portal_url report_service_url schedule_service_url " +
		"teams_chat_profile teamsbot_enabled tenant_id using_event_service using_incoming_service using_outgoing_service using_scheduling_service"
	if got := keysOf(do(t, s, http.MethodGet, s.URL+"/api/InstanceInfo", "", nil).Body); got != info {
		t.Errorf("InstanceInfo has %s", got)
	}
	// halo-live §5: 403 and 500 are empty as well.
	if a := get(t, s, "read:tickets", "Client"); a.Status != 403 || a.Body != "" {
		t.Errorf("without the scope: %d %s", a.Status, a.Body)
	}
	broken := serve(t)
	if err := broken.Inject(fakehalo.Injection{Operation: "GET /api/Team", Status: 500}); err != nil {
		t.Fatal(err)
	}
	if a := getAsAdmin(t, broken, "Team"); a.Status != 500 || a.Body != "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	// halo-live §4: opaque, 43 characters, 3600 seconds, an id_token beside it; §6: 700 requests in a rolling five minutes.
	if a := login(t, s, "all"); len(a.field("access_token")) != 43 || !strings.Contains(a.Body, `"expires_in":3600`) || a.field("id_token") == "" {
		t.Errorf("the token: %s", a.Body)
	}
	for scope, want := range map[string]string{"read:tickets read:teams": "400 invalid_scope", "read:agents": "400 invalid_scope"} {
		if a := login(t, s, scope); fmt.Sprint(a.Status, " ", a.field("error")) != want {
			t.Errorf("halo-live §4, %s: %d %s", scope, a.Status, a.Body)
		}
	}
	for _, row := range []struct{ fact, path, body, want string }{
		{"halo-live §5: a bare object", "Tickets", `{"summary":"x"}`, `^400 \{"":\[".*requires a JSON array`},
		{"halo-live §5: recorded", "Actions", `[{"outcome_id":"abc"}]`, `^400 \{"\[0\]\.outcome_id":\["Could not convert string to integer: abc\. Path '\[0\]\.outcome_id', line 1, position 20\."\]\}$`},
		{"halo-live §5: a number with a fraction", "Tickets", `[{"impact":95.0}]`, `^400 \{"\[0\]\.impact":\["Input string '95\.0' is not a valid integer`},
		{"halo-live §5: twelve fields", "Actions", `[{"ticket_id":2001}]`, `^400 \{"ClassName":"System\.Exception","Message":"An Outcome must be entered for this Action","Data":null,"InnerException":null,` +
			`"HelpURL":null,"StackTraceString":null,"RemoteStackTraceString":null,"RemoteStackIndex":0,"ExceptionMethod":null,"HResult":-2146233088,"Source":null,"WatsonBuckets":null\}$`},
	} {
		a := writeAsAdmin(t, s, http.MethodPost, row.path, row.body)
		if got := fmt.Sprintf("%d %s", a.Status, a.Body); !regexp.MustCompile(row.want).MatchString(got) {
			t.Errorf("%s: %s", row.fact, got)
		}
	}
}
