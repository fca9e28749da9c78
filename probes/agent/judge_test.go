package agent

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/role"
)

func expect(t *testing.T, name string, got probes.Verdict, status probes.Status, cause probes.Cause, says string) {
	t.Helper()
	if got.Status != status || got.Cause != cause || !strings.Contains(got.Because, says) {
		t.Errorf("%s: got %s %s %q; want %s %s with %q", name, got.Status, got.Cause, got.Because, status, cause, says)
	}
}

func rights(a halo.Agent) role.Permissions { return role.Permissions{Agent: a} }

var yes, no = true, false

func TestFlags(t *testing.T) {
	expect(t, "disabled", judgeEnabled(rights(halo.Agent{Name: "Ada", Disabled: &yes})), probes.Failed, probes.AgentDisabled, `"Ada" is disabled`)
	expect(t, "enabled", judgeEnabled(rights(halo.Agent{Name: "Ada", Disabled: &no})), probes.Passed, probes.OK, "not disabled")
	expect(t, "not said", judgeEnabled(rights(halo.Agent{})), probes.Unknown, probes.NotObserved, "does not say")
	expect(t, "ordinary", judgeAPIOnly(rights(halo.Agent{Name: "Ada", APIOnly: &no})), probes.Failed, probes.NotAPIOnly, "ordinary agent")
	expect(t, "API-only", judgeAPIOnly(rights(halo.Agent{Name: "Ada", APIOnly: &yes})), probes.Passed, probes.OK, "API-only")
	expect(t, "not said", judgeAPIOnly(rights(halo.Agent{})), probes.Unknown, probes.NotObserved, "does not say")
}

func TestNames(t *testing.T) {
	either := []string{"MSPCentric", "Gradient"}
	expect(t, "the first", judgeUsername(rights(halo.Agent{Name: "mspcentric "}), either), probes.Passed, probes.OK, "mspcentric")
	expect(t, "the second", judgeUsername(rights(halo.Agent{Name: "Gradient"}), either), probes.Passed, probes.OK, "Gradient")
	expect(t, "another", judgeUsername(rights(halo.Agent{Name: "Ada"}), either), probes.Failed, probes.NameDiffers, `"MSPCentric" or "Gradient"`)
	expect(t, "none", judgeUsername(rights(halo.Agent{}), either), probes.Unknown, probes.NotObserved, "no name")

	one := []string{"MSPCentric"}
	expect(t, "role", judgeRole(rights(halo.Agent{Roles: []halo.Role{{Name: "Staff"}, {Name: "MSPCentric"}}}), one), probes.Passed, probes.OK, "MSPCentric")
	expect(t, "role by list", judgeRole(rights(halo.Agent{RoleList: "Staff, MSPCentric"}), one), probes.Passed, probes.OK, "MSPCentric")
	expect(t, "role by a list with semicolons", judgeRole(rights(halo.Agent{RoleList: "Staff;MSPCentric"}), one), probes.Passed, probes.OK, "MSPCentric")
	expect(t, "roles before their list", judgeRole(rights(halo.Agent{Roles: []halo.Role{{Name: "Staff"}}, RoleList: "MSPCentric"}), one), probes.Failed, probes.NameDiffers, "Staff")
	expect(t, "other role", judgeRole(rights(halo.Agent{Roles: []halo.Role{{Name: "Staff"}}}), one), probes.Failed, probes.NameDiffers, "Staff")
	expect(t, "no role", judgeRole(rights(halo.Agent{Fields: halo.Fields{Roles: true}}), one), probes.Failed, probes.NameDiffers, "no role")
	expect(t, "a role by its id alone", judgeRole(rights(halo.Agent{Roles: []halo.Role{{ID: "7"}, {Name: "Staff"}}}), one), probes.Unknown, probes.NotObserved, "the names of 1 of the agent's 2 roles are not shown")
	expect(t, "a role by its id, and the list has its name", judgeRole(rights(halo.Agent{Roles: []halo.Role{{ID: "7"}}, RoleList: "MSPCentric"}), one), probes.Passed, probes.OK, "MSPCentric")
	expect(t, "a role by its id, and the list has another name", judgeRole(rights(halo.Agent{Roles: []halo.Role{{ID: "7"}}, RoleList: "Staff"}), one), probes.Failed, probes.NameDiffers, "Staff")
	expect(t, "roles not shown", judgeRole(rights(halo.Agent{}), one), probes.Unknown, probes.NotObserved, "does not show")
}

