package agent

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

const usernameSays = "The agent has the name that the guide gives it."

// username is agent.username. The built-in guide calls the agent by two names, and either will do.
func username(g *guide.Guide, row guide.Setting) probes.Check {
	do := fmt.Sprintf("Change the agent's Username to %s and save, if you want it to be found under that name.", row.Accepted()[0])
	return setting(g, "agent.username", usernameSays, row.Row, probes.May, do, func(r role.Permissions) probes.Verdict { return judgeUsername(r, row.Accepted()) }, probes.NameDiffers)
}

func judgeUsername(r role.Permissions, values []string) probes.Verdict {
	switch name := r.Agent.Name; {
	case name == "":
		return probes.CannotTell(probes.NotObserved, "the agent's record has no name")
	case oneOf(values, name):
		return probes.Pass(fmt.Sprintf("the agent is called %q", name), name)
	default:
		return probes.Fail(probes.NameDiffers, fmt.Sprintf("the agent is called %q, the guide calls it %s", name, list(values)))
	}
}
