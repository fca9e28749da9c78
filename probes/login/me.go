package login

import (
	"context"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/trust"
)

// Me is the agent behind the token.
type Me struct {
	Page   wire.Page   `json:"page"` // GET /Agent/me
	Agent  *halo.Agent `json:"agent,omitempty"`
	Garble bool        `json:"garble,omitempty"` // the answer cannot be read as an agent, or as none
	Before string      `json:"before,omitempty"` // what refused /Agent/me in place of HaloPSA
	Words  string      `json:"words,omitempty"`  // what the answer says in its own words, secrets taken out: [halo.Words]
	// Unnamed: the token names no scope, and this server was not seen to refuse or to leave out one, so that it may hold none; or the
	// guide names none to ask for.
	Unnamed bool           `json:"unnamed,omitempty"`
	Others  map[string]int `json:"others,omitempty"` // other resources and their status, asked only where /Agent/me was refused
}

// others are resources under different scopes and permissions; where the token opens none of them, the token itself
// speaks for nobody (halo-api §2, "login-type mismatch").
var others = []string{"Client", "Tickets", "Item", "Team"}

var me = &probes.Probe[Me]{
	Name: "login.me",
	Asks: "GET /api/Agent/me; where that is refused, one row of Team, and what application.lists asks (GET of one row each of Client, Tickets and Item); where all are and the token names no scope, POST to the token endpoint for the scope all",
	Look: func(ctx context.Context, s *probes.Session) (Me, error) {
		g, err := ready(ctx, s)
		if err != nil {
			return Me{}, err
		}
		page, err := halo.GetRetryingRefusal(ctx, s, halo.Integration, "Agent/me", nil)
		m := Me{Page: page}
		if err != nil {
			return m, err
		}
		if page.Status == http.StatusOK {
			m.Agent, err = halo.DecodeAgent(page.Body)
			m.Garble = err != nil
			return m, nil
		}
		m.Words = halo.Redactor(s).Redact(halo.Words(page))
		if !refused(page.Status) {
			return m, nil
		}
		if g.scopeless() && len(s.Guide.Application.Scopes) > 0 {
			return m, &probes.Unmet{ID: FirstScope(s, s.Guide)}
		}
		m.Before, m.Others = halo.InterceptedBy(page), map[string]int{}
		for _, resource := range others {
			p, err := halo.OneRow(ctx, s, resource)
			if err != nil {
				return m, err
			}
			m.Others[resource] = p.Status
		}
		switch {
		case !m.allRefused():
		case g.scopeless(): // the guide names none, so that the token opens nothing whatever the login type
			m.Unnamed = true
		case g.Final.Scope == nil && !halo.RefusesScopes(g.Each):
			all, err := halo.RequestToken(ctx, s, halo.Integration, []string{"all"}, false)
			m.Unnamed = err != nil || all.Granted && all.Scope == nil
		}
		return m, nil
	},
}

// ready is the grant, once the API can be asked with its token: that goes nowhere but to the Resource Server, and only
// after it has proved its name.
func ready(ctx context.Context, s *probes.Session) (Grant, error) {
	g, err := probes.Need(ctx, s, Token)
	if err != nil {
		return g, err
	}
	return g, trust.Resource.NeedVerified(ctx, s)
}

// AskWithToken asks something with the integration's token while /Agent/me is asked, and keeps the answer only where that
// shows that the token speaks for somebody: an answer to nobody says nothing.
func AskWithToken[T any](ctx context.Context, s *probes.Session, ask func() (T, error)) (T, error) {
	var none T
	if _, err := ready(ctx, s); err != nil {
		return none, err
	}
	probes.Begin(ctx, s, me)
	answer, asked := ask()
	if _, err := probes.Need(ctx, s, LoginType); err != nil {
		return none, err
	}
	return answer, asked
}

// scopeless tells whether the token is known to hold no scope that opens anything: none was left to ask for, or the answer says so. Every
// call is refused with such a token, whatever the login type (halo-api §1).
func (g Grant) scopeless() bool {
	return len(g.Kept) == 0 || (g.Final.Scope != nil && len(halo.DataScopes(halo.ScopeList(*g.Final.Scope))) == 0)
}

// FirstScope is the first requirement about a scope that is judged in this run: it says of all scopes that there are none,
// and the others of its guide wait for it. Where none is judged it is the guide's first.
func FirstScope(s *probes.Session, g *guide.Guide) string {
	for _, row := range g.Application.Scopes {
		if id := ScopeID(row.Name); s.Judges(id, probes.ProfileNamed(row.Profile)) {
			return id
		}
	}
	return ScopeID(g.Application.Scopes[0].Name)
}

// ScopeID is the requirement that asks for a scope: application.scope-read-customers for read:customers.
func ScopeID(scope string) string {
	return "application.scope-" + strings.NewReplacer(":", "-").Replace(strings.ToLower(scope))
}

func refused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}
