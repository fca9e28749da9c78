package agent

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

func TestAnyDefaultTeam(t *testing.T) {
	desk, words := "Service Desk", "No Default Team"
	expect(t, "one", judgeAnyDefaultTeam(rights(halo.Agent{Team: &desk})), probes.Passed, probes.OK, "Service Desk")
	expect(t, "none", judgeAnyDefaultTeam(rights(halo.Agent{TeamSeen: true})), probes.Failed, probes.NoDefaultTeam, "no default team")
	expect(t, "none, in words", judgeAnyDefaultTeam(rights(halo.Agent{TeamSeen: true, Team: &words})), probes.Failed, probes.NoDefaultTeam, "no default team")
	expect(t, "a short record", judgeAnyDefaultTeam(rights(halo.Agent{})), probes.Unknown, probes.NotObserved, "too short")
}

func TestAnyWorkHours(t *testing.T) {
	expect(t, "some", judgeAnyWorkHours(rights(halo.Agent{Workday: "24 Hours"})), probes.Passed, probes.OK, "24 Hours")
	expect(t, "not shown", judgeAnyWorkHours(rights(halo.Agent{})), probes.Unknown, probes.NotObserved, "does not name")
}

func TestDepartments(t *testing.T) {
	const wants = `"View All"`
	seen := halo.Fields{Departments: true, Roles: true}
	member := []halo.Member{{ID: "1", Name: "Service"}}
	whole, short := []halo.Role{{Name: "Staff", Whole: true}}, []halo.Role{{Name: "Staff"}}
	expect(t, "a member, and the guide names a kind", judgeDepartments(rights(halo.Agent{Fields: seen, Departments: member}), wants), probes.Unknown, probes.NotObserved, `department "Service"; no source`)
	expect(t, "a member", judgeDepartments(rights(halo.Agent{Departments: member}), ""), probes.Passed, probes.OK, "Service")
	expect(t, "a role's, by id", judgeDepartments(rights(halo.Agent{Roles: []halo.Role{{Departments: []halo.Member{{ID: "4"}}}}}), ""), probes.Passed, probes.OK, "with the id 4")
	expect(t, "none", judgeDepartments(rights(halo.Agent{Fields: seen, Roles: whole}), wants), probes.Failed, probes.NoDepartment, "no department")
	expect(t, "a role's are not shown", judgeDepartments(rights(halo.Agent{Fields: seen, Roles: short}), wants), probes.Unknown, probes.NotObserved, "roles may bring one")
	expect(t, "roles are hidden", judgeDepartments(rights(halo.Agent{Fields: halo.Fields{Departments: true}}), wants), probes.Unknown, probes.NotObserved, "may bring one")
	expect(t, "not shown", judgeDepartments(rights(halo.Agent{Roles: whole}), wants), probes.Unknown, probes.NotObserved, "does not show")
}

func TestEveryTeam(t *testing.T) {
	there := []halo.Team{{Name: "Desk"}, {Name: "Field"}}
	for _, test := range []struct {
		name   string
		seen   TeamVisibility
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"all:teams", TeamVisibility{AllTeams: true}, probes.Passed, probes.OK, "all:teams"},
		{"each", TeamVisibility{Shown: true, Member: []string{"desk", "Field"}, Existing: there, Complete: true}, probes.Passed, probes.OK, "all 2 teams"},
		{"each that is shown", TeamVisibility{Shown: true, Member: []string{"Desk", "Field"}, Existing: there}, probes.Unknown, probes.NotObserved, "other teams"},
		{"one is missing", TeamVisibility{Shown: true, Member: []string{"Desk"}, Existing: there, AllKnown: true}, probes.Failed, probes.TeamNotVisible, `does not belong to "Field"`},
		{"one is missing, and all:teams may be there", TeamVisibility{Shown: true, Member: []string{"Desk"}, Existing: there}, probes.Unknown, probes.TeamNotVisible, "cannot see"},
		{"a team without a name", TeamVisibility{Shown: true, Unnamed: 1, Existing: there, Complete: true}, probes.Unknown, probes.NotObserved, "does not show"},
		{"not shown", TeamVisibility{Existing: there, Complete: true}, probes.Unknown, probes.NotObserved, "does not show"},
	} {
		expect(t, test.name, judgeEveryTeam(test.seen), test.status, test.cause, test.says)
	}
}