func TestDefaultTeam(t *testing.T) {
	none := []string{"No Default Team"}
	empty, words, desk, blank := "", "no default team", "Service Desk", " "
	full := halo.Fields{Teams: true, Roles: true}
	expect(t, "empty", judgeDefaultTeam(rights(halo.Agent{TeamSeen: true, Team: &empty}), none), probes.Passed, probes.OK, "No Default Team")
	expect(t, "null", judgeDefaultTeam(rights(halo.Agent{TeamSeen: true}), none), probes.Passed, probes.OK, "No Default Team")
	expect(t, "absent", judgeDefaultTeam(rights(halo.Agent{Fields: full}), none), probes.Passed, probes.OK, "No Default Team")
	expect(t, "in words", judgeDefaultTeam(rights(halo.Agent{TeamSeen: true, Team: &words}), none), probes.Passed, probes.OK, "no default team")
	expect(t, "a blank", judgeDefaultTeam(rights(halo.Agent{TeamSeen: true, Team: &blank}), none), probes.Passed, probes.OK, "No Default Team")
	expect(t, "teams are shown", judgeDefaultTeam(rights(halo.Agent{Fields: halo.Fields{Teams: true}}), none), probes.Passed, probes.OK, "No Default Team")
	expect(t, "roles are shown", judgeDefaultTeam(rights(halo.Agent{Fields: halo.Fields{Roles: true}}), none), probes.Passed, probes.OK, "No Default Team")
	expect(t, "a team", judgeDefaultTeam(rights(halo.Agent{TeamSeen: true, Team: &desk}), none), probes.Failed, probes.NameDiffers, "Service Desk")
	expect(t, "a thin record", judgeDefaultTeam(rights(halo.Agent{Name: "Ada"}), none), probes.Unknown, probes.NotObserved, "too short")
	expect(t, "another vendor wants one", judgeDefaultTeam(rights(halo.Agent{TeamSeen: true, Team: &desk}), []string{"Service Desk"}), probes.Passed, probes.OK, "Service Desk")
	expect(t, "and there is none", judgeDefaultTeam(rights(halo.Agent{TeamSeen: true}), []string{"Service Desk"}), probes.Failed, probes.NameDiffers, "No Default Team")
}

func TestWorkHours(t *testing.T) {
	hours := []string{"Default Working Hours"}
	expect(t, "same", judgeWorkHours(rights(halo.Agent{Workday: "default working hours"}), hours), probes.Passed, probes.OK, "default working hours")
	expect(t, "other", judgeWorkHours(rights(halo.Agent{Workday: "Night Shift"}), hours), probes.Failed, probes.HoursDiffer, "Night Shift")
	expect(t, "not named", judgeWorkHours(rights(halo.Agent{}), hours), probes.Unknown, probes.NotObserved, "does not name")
}

