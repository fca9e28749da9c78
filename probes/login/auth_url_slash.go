package login

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// Typed is the Authorisation Server as it stands in the integration.
type Typed struct {
	URL   string `json:"url"`
	Given bool   `json:"given"`
	Asked bool   `json:"asked"`           // the guide asks for the slash
	Right string `json:"right,omitempty"` // the server to type instead, where login.auth-url names another one
}

var typed = &probes.Probe[Typed]{
	Name: "login.typed",
	Asks: "what login.endpoint asks, where the slash is missing (POST of an empty form to the token endpoint)",
	Look: func(ctx context.Context, s *probes.Session) (Typed, error) {
		row := s.Guide.Login.AuthURL
		t := Typed{URL: s.Target.AuthURL, Given: s.Target.AuthTyped, Asked: row != nil && row.TrailingSlash == guide.SlashMust}
		if t.Given && t.Asked && !strings.HasSuffix(t.URL, "/") {
			if e, err := probes.Look(ctx, s, endpoint); err == nil && !e.Response.OAuth() && e.Named != "" {
				t.Right = e.Named
			}
		}
		return t, nil
	},
	AlwaysAnswers: true,
}

// AuthURLSlash is login.auth-url-slash. It is the vendor's rule, not Halo's: other integrations want no slash
// (halo-failures §0.2), which is why it is judged apart from whether the URL works.
var AuthURLSlash = &probes.Requirement[Typed]{
	ID:    "login.auth-url-slash",
	Level: probes.Must,
	Says:  "The Authorization Server URL ends in a slash.",
	Source: probes.Source{
		Section: "Create New Application", Item: "Warning", Label: "Authorization Server",
	},
	Remedy: probes.Remedy{
		Who:   probes.Operator,
		Do:    "Add a slash to the end of the Authorization Server URL.",
		Where: "the integration's Authorization Server field",
	},
	Causes: []probes.Cause{probes.NoTrailingSlash},
	Given:  typed,
	Judge: func(t Typed) probes.Verdict {
		switch {
		case !t.Asked:
			return probes.DoesNotApply("the guide does not ask for it")
		case !t.Given:
			return probes.DoesNotApply("no Authorisation Server was given to judge")
		case strings.HasSuffix(t.URL, "/"):
			return probes.Pass(fmt.Sprintf("%q ends in a slash", t.URL), t.URL)
		}
		v := probes.Fail(probes.NoTrailingSlash, fmt.Sprintf("%q does not end in a slash", t.URL))
		right := strings.TrimRight(strings.TrimSpace(cmp.Or(t.Right, t.URL)), "/") + "/"
		if form(right) != wellFormed {
			return v // how to write it is login.auth-url's to say
		}
		return v.With(probes.Remedy{
			Who: probes.Operator, Do: fmt.Sprintf("Type %s with the slash at the end and nothing behind it.", right),
			Where: "the integration's Authorization Server field",
		})
	},
}
