package agent

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

const teamsSays = "The agent sees the teams that alerts go to."

// teamsTab is where an agent's teams are set.
const teamsTab = profilePage + " > Department & Teams tab"

// teams is agent.teams.
func teams(g *guide.Guide, row guide.Row) probes.Check {
	says, judge := teamsSays, judgeTeams
	if row.Value == guide.All {
		says, judge = "The agent sees every team.", judgeEveryTeam
	}
	return &probes.Requirement[TeamVisibility]{
		ID: "agent.teams", Level: probes.LevelOf(row, probes.Must), Profile: probes.ProfileOf(row), SetUp: row.Phase == guide.Setup, Says: says,
		Source: probes.SourceOf(g, row),
		Remedy: probes.Remedy{Who: probes.HaloAdmin, Do: "Add the team to the agent, or enable all:teams on the application, and save.", Where: teamsTab},
		FindOut: probes.Remedy{
			Who: probes.HaloAdmin, Do: "Check which teams the agent belongs to, and whether all:teams is ticked on the application; or run halocheck with an application that has admin rights.", Where: teamsTab,
		},
		Causes: []probes.Cause{probes.TeamNotVisible, probes.TeamNotFound, probes.RateLimited, probes.ServerError},
		Given:  teamVisibility,
		Judge:  judge,
	}
}

func judgeTeams(t TeamVisibility) probes.Verdict {
	if len(t.Wanted) == 0 {
		return t.any()
	}
	var passed []string
	var unsure *probes.Verdict
	for _, name := range t.Wanted {
		switch v := t.judge(name); v.Status {
		case probes.Failed:
			return v
		case probes.Passed:
			passed = append(passed, v.Because)
		default:
			unsure = &v
		}
	}
	if unsure != nil {
		return *unsure
	}
	return probes.Pass(strings.Join(passed, "; "), passed)
}

// judgeEveryTeam is for a guide that wants the agent in every team there is.
func judgeEveryTeam(t TeamVisibility) probes.Verdict {
	var missing []string
	for _, team := range t.Existing {
		if team.Name != "" && !oneOf(t.Member, team.Name) {
			missing = append(missing, team.Name)
		}
	}
	switch {
	case t.AllTeams:
		return probes.Pass("the application has all:teams", t.AllTeams)
	case !t.Shown || t.Unnamed > 0:
		return probes.CannotTell(probes.NotObserved, "the agent's record does not show all of its teams").With(settle("each team"))
	case len(missing) > 0:
		return t.unlessAllTeams(fmt.Sprintf("the agent does not belong to %s", strings.ReplaceAll(list(missing), " or ", ", ")))
	case !t.Complete:
		return t.unread(fmt.Sprintf("the agent belongs to %s; whether there are other teams is not shown", t.own())).With(settle("each team"))
	}
	return probes.Pass(fmt.Sprintf("the agent belongs to all %d teams that this instance lists (%s)", len(t.Existing), t.by()), t.Existing)
}

// any judges where no team was named: one that is visible is enough.
func (t TeamVisibility) any() probes.Verdict {
	switch {
	case t.AllTeams:
		return probes.Pass("the application has all:teams", t.AllTeams)
	case len(t.Member) > 0:
		return probes.Pass(fmt.Sprintf("the agent sees %s; no team was named to look for", list(t.Member)), t.Member)
	case t.Unnamed > 0:
		return probes.Pass(fmt.Sprintf("the agent belongs to a team whose name is not shown (%d in all); no team was named to look for", t.Unnamed), t.Unnamed)
	case !t.Shown:
		return probes.CannotTell(probes.NotObserved, "the agent's record does not show its teams").With(settle("one team at least"))
	case len(t.Departments) > 0:
		return probes.CannotTell(probes.TeamNotVisible, fmt.Sprintf("the agent belongs to the department %s but to no team", list(t.Departments)))
	}
	return t.unlessAllTeams("the agent belongs to no team")
}

// settle is what would tell whether the agent sees a team, where its record does not show its teams.
func settle(team string) probes.Remedy {
	return probes.Remedy{
		Who:   probes.HaloAdmin,
		Do:    fmt.Sprintf("Check whether %s stands under the agent's teams. If so, vouch for it; if not, look whether all:teams is ticked on the application. An application with admin rights shows halocheck both.", team),
		Where: teamsTab + "; the application > Permissions tab",
	}
}

// judge is the verdict on one team. That a list does not show a team proves nothing unless the list is complete.
func (t TeamVisibility) judge(name string) probes.Verdict {
	team, exists := t.team(name)
	switch {
	case oneOf(t.Member, name):
		return probes.Pass(fmt.Sprintf("the agent belongs to %q", name), t.Member)
	case exists && t.AllTeams:
		return probes.Pass(fmt.Sprintf("%q exists, and the application has all:teams", name), team.Name)
	case !exists && t.Complete:
		return probes.Fail(probes.TeamNotFound, fmt.Sprintf("there is no team %q among the %d that this instance lists (%s)", name, len(t.Existing), t.by())).
			With(probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Compare the spelling of %s with the list of teams, or create the team.", name), Where: "Configuration > Teams & Agents > Teams"})
	case !t.Shown:
		return t.unread(fmt.Sprintf("the agent's record does not show whether it belongs to %q", name)).With(settle(strconv.Quote(name)))
	case t.Unnamed > 0:
		return t.unread(fmt.Sprintf("the agent belongs to %d teams whose names are not shown, so one of them may be %q", t.Unnamed, name)).With(settle(strconv.Quote(name)))
	case t.AllTeams:
		return t.unread(fmt.Sprintf("the application has all:teams, but GET /Team (status %d) does not show whether %q exists", t.Status, name))
	case exists && oneOf(t.Departments, team.Department):
		return probes.CannotTell(probes.TeamNotVisible, fmt.Sprintf("the agent belongs to the department %q of the team %q but not to the team", team.Department, name))
	case exists:
		return t.unlessAllTeams(fmt.Sprintf("the team %q exists (%s), but the agent belongs to %s", name, t.by(), t.own()))
	case len(t.Departments) > 0:
		return t.unread(fmt.Sprintf("the agent is not shown a team %q; it belongs to %s and to the department %s, which may have that team", name, t.own(), list(t.Departments)))
	}
	return t.unlessAllTeams(fmt.Sprintf("the agent belongs to %s and sees no team %q", t.own(), name))
}

// unread is the verdict where a list would tell: with the list's own reason where it was not read.
func (t TeamVisibility) unread(seen string) probes.Verdict {
	cause := probes.NotObserved
	if t.List != nil {
		reading := t.List.Read(false)
		cause, seen = reading.Cause, seen+"; "+reading.Because
	}
	if t.Admin != "" {
		seen += "; " + t.Admin
	}
	return probes.CannotTell(cause, seen)
}

// unlessAllTeams fails for a team that is out of sight, unless the application may have all:teams unseen.
func (t TeamVisibility) unlessAllTeams(seen string) probes.Verdict {
	if !t.AllKnown {
		return probes.CannotTell(probes.TeamNotVisible, seen+"; halocheck cannot see whether the application has all:teams")
	}
	return probes.Fail(probes.TeamNotVisible, seen+", and the application does not have all:teams")
}

// own are the agent's teams, for a sentence.
func (t TeamVisibility) own() string {
	if len(t.Member) == 0 {
		return "no team"
	}
	return strings.ReplaceAll(list(t.Member), " or ", ", ")
}

func (t TeamVisibility) by() string {
	if t.SeenBy == halo.AllTeams {
		return "seen with a token for all:teams"
	}
	return "seen with the " + string(t.SeenBy) + " credentials"
}
