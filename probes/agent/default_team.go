package agent

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/role"
)

const defaultTeamSays = "The agent has the default team that the guide names."

// defaultTeam is agent.default-team.
func defaultTeam(g *guide.Guide, row guide.Setting) probes.Check {
	if row.Any {
		return setting(g, "agent.default-team", "The agent has a default team.", row.Row, probes.Must, "Choose a Default Team on the agent and save.", judgeAnyDefaultTeam, probes.NoDefaultTeam)
	}
	do := fmt.Sprintf("Set Default Team to %s on the agent and save", row.Accepted()[0])
	if row.Level == string(probes.May) {
		do += "; the guide suggests it and nothing depends on it"
	}
	return setting(g, "agent.default-team", defaultTeamSays, row.Row, probes.May, do+".", func(r role.Permissions) probes.Verdict { return judgeDefaultTeam(r, row.Accepted()) }, probes.NameDiffers)
}

const noDefaultTeamShown = "the agent's record is too short to show its default team"

// defaultTeamOf is the agent's default team: how "none" is written is not documented (halo-api, unknown 14), so empty, null and absent all mean it,
// the last only in a record that has other lists.
func defaultTeamOf(a halo.Agent) (team string, shown bool) {
	if a.Team != nil && strings.TrimSpace(*a.Team) != "" {
		return strings.Trim(*a.Team, "* "), true // Halo's own list writes the choice with asterisks: halo-api §6
	}
	return guide.NoDefaultTeam, a.TeamSeen || a.Fields.Teams || a.Fields.Roles || a.Fields.Claims
}

// judgeAnyDefaultTeam: without one an agent does not see other agents (halo-api §6).
func judgeAnyDefaultTeam(r role.Permissions) probes.Verdict {
	switch team, shown := defaultTeamOf(r.Agent); {
	case !shown:
		return probes.CannotTell(probes.NotObserved, noDefaultTeamShown)
	case halo.SameName(team, guide.NoDefaultTeam):
		return probes.Fail(probes.NoDefaultTeam, "the agent has no default team")
	default:
		return probes.Pass(fmt.Sprintf("the default team is %q", team), team)
	}
}

func judgeDefaultTeam(r role.Permissions, values []string) probes.Verdict {
	team, shown := defaultTeamOf(r.Agent)
	switch {
	case !shown:
		return probes.CannotTell(probes.NotObserved, noDefaultTeamShown)
	case oneOf(values, team):
		return probes.Pass(fmt.Sprintf("the default team is %q", team), team)
	}
	return probes.Fail(probes.NameDiffers, fmt.Sprintf("the default team is %q, the guide names %s", team, list(values)))
}