func TestTeams(t *testing.T) {
	desk := halo.Team{ID: "1", Name: "Service Desk", Department: "Support"}
	night := halo.Team{ID: "2", Name: "Night Desk", Department: "Support"}
	for _, test := range []struct {
		name   string
		seen   TeamVisibility
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"one visible team is enough", TeamVisibility{Member: []string{"Service Desk"}, Shown: true}, probes.Passed, probes.OK, "Service Desk"},
		{"all:teams is enough", TeamVisibility{AllTeams: true, AllKnown: true}, probes.Passed, probes.OK, "all:teams"},
		{"no team", TeamVisibility{Shown: true, AllKnown: true}, probes.Failed, probes.TeamNotVisible, "no team"},
		{"no team, but perhaps all:teams", TeamVisibility{Shown: true}, probes.Unknown, probes.TeamNotVisible, "cannot see whether the application has all:teams"},
		{"a department only", TeamVisibility{Shown: true, AllKnown: true, Departments: []string{"Support"}}, probes.Unknown, probes.TeamNotVisible, "department"},
		{"teams are not shown", TeamVisibility{AllKnown: true}, probes.Unknown, probes.NotObserved, "does not show its teams"},

		{"a member, whatever the case", TeamVisibility{Wanted: []string{"service desk"}, Member: []string{"Service Desk"}, Shown: true}, probes.Passed, probes.OK, "belongs to"},
		{"listed, but no member", TeamVisibility{Wanted: []string{"Night Desk"}, Member: []string{"Service Desk"}, Shown: true, AllKnown: true, Existing: []halo.Team{desk, night}, Complete: true, SeenBy: halo.Integration}, probes.Failed, probes.TeamNotVisible, "exists"},
		{"listed, and all:teams", TeamVisibility{Wanted: []string{"Night Desk"}, Shown: true, AllTeams: true, AllKnown: true, Existing: []halo.Team{night}}, probes.Passed, probes.OK, "all:teams"},
		{"no such team", TeamVisibility{Wanted: []string{"Day Desk"}, Member: []string{"Service Desk"}, Shown: true, AllKnown: true, Existing: []halo.Team{desk, night}, Complete: true, SeenBy: halo.Admin}, probes.Failed, probes.TeamNotFound, "seen with the admin credentials"},
		{"no such team, all:teams or not", TeamVisibility{Wanted: []string{"Day Desk"}, Shown: true, AllTeams: true, AllKnown: true, Existing: []halo.Team{desk}, Complete: true}, probes.Failed, probes.TeamNotFound, "no team"},
		{"out of sight, existing or not", TeamVisibility{Wanted: []string{"Night Desk"}, Member: []string{"Service Desk"}, Shown: true, AllKnown: true, Existing: []halo.Team{desk}}, probes.Failed, probes.TeamNotVisible, `sees no team "Night Desk"`},
		{"out of sight, but perhaps all:teams", TeamVisibility{Wanted: []string{"Night Desk"}, Member: []string{"Service Desk"}, Shown: true, Existing: []halo.Team{desk}}, probes.Unknown, probes.TeamNotVisible, "cannot see whether the application has all:teams"},
		{"in the agent's department", TeamVisibility{Wanted: []string{"Night Desk"}, Member: []string{"Service Desk"}, Departments: []string{"Support"}, Shown: true, AllKnown: true, Existing: []halo.Team{desk, night}, Complete: true}, probes.Unknown, probes.TeamNotVisible, "department"},
		{"all:teams, and no list of teams", TeamVisibility{Wanted: []string{"Night Desk"}, Shown: true, AllTeams: true, AllKnown: true, Status: 403}, probes.Unknown, probes.NotObserved, "status 403"},
		{"one is a member's, the other nobody's", TeamVisibility{Wanted: []string{"Service Desk", "Night Desk"}, Member: []string{"Service Desk"}, Shown: true, Existing: []halo.Team{desk}}, probes.Unknown, probes.TeamNotVisible, "cannot see whether the application has all:teams"},
		{"membership is not shown, and it is not listed", TeamVisibility{Wanted: []string{"Night Desk"}, AllKnown: true}, probes.Unknown, probes.NotObserved, "does not show whether"},
		{"membership is not shown, and it exists", TeamVisibility{Wanted: []string{"Night Desk"}, AllKnown: true, Existing: []halo.Team{night}}, probes.Unknown, probes.NotObserved, "does not show whether"},
		{"listed, and of no team", TeamVisibility{Wanted: []string{"Night Desk"}, Shown: true, AllKnown: true, Existing: []halo.Team{night}}, probes.Failed, probes.TeamNotVisible, "belongs to no team"},
		{"another department's", TeamVisibility{Wanted: []string{"Night Desk"}, Departments: []string{"Sales"}, Shown: true, AllKnown: true, Existing: []halo.Team{night}}, probes.Failed, probes.TeamNotVisible, "exists"},
		{"not there, and perhaps of a department", TeamVisibility{Wanted: []string{"Night Desk"}, Departments: []string{"Support"}, Shown: true, AllKnown: true}, probes.Unknown, probes.NotObserved, "which may have that team"},
		{"a team whose name is not shown may be it", TeamVisibility{Wanted: []string{"Night Desk"}, Member: []string{"Service Desk"}, Unnamed: 1, Shown: true, AllKnown: true, Existing: []halo.Team{desk}}, probes.Unknown, probes.NotObserved, "may be \"Night Desk\""},
		{"the same, and the list has its reasons", TeamVisibility{Wanted: []string{"Night Desk"}, Unnamed: 1, Shown: true, AllKnown: true, List: &halo.Answer{Path: "Team", Status: 429}}, probes.Unknown, probes.RateLimited, "GET /Team answered status 429"},
		{"the same, and the list is a web page", TeamVisibility{Wanted: []string{"Night Desk"}, Unnamed: 1, Shown: true, AllKnown: true, List: &halo.Answer{Path: "Team", Status: 200}}, probes.Unknown, probes.AnswerMalformed, "GET /Team answered status 200"},
		{"the same, and the admin credentials are wrong", TeamVisibility{Wanted: []string{"Night Desk"}, Unnamed: 1, Shown: true, AllKnown: true, Admin: "the admin credentials got no token"}, probes.Unknown, probes.NotObserved, "; the admin credentials got no token"},
		{"one without a name is a team all the same", TeamVisibility{Unnamed: 2, Shown: true, AllKnown: true}, probes.Passed, probes.OK, "2 in all"},
		{"one of two is missing", TeamVisibility{Wanted: []string{"Service Desk", "Day Desk"}, Member: []string{"Service Desk"}, Shown: true, AllKnown: true, Existing: []halo.Team{desk, night}, Complete: true}, probes.Failed, probes.TeamNotFound, "Day Desk"},
	} {
		expect(t, test.name, judgeTeams(test.seen), test.status, test.cause, test.says)
	}
}

