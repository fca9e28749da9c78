package agent

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

const defaultTeamSays = "The agent has the default team that the guide names."

// noTeam is the choice in Halo's list that means that there is none.
const noTeam = "No Default Team"

// defaultTeam is agent.default-team.
func defaultTeam(g *guide.Guide, row guide.Setting) probes.Check {
	do := fmt.Sprintf("Set Default Team to %s on the agent and save; the guide suggests it and nothing depends on it.", row.Values[0])
	return setting(g, "agent.default-team", defaultTeamSays, row.Row, probes.May, do, func(r role.Permissions) probes.Verdict { return judgeDefaultTeam(r, row.Values) }, probes.NameDiffers)
}

// judgeDefaultTeam: how "none" is written is not documented (halo-api, unknown 14), so empty, null and absent all mean it,
// the last only in a record that has other lists.
func judgeDefaultTeam(r role.Permissions, values []string) probes.Verdict {
	a := r.Agent
	team := noTeam
	if a.Team != nil && strings.TrimSpace(*a.Team) != "" {
		team = *a.Team
	}
	switch {
	case !a.TeamSeen && !a.Fields.Teams && !a.Fields.Roles && !a.Fields.Claims:
		return probes.CannotTell(probes.NotObserved, "the agent's record is too short to show its default team")
	case oneOf(values, team):
		return probes.Pass(fmt.Sprintf("the default team is %q", team), team)
	}
	return probes.Fail(probes.NameDiffers, fmt.Sprintf("the default team is %q, the guide names %s", team, list(values)))
}
