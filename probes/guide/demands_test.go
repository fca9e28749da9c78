package guide_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes/guide"
)

// TestWhatAGuideTellsToDo has the instruction of each kind of row.
func TestWhatAGuideTellsToDo(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"manual: [{id: limit, says: Lower the limit by 50 % of it.}]", "Lower the limit by 50 % of it."},
		{"product: {version: {}}", "Run the latest stable version of HaloPSA."},
		{"product: {version: {at_least: 2.122.1}}", "Run HaloPSA 2.122.1 or later."},
		{"product: {tenant: {}}", "Type the tenant."},
		{"product: {tenant: {form: empty}}", "Type the tenant; leave it empty on premises."},
		{"product: {tenant: {on_premise: Not set}}", "Type the tenant; on premises type Not set."},
		{"product: {tenant: {form: absent}}", ""},
		{"role: {permissions: [{permission: mark-spam}]}", "Let the role use the spam button."},
		{"role: {permissions: [{permission: view-appointments, at_least: own}]}", "Let the role see appointments of its own."},
		{"role: {permissions: [{permission: view-appointments, at_least: all}]}", "Let the role see appointments of everybody."},
		{"role: {permissions: [{permission: edit-actions, at_least: all}]}", "Set Can edit actions to All."},
		{"role: {permissions: [{permission: add-tickets}]}", "Set Can add new tickets to Yes."},
		{"role: {levels: [{feature: kb, at_least: Read Only}]}", "Set Knowledge Base Access Level to Read Only."},
		{"role: {levels: [{feature: sales-orders, at_least: Read Only}]}", "Set Sales Orders Access Level to Read Only."},
		{"role: {restrictions: [{restriction: ticket-types}]}", "Set Allow use of all Ticket Types to Yes."},
		{"agent: {teams: {}}", "Add the agent to the teams that tickets go to."},
		{"agent: {teams: {value: all}}", "Add the agent to every team."},
		{"agent: {work_hours: {values: [24 Hours]}}", "Set Work hours to 24 Hours."},
		{"agent: {work_hours: {values: [24 Hours, Default Working Hours]}}", "Set Work hours to 24 Hours or Default Working Hours."},
		{"agent: {work_hours: {values: [A, B, C]}}", "Set Work hours to A, B or C."},
		{"agent: {departments: {}}", "Add the agent to a department."},
		{"agent: {departments: {value: View All}}", "Set Departments to View All."},
		{"agent: {username: {}, role: {}, default_team: {values: []}, work_hours: {}, team_boxes: {}}", ""}, // they ask for nothing
		{"login: {method: {}, login_type: {}, grant: {}}", ""},
		{"application: {name: {}}", ""},
		{"network: {}", "Let the vendor's addresses in if access is restricted by address; the guide names none."},
		{"network: {addresses: [3.19.3.152, 3.19.4.238]}", "Let these addresses in if access is restricted by address: 3.19.3.152, 3.19.4.238."},
		{"agent: {default_team: {any: true}}", "Choose a Default Team of your own; it must not stay empty."},
	} {
		g, err := guide.Parse("g.yaml", []byte("name: X\n"+c.text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got := ""
		for _, d := range g.Demands() {
			got += d.Do
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}

// TestWhatTwoEditionsDifferIn: a row that came, one that went, one in other words and one of another level; what stayed is not told.
func TestWhatTwoEditionsDifferIn(t *testing.T) {
	row := func(level string) *guide.Row { return &guide.Row{Level: level} }
	before := &guide.Guide{Trust: row(""), Agent: guide.Agent{Enabled: row("must"), APIOnly: &guide.Row{Value: "no"}}, Login: guide.Login{Secret: row("may")}}
	after := &guide.Guide{Trust: row(""), Agent: guide.Agent{Enabled: row("should"), APIOnly: &guide.Row{}, Teams: row("")}}
	want := []guide.Change{
		{ID: "agent.api-only", Old: "Leave API-only agent unticked.", New: "Tick API-only agent."},
		{ID: "agent.enabled", Old: "Keep the agent active (Account Active).", New: "Keep the agent active (Account Active).", Levels: "must → should"},
		{ID: "agent.teams", New: "Add the agent to the teams that tickets go to."},
		{ID: "login.secret-form", Old: "Keep the Client ID and the Client Secret: the secret is shown once."},
	}
	if diff := cmp.Diff(want, guide.Diff(before, after)); diff != "" {
		t.Error(diff)
	}
	if same := guide.Diff(before, before); len(same) > 0 {
		t.Errorf("an edition differs from itself in %+v", same)
	}
}
