package agent

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

// notAPIOnly is agent.api-only of a guide that wants an ordinary agent, with a licence.
func notAPIOnly(g *guide.Guide, row guide.Row) probes.Check {
	return setting(g, "agent.api-only", "The agent is no API-only agent.", row, probes.Must, "Untick API-only agent on the agent and save; the agent then takes a licence.", judgeNotAPIOnly, probes.IsAPIOnly)
}

func judgeNotAPIOnly(r role.Permissions) probes.Verdict {
	switch only := r.Agent.APIOnly; {
	case only == nil:
		return probes.CannotTell(probes.NotObserved, "the agent's record does not say whether it is API-only")
	case *only:
		return probes.Fail(probes.IsAPIOnly, fmt.Sprintf("the agent %q is API-only", r.Agent.Name))
	}
	return probes.Pass(fmt.Sprintf("the agent %q is an ordinary agent", r.Agent.Name), r.Agent.APIOnly)
}
