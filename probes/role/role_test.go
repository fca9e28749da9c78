package role

import (
	"reflect"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// held is an agent that holds claims through one role.
func held(claims ...halo.Claim) Permissions {
	return Permissions{Agent: halo.Agent{
		Name: "Ada", Claims: []halo.Claim{}, Roles: []halo.Role{{Name: "Integration", Claims: claims}},
		Fields: halo.Fields{Teams: true, Clients: true, TicketTypes: true, Roles: true, Claims: true},
	}}
}

func expect(t *testing.T, got probes.Verdict, status probes.Status, cause probes.Cause, says string) {
	t.Helper()
	if got.Status != status || got.Cause != cause || !strings.Contains(got.Because, says) {
		t.Errorf("got %s %s %q; want %s %s with %q", got.Status, got.Cause, got.Because, status, cause, says)
	}
}

func TestLevel(t *testing.T) {
	hidden := held()
	hidden.Agent.Claims, hidden.Hidden = []halo.Claim{{Type: "Tx", Value: "1"}}, []string{"Integration"}
	merged := held()
	merged.Agent.Claims, merged.Hidden = []halo.Claim{{Type: "Tx", Value: "1"}, {Type: "Cx", Value: "2"}, {Type: "Xx", Value: "2"}}, []string{"Integration"}
	yes := true
	flagged := held(halo.Claim{Type: "Tx", Value: "1"})
	flagged.Agent.Admin = &yes
	empty := 0
	blind := held(halo.Claim{Type: "Tx", Value: "2"})
	blind.Lists = map[string]application.List{"tickets": {Answer: halo.Answer{Path: "Tickets", Status: 200}, Rows: &empty}}

	shut := func(scoped bool, claims ...halo.Claim) Permissions {
		r := held(claims...)
		r.Lists, r.Scoped = map[string]application.List{"tickets": {Answer: halo.Answer{Path: "Tickets", Status: 403}}}, map[string]bool{"tickets": scoped}
		return r
	}

	two := 2
	opens := held(halo.Claim{Type: "Tx", Value: "2"})
	opens.Lists, opens.Scoped = map[string]application.List{"tickets": {Answer: halo.Answer{Path: "Tickets", Status: 200}, Rows: &two}}, map[string]bool{"tickets": true}

	for _, test := range []struct {
		name             string
		rights           Permissions
		feature, atLeast string
		status           probes.Status
		cause            probes.Cause
		says             string
	}{
		{"enough", held(halo.Claim{Type: "Tx", Value: "2"}), "tickets", "Read and Modify", probes.Passed, probes.OK, `Read and Modify (from the role "Integration")`},
		{"too low", held(halo.Claim{Type: "Tx", Value: "1"}), "tickets", "Read and Modify", probes.Failed, probes.LevelTooLow, "tickets is Read Only"},
		{"more than enough", held(halo.Claim{Type: "Ux", Value: "3"}), "clients", "Read Only", probes.Passed, probes.OK, "Read and Modify"},
		{"two is enough for clients in either coding", held(halo.Claim{Type: "Ux", Value: "2"}), "clients", "Read Only", probes.Passed, probes.OK, "Read Only or Read and Modify"},
		{"names only, or the older Read Only", held(halo.Claim{Type: "Ux", Value: "1"}), "clients", "Read Only", probes.Unknown, LevelAmbiguous, "View (Names Only) or Read Only"},
		{"names only", held(halo.Claim{Type: "Ux", Value: "1"}, halo.Claim{Type: "Ix", Value: "3"}), "clients", "Read Only", probes.Failed, probes.LevelTooLow, "View (Names Only)"},
		{"an older Read Only", held(halo.Claim{Type: "Customers_Level", Value: "1"}), "clients", "Read Only", probes.Passed, probes.OK, "Read Only"},
		{"items one is too low in either coding", held(halo.Claim{Type: "Ix", Value: "1"}), "items", "Read and Modify", probes.Failed, probes.LevelTooLow, "View (Names Only) or Read Only"},
		{"items two may be either", held(halo.Claim{Type: "Ix", Value: "2"}), "items", "Read and Modify", probes.Unknown, LevelAmbiguous, "Ix = 2"},
		{"invoices by their newer words", held(halo.Claim{Type: "Xx", Value: "2"}), "invoices", "Read, Create and Modify", probes.Passed, probes.OK, "Read, Create and Modify"},
		{"invoices by their older words", held(halo.Claim{Type: "Xx", Value: "2"}), "invoices", "Read and Modify", probes.Passed, probes.OK, "Read, Create and Modify"},
		{"invoices to read", held(halo.Claim{Type: "Xx", Value: "1"}), "invoices", "Read, Create and Modify", probes.Failed, probes.LevelTooLow, "Read Only"},
		{"a step whose claim nobody knows", held(halo.Claim{Type: "Hx", Value: "3"}), "timesheets", "Read Only (All), Modify Own", probes.Unknown, probes.ClaimAbsent, "no source tells how HaloPSA writes Read Only (All), Modify Own"},
		{"what surely includes it", held(halo.Claim{Type: "Hx", Value: "4"}), "timesheets", "Read Only (All), Modify Own", probes.Passed, probes.OK, "Read and Modify (All)"},
		{"what surely does not", held(halo.Claim{Type: "Hx", Value: "1"}), "timesheets", "Read Only (All), Modify Own", probes.Failed, probes.LevelTooLow, "Read and Modify (Own)"},
		{"a larger number that allows less", held(halo.Claim{Type: "Hx", Value: "3"}), "timesheets", "Read and Modify (Own)", probes.Failed, probes.LevelTooLow, "Read Only"},
		{"administrator", held(halo.Claim{Type: "SA", Value: "true"}, halo.Claim{Type: "Tx", Value: "0"}), "tickets", "Read and Modify", probes.Passed, probes.OK, "administrator"},
		{"no claims at all", held(), "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "no claim"},
		{"others of its kind are there", held(halo.Claim{Type: "Cx", Value: "2"}), "tickets", "Read and Modify", probes.Failed, probes.LevelTooLow, "No Access"},
		{"another family is there", held(halo.Claim{Type: "l6", Value: "1"}), "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "no claim"},
		{"one beyond the scale", held(halo.Claim{Type: "Tx", Value: "3"}), "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "no level that is known"},
		{"a level beyond the scale", held(halo.Claim{Type: "Tx", Value: "7"}), "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "no level that is known"},
		{"a role in the dark may grant more", hidden, "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "the claims of Integration are not shown"},
		{"merged claims do not stand for a hidden role", merged, "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "the claims of Integration are not shown"},
		{"merged claims that are enough", merged, "contracts", "Read and Modify", probes.Passed, probes.OK, `the agent "Ada"`},
		{"called an administrator elsewhere", flagged, "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "administrator"},
		{"a list without rows is told", blind, "tickets", "Read and Modify", probes.Passed, probes.OK, "GET /Tickets answers with no rows"},
		{"enough, and yet the list is refused", shut(true, halo.Claim{Type: "Tx", Value: "2"}), "tickets", "Read and Modify", probes.Unknown, probes.NotObserved, "yet GET /Tickets answers status 403"},
		{"so is an administrator", shut(true, halo.Claim{Type: "SA", Value: "true"}), "tickets", "Read and Modify", probes.Unknown, probes.NotObserved, "yet GET /Tickets"},
		{"enough, and the scope is why the list is refused", shut(false, halo.Claim{Type: "Tx", Value: "2"}), "tickets", "Read and Modify", probes.Passed, probes.OK, "status 403"},
		{"enough, and a list that opens though a scope was seen", opens, "tickets", "Read and Modify", probes.Passed, probes.OK, "answers with 2 rows"},
		{"a value that is no number", held(halo.Claim{Type: "Tx", Value: "Read and Modify"}, halo.Claim{Type: "Cx", Value: "2"}), "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "the claim Tx has a value that cannot be read"},
		{"too low by one, and another is no number", held(halo.Claim{Type: "Tx", Value: "1"}, halo.Claim{Type: "Tx", Value: ""}), "tickets", "Read and Modify", probes.Unknown, probes.ClaimAbsent, "the claim Tx has a value that cannot be read"},
		{"a number with a fraction of nothing", held(halo.Claim{Type: "Tx", Value: "2.0"}), "tickets", "Read and Modify", probes.Passed, probes.OK, "Read and Modify"},
		{"too low, and the list is refused", shut(true, halo.Claim{Type: "Tx", Value: "0"}), "tickets", "Read and Modify", probes.Failed, probes.LevelTooLow, "No Access"},
	} {
		t.Run(test.name, func(t *testing.T) {
			expect(t, judgeLevel(test.rights, test.feature, test.atLeast), test.status, test.cause, test.says)
		})
	}
}

func TestPermission(t *testing.T) {
	for _, test := range []struct {
		name   string
		rights Permissions
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"on", held(halo.Claim{Type: "l6", Value: "1"}), probes.Passed, probes.OK, "may add new tickets"},
		{"on, by its long name", held(halo.Claim{Type: "Can_Log_Tickets", Value: "true"}), probes.Passed, probes.OK, "may add new tickets"},
		{"off", held(halo.Claim{Type: "l6", Value: "0"}), probes.Failed, probes.PermissionOff, "may not add new tickets"},
		{"administrator", held(halo.Claim{Type: "Administration", Value: "true"}, halo.Claim{Type: "l6", Value: "0"}), probes.Passed, probes.OK, "administrator"},
		{"nothing is known", held(halo.Claim{Type: "Tx", Value: "2"}), probes.Unknown, probes.ClaimAbsent, "whether it may add new tickets"},
		{"a value that is no number", held(halo.Claim{Type: "l6", Value: "yes"}, halo.Claim{Type: "l8", Value: "1"}), probes.Unknown, probes.ClaimAbsent, "the claim l6 has a value that cannot be read"},
		{"only its neighbours are there", held(halo.Claim{Type: "l8", Value: "1"}), probes.Failed, probes.PermissionOff, "the claim l6 is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			expect(t, judgePermission(test.rights, "add-tickets", ""), test.status, test.cause, test.says)
		})
	}
}

func TestRestriction(t *testing.T) {
	restricted := func(claims ...halo.Claim) Permissions {
		r := held(claims...)
		r.Agent.Clients = []halo.RestrictionEntry{{Name: "Globex", Role: "Integration"}}
		r.Agent.Roles[0].Clients = []halo.RestrictionEntry{{Name: "Globex"}}
		return r
	}
	unseen := held()
	unseen.Agent.Fields.Clients = false
	for _, test := range []struct {
		name   string
		rights Permissions
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"allowed by the setting", held(halo.Claim{Type: "Fc", Value: "1"}), probes.Passed, probes.OK, "allows all clients"},
		{"the setting is off", held(halo.Claim{Type: "Fc", Value: "0"}), probes.Failed, probes.RestrictedClients, "does not allow all clients"},
		{"rows restrict", restricted(), probes.Failed, probes.RestrictedClients, "use only these clients: Globex"},
		{"a setting lifts rows", restricted(halo.Claim{Type: "Fc", Value: "1"}), probes.Passed, probes.OK, "allows all clients"},
		{"no rows mean all", held(), probes.Passed, probes.OK, "which means all"},
		{"administrator", restricted(halo.Claim{Type: "SA", Value: "true"}), probes.Passed, probes.OK, "administrator"},
		{"neither claim nor rows are shown", unseen, probes.Unknown, probes.ClaimAbsent, "neither a claim nor a list of clients"},
	} {
		t.Run(test.name, func(t *testing.T) {
			expect(t, judgeRestriction(test.rights, "clients"), test.status, test.cause, test.says)
		})
	}
	types := held(halo.Claim{Type: "Ft", Value: "0"})
	types.Agent.TicketTypes = []halo.RestrictionEntry{{Name: "Incident"}}
	expect(t, judgeRestriction(types, "ticket-types"), probes.Failed, probes.RestrictedTypes, "Incident")
	expect(t, judgeRestriction(types, "clients"), probes.Passed, probes.OK, "which means all")
}

// A guide that asks for nothing of the role still gets a line for every requirement of the built-in one.
func TestAllNamesEveryRequirement(t *testing.T) {
	want := []string{
		"role.clients-level", "role.items-level", "role.invoices-level", "role.contracts-level", "role.tickets-level", "role.add-tickets",
		"role.edit-closed-tickets", "role.edit-others-tickets", "role.view-others-tickets", "role.edit-advanced-details",
		"role.all-ticket-types", "role.all-clients",
	}
	for _, g := range []*guide.Guide{guide.BuiltIn(), {Name: "Silent"}} {
		var got []string
		for _, c := range All(g) {
			got = append(got, c.Meta().ID)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v", g.Name, got)
		}
	}
}

func TestLacksFields(t *testing.T) {
	no := false
	full := held(halo.Claim{Type: "Tx", Value: "1"}).Agent
	full.Disabled, full.APIOnly = &no, &no
	for name, c := range map[string]struct {
		change func(*halo.Agent)
		want   bool
	}{
		"nothing left out":      {func(*halo.Agent) {}, false},
		"no claims":             {func(a *halo.Agent) { a.Roles = []halo.Role{{Name: "Integration"}} }, true},
		"claims of its own":     {func(a *halo.Agent) { a.Roles, a.Claims = nil, []halo.Claim{{Type: "Tx", Value: "1"}} }, false},
		"active or not":         {func(a *halo.Agent) { a.Disabled = nil }, true},
		"API-only or not":       {func(a *halo.Agent) { a.APIOnly = nil }, true},
		"no teams":              {func(a *halo.Agent) { a.Fields.Teams = false }, true},
		"no roles":              {func(a *halo.Agent) { a.Fields.Roles = false }, true},
		"no restrictions shown": {func(a *halo.Agent) { a.Fields.Clients = false }, false},
	} {
		a := full
		if c.change(&a); lacksFields(a) != c.want {
			t.Errorf("%s: lacksFields is %t", name, !c.want)
		}
	}
}

// What the short record has stays; what it leaves out comes from the fuller one.
func TestMergeRecords(t *testing.T) {
	yes, short, long := true, "Short", "Long"
	record := func(name string, team *string) halo.Agent {
		return halo.Agent{
			Workday: name, RoleList: name, Team: team, TeamSeen: true, Teams: []halo.Member{{Name: name}}, Departments: []halo.Member{{Name: name}},
			Clients: []halo.RestrictionEntry{{Name: name}}, TicketTypes: []halo.RestrictionEntry{{Name: name}}, Roles: []halo.Role{{Name: name}},
			Claims: []halo.Claim{{Type: name, Value: "1"}}, Disabled: &yes, APIOnly: &yes, Admin: &yes,
			Fields: halo.Fields{Teams: true, Clients: true, TicketTypes: true, Roles: true, Claims: true},
		}
	}
	named := halo.Agent{Fields: halo.Fields{Roles: true, Claims: true}} // the lists are there, and empty
	bare := record(long, &long)
	bare.Fields.Roles, bare.Fields.Claims = false, false // rows without the mark that they were shown
	for name, c := range map[string]struct{ a, fuller, want halo.Agent }{
		"all there":            {record(short, &short), record(long, &long), record(short, &short)},
		"all left out":         {halo.Agent{}, record(long, &long), record(long, &long)},
		"nobody has more":      {halo.Agent{}, halo.Agent{}, halo.Agent{}},
		"an empty list":        {named, record(long, &long), record(long, &long)},
		"an empty list, twice": {named, halo.Agent{}, named},
		"shown by neither":     {halo.Agent{}, bare, bare},
	} {
		if mergeRecords(&c.a, c.fuller); !reflect.DeepEqual(c.a, c.want) {
			t.Errorf("%s: %+v, want %+v", name, c.a, c.want)
		}
	}
}

func TestTheLabelOfASetting(t *testing.T) {
	for label, want := range map[string]string{"": "items", "Items access": "Items access"} {
		if got := labelOf(guide.Row{Label: label}, "items"); got != want {
			t.Errorf("the label %q: %q, want %q", label, got, want)
		}
	}
}
