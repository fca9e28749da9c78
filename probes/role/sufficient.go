package role

import (
	"slices"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// sufficient tells whether nothing that further records show can change a verdict: what is there meets every row of the guide,
// and a further role can only grant more (halo-api §6: the highest counts). So nobody is asked for records in vain. What the lists
// answer is not looked at yet: no record opens them.
func (r Permissions) sufficient(s *probes.Session) bool {
	a := r.Agent
	if a.Disabled == nil || a.APIOnly == nil || a.Workday == "" || !a.TeamSeen || !a.Fields.Roles || !seesTeams(a, s.Teams) ||
		slices.ContainsFunc(a.Roles, func(role halo.Role) bool { return role.Name == "" }) {
		return false
	}
	var verdicts []probes.Verdict
	if row := s.Guide.Role.Administrator; row != nil {
		verdicts = append(verdicts, judgeAdministrator(r, !row.Forbids()))
	}
	for _, row := range s.Guide.Role.Levels {
		verdicts = append(verdicts, judgeLevel(r, row.Feature, row.AtLeast))
	}
	for _, row := range s.Guide.Role.Permissions {
		verdicts = append(verdicts, judgePermission(r, row.Permission, row.AtLeast))
	}
	for _, row := range s.Guide.Role.Restrictions {
		verdicts = append(verdicts, judgeRestriction(r, row.Restriction))
	}
	return !slices.ContainsFunc(verdicts, func(v probes.Verdict) bool { return v.Status != probes.Passed })
}

// seesTeams tells whether the agent's own teams are shown, and the wanted ones are among them.
func seesTeams(a halo.Agent, wanted []string) bool {
	member := func(name string) bool {
		return slices.ContainsFunc(a.Teams, func(m halo.Member) bool { return halo.SameName(m.Name, name) })
	}
	return len(a.Teams) > 0 && !slices.ContainsFunc(wanted, func(name string) bool { return !member(name) })
}
