package agent

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

const apiOnlySays = "The agent is an API-only agent."

// apiOnly is agent.api-only: such an agent takes no licence and cannot sign in to the web application.
func apiOnly(g *guide.Guide, row guide.Row) probes.Check {
	if row.Forbids() {
		return notAPIOnly(g, row)
	}
	return setting(g, "agent.api-only", apiOnlySays, row, probes.Must, "Tick API-only agent on the agent and save.", judgeAPIOnly, probes.NotAPIOnly)
}

func judgeAPIOnly(r role.Permissions) probes.Verdict {
	switch only := r.Agent.APIOnly; {
	case only == nil:
		return probes.CannotTell(probes.NotObserved, "the agent's record does not say whether it is API-only")
	case !*only:
		return probes.Fail(probes.NotAPIOnly, fmt.Sprintf("the agent %q is an ordinary agent, which takes a licence and can sign in", r.Agent.Name))
	}
	return probes.Pass(fmt.Sprintf("the agent %q is API-only", r.Agent.Name), r.Agent.APIOnly)
}
