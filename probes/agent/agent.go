package agent

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/role"
)

// profilePage is where an agent's settings are.
const profilePage = "Configuration > Teams & Agents > Agents > the agent"

// setting builds a requirement of the agent's record out of one row.
func setting(g *guide.Guide, id, says string, row guide.Row, usual probes.Level, do string, judge func(role.Permissions) probes.Verdict, causes ...probes.Cause) probes.Check {
	return &probes.Requirement[role.Permissions]{
		ID: id, Level: probes.LevelOf(row, usual), Profile: probes.ProfileOf(row), SetUp: row.Phase == guide.Setup, Says: says,
		Source: probes.SourceOf(g, row),
		Remedy: probes.Remedy{Who: probes.HaloAdmin, Do: do, Where: profilePage},
		Causes: causes, Given: role.EffectivePermissions, Judge: judge,
	}
}

// oneOf tells whether a name is one of the guide's, without regard to case and surrounding blanks.
func oneOf(values []string, name string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return halo.SameName(v, name) })
}

// list writes names for a sentence.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, " or ")
}

// All is the area in report order.
func All(g *guide.Guide) []probes.Check {
	a := g.Agent
	checks := []probes.Check{
		asked(g, a.Enabled, "agent.enabled", probes.Must, enabledSays, enabled),
		asked(g, a.APIOnly, "agent.api-only", probes.Must, apiOnlySays, apiOnly),
		asked(g, named(a.Username), "agent.username", probes.May, usernameSays, username),
		asked(g, named(a.Role), "agent.role", probes.May, roleSays, roles),
		asked(g, chosen(a.DefaultTeam), "agent.default-team", probes.May, defaultTeamSays, defaultTeam),
		asked(g, chosen(a.WorkHours), "agent.work-hours", probes.Should, workHoursSays, workHours),
		asked(g, a.Teams, "agent.teams", probes.Must, teamsSays, teams),
	}
	if a.Departments != nil {
		checks = append(checks, departments(g, *a.Departments))
	}
	return checks
}

// asked is the requirement of a row, or its stand-in where the guide has no such row.
func asked[R any](g *guide.Guide, row *R, id string, level probes.Level, says string, build func(*guide.Guide, R) probes.Check) probes.Check {
	if row == nil {
		return probes.NotAsked(g, id, level, says)
	}
	return build(g, *row)
}

// named is a setting that names a value to choose; one without asks for nothing.
func named(row *guide.Setting) *guide.Setting {
	if row == nil || len(row.Accepted()) == 0 {
		return nil
	}
	return row
}

// chosen is a setting that names a value, or wants any at all.
func chosen(row *guide.Setting) *guide.Setting {
	if row != nil && row.Any {
		return row
	}
	return named(row)
}
