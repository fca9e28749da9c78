package agent

import (
	"slices"
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/role"
)

// TestWhatEachRowAsksFor has the rows that the built-in guide has not: the remedy's words, and the cause that a report may name.
func TestWhatEachRowAsksFor(t *testing.T) {
	no := guide.Row{Value: "no"}
	for _, c := range []struct {
		agent guide.Agent
		id    string
		do    string
		cause probes.Cause
	}{
		{guide.Agent{DefaultTeam: &guide.Setting{Any: true}}, "agent.default-team", "Choose a Default Team on the agent and save.", probes.NoDefaultTeam},
		{guide.Agent{Departments: &guide.Setting{}}, "agent.departments", "Add the agent to a department and save.", probes.NoDepartment},
		{guide.Agent{Departments: &guide.Setting{Values: []string{"View All"}}}, "agent.departments", `Add the agent to a department with the membership "View All" and save.`, probes.NoDepartment},
		{guide.Agent{APIOnly: &no}, "agent.api-only", "Untick API-only agent on the agent and save; the agent then takes a licence.", probes.IsAPIOnly},
	} {
		i := slices.IndexFunc(All(&guide.Guide{Agent: c.agent}), func(check probes.Check) bool { return check.Meta().ID == c.id })
		if i < 0 {
			t.Errorf("%s is missing", c.id)
			continue
		}
		if m := All(&guide.Guide{Agent: c.agent})[i].Meta(); m.Remedy.Do != c.do || len(m.Causes) != 1 || m.Causes[0] != c.cause {
			t.Errorf("%s: %q, %v; want %q, %s", c.id, m.Remedy.Do, m.Causes, c.do, c.cause)
		}
	}
}

// TestASettingWithoutAValueAsksForNothing, unless any value will do.
func TestASettingWithoutAValueAsksForNothing(t *testing.T) {
	for _, c := range []struct {
		row     *guide.Setting
		unasked bool
	}{
		{nil, true},
		{&guide.Setting{}, true},
		{&guide.Setting{Any: true}, false},
		{&guide.Setting{Values: []string{"No Default Team"}}, false},
	} {
		for _, check := range All(&guide.Guide{Agent: guide.Agent{DefaultTeam: c.row}}) {
			if m := check.Meta(); m.ID == "agent.default-team" && m.Unasked != c.unasked {
				t.Errorf("%+v: unasked is %t", c.row, m.Unasked)
			}
		}
	}
}

// TestADepartmentOfNobody: the agent belongs to none where its record and all of its roles show that they bring none.
func TestADepartmentOfNobody(t *testing.T) {
	expect(t, "none at all", judgeDepartments(rights(halo.Agent{Fields: halo.Fields{Departments: true, Roles: true}}), ""), probes.Failed, probes.NoDepartment, "no department")
}

// TestWhenTheListOfTeamsHasToBeWhole: where the agent has to be in every team, one list is enough that shows all, or all:teams.
func TestWhenTheListOfTeamsHasToBeWhole(t *testing.T) {
	for name, c := range map[string]struct {
		seen TeamVisibility
		want bool
	}{
		"a part of it": {TeamVisibility{Every: true}, false},
		"all of it":    {TeamVisibility{Every: true, Complete: true}, true},
		"all:teams":    {TeamVisibility{Every: true, AllTeams: true}, true},
	} {
		if got := c.seen.settled(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestRowsOfTheSetUp: a row that is asked for only while the connection is made is told as such, and no other is.
func TestRowsOfTheSetUp(t *testing.T) {
	for phase, want := range map[string]bool{"": false, "run": false, "setup": true} {
		row := guide.Row{Phase: phase}
		if r := notAPIOnly(&guide.Guide{}, row).(*probes.Requirement[role.Permissions]); r.SetUp != want {
			t.Errorf("phase %q: a setting is of the set-up: %t", phase, r.SetUp)
		}
		if r := teams(&guide.Guide{}, row).(*probes.Requirement[TeamVisibility]); r.SetUp != want {
			t.Errorf("phase %q: teams are of the set-up: %t", phase, r.SetUp)
		}
	}
}

// TestSomeTeamOrEvery: membership of one team is enough where the guide does not ask for all.
func TestSomeTeamOrEvery(t *testing.T) {
	seen := TeamVisibility{Shown: true, AllKnown: true, Complete: true, Member: []string{"Desk"}, Existing: []halo.Team{{Name: "Desk"}, {Name: "Field"}}}
	for value, want := range map[string]struct {
		says   string
		status probes.Status
	}{"": {teamsSays, probes.Passed}, "all": {"The agent sees every team.", probes.Failed}} {
		r := teams(&guide.Guide{}, guide.Row{Value: value}).(*probes.Requirement[TeamVisibility])
		if v := r.Judge(seen); r.Says != want.says || v.Status != want.status {
			t.Errorf("%q: %s: %+v", value, r.Says, v)
		}
	}
}
