package agent

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

const workHoursSays = "The agent has the work hours that the guide names."

// workHours is agent.work-hours, judged by the name of the workday.
func workHours(g *guide.Guide, row guide.Setting) probes.Check {
	if row.Any {
		return setting(g, "agent.work-hours", "The agent has work hours.", row.Row, probes.Should, "Choose Work hours on the agent and save.", judgeAnyWorkHours)
	}
	do := fmt.Sprintf("Set Work hours to %s on the agent and save.", row.Accepted()[0])
	return setting(g, "agent.work-hours", workHoursSays, row.Row, probes.Should, do, func(r role.Permissions) probes.Verdict { return judgeWorkHours(r, row.Accepted()) }, probes.HoursDiffer)
}

func judgeAnyWorkHours(r role.Permissions) probes.Verdict {
	if r.Agent.Workday == "" {
		return probes.CannotTell(probes.NotObserved, "the agent's record does not name its work hours")
	}
	return probes.Pass(fmt.Sprintf("the work hours are %q", r.Agent.Workday), r.Agent.Workday)
}

func judgeWorkHours(r role.Permissions, values []string) probes.Verdict {
	switch name := r.Agent.Workday; {
	case name == "":
		return probes.CannotTell(probes.NotObserved, "the agent's record does not name its work hours")
	case oneOf(values, name):
		return probes.Pass(fmt.Sprintf("the work hours are %q", name), name)
	default:
		return probes.Fail(probes.HoursDiffer, fmt.Sprintf("the work hours are %q, the guide names %s", name, list(values)))
	}
}
