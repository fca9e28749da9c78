package login

import (
	"context"
	"fmt"
	"net/http"

	"github.com/halocheck/halocheck/probes"
)

// agentBehind is /Agent/me again for those who need an agent in it.
var agentBehind = &probes.Probe[Me]{
	Name: "login.agent",
	Asks: "nothing more than login.me (GET /api/Agent/me)",
	Look: func(ctx context.Context, s *probes.Session) (Me, error) { return probes.Need(ctx, s, LoginType) },
}

// Agent is login.agent.
var Agent = &probes.Requirement[Me]{
	ID:    "login.agent",
	Level: probes.Must,
	Says:  "There is an agent that the application logs in as.",
	Source: probes.Source{
		Section: "Create New Application", Item: "Details tab", Label: "Agent to log in as",
	},
	Remedy: probes.Remedy{
		Who:   probes.HaloAdmin,
		Do:    "Select the integration's agent as the agent to log in as, and save.",
		Where: detailsTab,
	},
	Causes: []probes.Cause{probes.NoAgent},
	Given:  agentBehind,
	Judge: func(m Me) probes.Verdict {
		if m.Agent == nil && (m.Garble || m.Page.Status != http.StatusOK && m.Page.Status != http.StatusNoContent) {
			return probes.CannotTell(probes.NotObserved, "/Agent/me did not show whether there is an agent") // login.login-type was attested
		}
		if m.Agent == nil {
			return probes.Fail(probes.NoAgent, "the log-in works, but there is no agent behind it (/Agent/me)")
		}
		return probes.Pass(fmt.Sprintf("the token speaks for the agent %q", m.Agent.Name), m.Agent)
	},
}