func TestAllNamesEveryRequirement(t *testing.T) {
	want := "agent.enabled agent.api-only agent.username agent.role agent.default-team agent.work-hours agent.teams"
	for _, g := range []*guide.Guide{guide.BuiltIn(), {Name: "Silent"}, {Name: "Vague", Agent: guide.Agent{Username: &guide.Setting{}}}} {
		var got []string
		for _, c := range All(g) {
			got = append(got, c.Meta().ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", g.Name, got)
		}
	}
}

// TestJoin gives teams their names by id, from the agent's rows to the list and from the list to them.
func TestJoin(t *testing.T) {
	agent := halo.Agent{
		Teams:       []halo.Member{{ID: "1", Name: "Desk"}, {ID: "2"}, {ID: "3"}, {Name: "Desk"}, {}},
		Roles:       []halo.Role{{Teams: []halo.Member{{ID: "4", Name: "Night"}, {ID: "1", Name: "Desk"}}}},
		Departments: []halo.Member{{Name: "Support"}},
	}
	seen := TeamVisibility{Existing: []halo.Team{{ID: "2", Name: "Alerts"}, {ID: "4"}, {ID: "", Name: "Nobody"}}}
	first := TeamVisibility{Existing: []halo.Team{{ID: "2"}}}
	if first.join(agent); first.Unnamed != 3 || first.Existing[0].Name != "" {
		t.Errorf("nobody names it: %+v", first)
	}
	named := TeamVisibility{Existing: []halo.Team{{ID: "4"}}}
	if named.join(agent); named.Existing[0].Name != "Night" {
		t.Errorf("the agent's role names it: %+v", named)
	}
	for range 2 { // joining again changes nothing
		seen.join(agent)
		if got := strings.Join(seen.Member, ","); got != "Desk,Alerts,Night" || seen.Unnamed != 2 || strings.Join(seen.Departments, ",") != "Support" || seen.Existing[1].Name != "Night" {
			t.Errorf("%+v", seen)
		}
	}
}

func TestWhenNoFurtherListIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		seen TeamVisibility
		want bool
	}{
		"any team will do":                          {TeamVisibility{Unnamed: 1}, true},
		"the wanted one is the agent's":             {TeamVisibility{Wanted: []string{"Desk"}, Member: []string{"Desk"}}, true},
		"and another of the agent's has no name":    {TeamVisibility{Wanted: []string{"Desk"}, Member: []string{"Desk"}, Unnamed: 1}, false},
		"the wanted one is nowhere":                 {TeamVisibility{Wanted: []string{"Desk"}, Member: []string{"Night"}}, false},
		"one of two wanted ones is listed, no more": {TeamVisibility{Wanted: []string{"Desk", "Day"}, Existing: []halo.Team{{Name: "Desk"}}}, false},
	} {
		if got := c.seen.settled(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestReadTeams(t *testing.T) {
	list := func(status int, whole bool, names ...string) TeamList {
		l := TeamList{Answer: halo.Answer{Path: "Team", Status: status}, Shown: status == 200, Whole: whole}
		for _, name := range names {
			l.Teams = append(l.Teams, halo.Team{Name: name})
		}
		return l
	}
	for name, c := range map[string]struct {
		who      halo.Identity
		lists    []TeamList
		status   int
		existing int
		complete bool
		settled  bool
	}{
		"the integration's own":       {halo.Integration, []TeamList{list(200, true, "Desk", "Night")}, 200, 2, false, true},
		"the administrator's":         {halo.Admin, []TeamList{list(200, true, "Desk", "Night")}, 200, 2, true, true},
		"with all:teams":              {halo.AllTeams, []TeamList{list(200, true, "Night")}, 200, 1, true, false},
		"asked for all:teams in vain": {halo.AllTeams, []TeamList{list(200, true, "Night")}, 200, 1, false, false},
		"a page of it":                {halo.Admin, []TeamList{list(200, false, "Night")}, 200, 1, false, false},
		"a row without a name":        {halo.Admin, []TeamList{list(200, true, "Night", "")}, 200, 2, false, false},
		"none there":                  {halo.Admin, []TeamList{list(200, true)}, 200, 0, true, false},
		"refused":                     {halo.Integration, []TeamList{list(403, false)}, 403, 0, false, false},
		"refused, and then otherwise": {halo.Integration, []TeamList{list(403, false), list(401, false)}, 403, 0, false, false},
		"answered, then refused":      {halo.Integration, []TeamList{list(200, true, "Desk"), list(403, false)}, 200, 1, false, true},
	} {
		seen := TeamVisibility{Wanted: []string{"Desk"}, AllTeams: c.who == halo.AllTeams && name != "asked for all:teams in vain"}
		for _, l := range c.lists {
			seen.read(l, c.who)
		}
		if seen.Status != c.status || len(seen.Existing) != c.existing || seen.Complete != c.complete || seen.settled() != c.settled {
			t.Errorf("%s: %+v, settled: %t", name, seen, seen.settled())
		}
	}
}

func TestTheBuiltInGuideAsks(t *testing.T) {
	for _, c := range All(guide.BuiltIn()) {
		if m := c.Meta(); m.Probe == "guide.name" {
			t.Errorf("%s is not asked for", m.ID)
		}
	}
	for _, c := range All(&guide.Guide{Name: "Silent"}) {
		if m := c.Meta(); m.Probe != "guide.name" {
			t.Errorf("%s is asked for", m.ID)
		}
	}
}
