package login

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/trust"
	"github.com/halocheck/halocheck/probes/wire"
)

// Me is the agent behind the token.
type Me struct {
	Page   wire.Page      `json:"page"` // GET /Agent/me
	Agent  *halo.Agent    `json:"agent,omitempty"`
	Others map[string]int `json:"others,omitempty"` // other resources and their status, asked only where /Agent/me was refused
}

// others are resources under different scopes and permissions; where the token opens none of them, the token itself
// speaks for nobody (halo-api §2, "login-type mismatch").
var others = []string{"Client", "Tickets", "Item", "Team"}

var me = &probes.Probe[Me]{
	Name: "login.me",
	Asks: "GET /api/Agent/me; where that is refused, one row each of Client, Tickets, Item and Team",
	Look: func(ctx context.Context, s *probes.Session) (Me, error) {
		g, err := probes.Need(ctx, s, Token)
		if err != nil {
			return Me{}, err
		}
		if err := trust.Resource.Proven(ctx, s); err != nil {
			return Me{}, err
		}
		page, err := halo.Get(ctx, s, halo.Integration, "Agent/me", nil)
		m := Me{Page: page}
		if err != nil {
			return m, err
		}
		if page.Status == http.StatusOK {
			m.Agent, err = halo.DecodeAgent(page.Body)
			return m, err
		}
		if !refused(page.Status) {
			return m, nil
		}
		if g.scopeless() && len(s.Guide.Application.Scopes) > 0 {
			return m, &probes.Unmet{ID: ScopeID(s.Guide.Application.Scopes[0].Name)}
		}
		m.Others = map[string]int{}
		for _, resource := range others {
			p, err := halo.Get(ctx, s, halo.Integration, resource, url.Values{"pageinate": {"true"}, "page_no": {"1"}, "page_size": {"1"}})
			if err != nil {
				return m, err
			}
			m.Others[resource] = p.Status
		}
		return m, nil
	},
}

// scopeless tells whether the token is known to hold no scope: none was left to ask for, or the answer says so. Every
// call is refused with such a token, whatever the login type (halo-api §1).
func (g Grant) scopeless() bool {
	return len(g.Kept) == 0 || (g.Final.Scope != nil && strings.TrimSpace(*g.Final.Scope) == "")
}

// ScopeID is the requirement that asks for a scope: application.scope-read-customers for read:customers.
func ScopeID(scope string) string {
	return "application.scope-" + strings.NewReplacer(":", "-").Replace(strings.ToLower(scope))
}

func refused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

// LoginType is login.login-type.
var LoginType = &probes.Requirement[Me]{
	ID:    "login.login-type",
	Level: probes.Must,
	Says:  "The application logs in as an agent.",
	Source: probes.Source{
		Section: "Create New Application", Item: "Details tab", Label: "Login Type",
	},
	Remedy: probes.Remedy{
		Who:   probes.HaloAdmin,
		Do:    "Set the Login Type to Agent, select the agent to log in as, and save.",
		Where: detailsTab,
	},
	Causes: []probes.Cause{probes.LoginTypeNotAgent, probes.RateLimited, probes.ServerError},
	Given:  me,
	Judge:  judgeLoginType,
}

func judgeLoginType(m Me) probes.Verdict {
	switch {
	case m.Page.Status == http.StatusOK:
		return probes.Pass("the token is accepted by /Agent/me")
	case m.Page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("/Agent/me answered 429 (too many requests) %d times; ask again later", m.Page.Tries))
	case m.Page.Transient():
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("/Agent/me answered status %d %d times; ask again later", m.Page.Status, m.Page.Tries))
	case refused(m.Page.Status) && m.allRefused():
		return probes.Fail(probes.LoginTypeNotAgent, fmt.Sprintf("the token was issued, but every call is refused with it (%s)", m.statuses()))
	case refused(m.Page.Status):
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("/Agent/me is refused while other calls are answered (%s), so the token speaks for somebody; the Login Type on the application's Details tab would settle it", m.statuses()))
	}
	return probes.CannotTell(probes.NotObserved, fmt.Sprintf("/Agent/me answered status %d; the Login Type on the application's Details tab would settle it", m.Page.Status))
}

// allRefused tells whether the token opened nothing at all.
func (m Me) allRefused() bool {
	for _, status := range m.Others {
		if !refused(status) {
			return false
		}
	}
	return len(m.Others) > 0
}

// statuses is every call and what it answered.
func (m Me) statuses() string {
	words := []string{fmt.Sprintf("/Agent/me %d", m.Page.Status)}
	for resource, status := range m.Others {
		words = append(words, fmt.Sprintf("/%s %d", resource, status))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// agentBehind is /Agent/me again for those who need an agent in it.
var agentBehind = &probes.Probe[Me]{
	Name: "login.agent",
	Asks: "nothing more than login.me",
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
		if m.Agent == nil {
			return probes.Fail(probes.NoAgent, "/Agent/me answers, but with no agent in it")
		}
		return probes.Pass(fmt.Sprintf("the token speaks for the agent %q", m.Agent.Name))
	},
}
