package agent

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

const enabledSays = "The agent's account is active."

// enabled is agent.enabled.
func enabled(g *guide.Guide, row guide.Row) probes.Check {
	return setting(g, "agent.enabled", enabledSays, row, probes.Must, "Tick Account Active on the agent and save.", judgeEnabled, probes.AgentDisabled)
}

func judgeEnabled(r role.Permissions) probes.Verdict {
	switch disabled := r.Agent.Disabled; {
	case disabled == nil:
		return probes.CannotTell(probes.NotObserved, "the agent's record does not say whether it is active")
	case *disabled:
		return probes.Fail(probes.AgentDisabled, fmt.Sprintf("the agent %q is disabled", r.Agent.Name))
	}
	return probes.Pass(fmt.Sprintf("the agent %q is not disabled", r.Agent.Name), r.Agent.Disabled)
}
