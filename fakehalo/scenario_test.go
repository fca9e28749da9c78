package fakehalo_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/halocheck/halocheck/fakehalo"
)

const scenarios = "../fixtures/scenarios/"

// fits tells whether a scenario's text fits the published JSON Schema.
func fits(t *testing.T, text []byte) bool {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(scenarios + "scenario.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return false
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value) == nil
}

func load(t *testing.T, name string) *fakehalo.Server {
	t.Helper()
	text, err := os.ReadFile(scenarios + name)
	if err != nil {
		t.Fatal(err)
	}
	if !fits(t, text) {
		t.Errorf("%s does not fit the schema", name)
	}
	o, err := fakehalo.ReadScenario(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return serveWith(t, o)
}

func TestTheScenariosThatComeWithTheFake(t *testing.T) {
	files, err := filepath.Glob(scenarios + "*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	if diff := cmp.Diff(healthySight, see(t, load(t, "healthy.yaml"))); diff != "" {
		t.Errorf("healthy (-want +got):\n%s", diff)
	}
	narrow := load(t, "narrow-agent.yaml")
	if got := ids(get(t, narrow, guideScopes, "Tickets").Body); got != "2001" {
		t.Errorf("the narrow agent sees %s", got)
	}
	if !strings.Contains(get(t, narrow, guideScopes, "Agent/me").Body, "Customers_Level") {
		t.Error("its claims have no long names")
	}
	busy := load(t, "busy-desk.yaml")
	if body := getAsAdmin(t, busy, "Tickets?pageinate=true&page_size=1").Body; !strings.Contains(body, `"record_count":1001`) {
		t.Error(body)
	}
	if a := get(t, busy, guideScopes, "Tickets/5001"); a.field("summary") != "The one that the test looks for" || a.field("client_name") != "Globex" {
		t.Error(a.Body)
	}
	flaky := load(t, "flaky.yaml")
	if a := login(t, flaky, guideScopes); a.Status != 500 {
		t.Errorf("the first token: %d", a.Status)
	}
	if a := login(t, flaky, guideScopes); a.Status != 200 {
		t.Errorf("the second: %d", a.Status)
	}
	if err := flaky.Reset(); err != nil || len(flaky.Injected()) != 3 {
		t.Errorf("a reset goes back to the scenario: %v %v", flaky.Injected(), err)
	}
}

func TestAScenariosMistakesAreToldWithFileLineAndField(t *testing.T) {
	for text, row := range map[string]struct {
		want string
		fits bool // the schema cannot know names
	}{
		"version: 1.0.0\nagents: {}\n":                          {`s.yaml:2: unknown field "agents"`, false},
		"agent:\n  disabled: perhaps\n":                         {`s.yaml:2: cannot unmarshal string into Go struct field scenario.Agent of type bool`, false},
		"dialects:\n  claims: short\n":                          {`s.yaml:2: dialects.claims: the dialect claims is one of code, long, not "short"`, true},
		"faults:\n- healthy\n- wrong-secrt\n":                   {`s.yaml:3: faults[1]: there is no fault "wrong-secrt" (did you mean wrong-secret or wrong-tenant or wrong-order?)`, true},
		"role:\n  levels:\n    client: 2\n":                     {`s.yaml:3: role.levels.client: there is no level of that name; they are assets, calendar, clients, contracts, invoices, items, kb, projects, quotes, reporting, sales, suppliers, tickets, timesheets, users`, false},
		"role:\n  levels:\n    clients: 4\n":                    {`s.yaml:3: role.levels.clients: a level is 0 to 3, not 4`, false},
		"role:\n  permissions:\n    fly: true\n":                {`s.yaml:3: role.permissions.fly: there is no permission of that name; they are add_tickets, all_clients, all_ticket_types, edit_advanced_details, edit_closed_tickets, edit_others_tickets, remove_tickets, view_others_tickets`, false},
		"application:\n  permissions: [read:users]\n":           {`s.yaml:2: application.permissions[0]: there is no permission "read:users"`, true},
		"injections:\n- operation: GET /api/X\n  status: 500\n": {`s.yaml:2: injections[0]: there is no operation "GET /api/X" (did you mean "GET /api/SLA"?)`, true},
		"data:\n  sizes:\n    Ticket: 5\n":                      {`s.yaml:3: data.sizes.Ticket: no resource "Ticket" keeps records (did you mean Tickets?)`, true},
		"data:\n  sizes:\n    Tickets: 1000001\n":               {`s.yaml:3: data.sizes.Tickets: a size is 0 to 1000000, not 1000001`, false},
		"data:\n  records:\n    Team:\n    - id: 1\n":           {`s.yaml:4: data.records.Team: no resource of that name keeps records`, true},
		"data:\n  records:\n    Client:\n    - nmae: x\n":       {`s.yaml:4: data.records.Client[0].nmae: the resource has no such field`, true},
		"data:\n  records:\n    Client:\n    - id: x\n":         {`s.yaml:4: data.records.Client[0]: The value of id is wrong: "x" is no int.`, true},
		"version: [\n": {`s.yaml:1: sequence end token ']' not found`, false},
	} {
		_, err := fakehalo.ReadScenario("s.yaml", []byte(text))
		if err == nil || err.Error() != row.want {
			t.Errorf("%q: %v", text, err)
		}
		if got := fits(t, []byte(text)); got != row.fits {
			t.Errorf("%q fits the schema: %v", text, got)
		}
	}
	if o, err := fakehalo.ReadScenario("s.yaml", nil); err != nil || get(t, serveWith(t, o), guideScopes, "Client").Status != http.StatusOK {
		t.Errorf("an empty one is the healthy instance: %v", err)
	}
}
