package login

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// Grant is what the token endpoint gave for the credentials.
type Grant struct {
	TokenURL string                     `json:"token_url"`
	Asked    []string                   `json:"asked"`          // the guide's scopes, requested together
	Combined halo.TokenReply            `json:"combined"`       // the answer to all of them at once
	Each     map[string]halo.TokenReply `json:"each,omitempty"` // by resource and then by scope, only where the combined request was refused for its scopes
	Final    halo.TokenReply            `json:"final"`          // the token that the API is asked with
	Kept     []string                   `json:"kept,omitempty"` // the scopes that the final request asked for
	Inactive *bool                      `json:"inactive,omitempty"`

	IDMalformed bool `json:"id_malformed,omitempty"` // the Client ID has not the form of one: nothing was sent
}

// Granted tells whether these credentials got any token.
func (g Grant) Granted() bool {
	if g.Final.Granted {
		return true
	}
	for _, r := range g.Each {
		if r.Granted {
			return true
		}
	}
	return false
}

// grant logs in. The secret goes out only once trust holds for the host it goes to: the typed Authorisation Server, or
// the one that the instance names, and then the instance's own word has to be trusted too.
var grant = &probes.Probe[Grant]{
	Name: "login.grant",
	Asks: "POST of the client credentials to the token endpoint with the guide's scopes; where those are refused, once for the scopes of each resource and then for each of those refused, and with the admin credentials GET /api/Application",
	Look: func(ctx context.Context, s *probes.Session) (Grant, error) {
		if !s.Credentials.Given() {
			return Grant{}, errNoCredentials()
		}
		e, err := probes.Need(ctx, s, AuthURL)
		if err != nil {
			return Grant{}, err
		}
		if !e.Response.OAuth() { // a person vouched for it, which is no reason to send a secret
			return Grant{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "the token endpoint did not answer as an OAuth server, so no secret was sent"}
		}
		at, err := site(ctx, s)
		if err != nil {
			return Grant{}, err
		}
		if err := at.NeedVerified(ctx, s); err != nil {
			return Grant{}, err
		}
		if !e.WasTyped {
			if err := trust.Resource.NeedVerified(ctx, s); err != nil {
				return Grant{}, err
			}
		}
		if !halo.IsClientID(s.Credentials.ID.Reveal()) {
			return Grant{IDMalformed: true}, nil
		}
		tenancy, err := probes.Look(ctx, s, product.TenantEndpoints)
		if err != nil {
			return Grant{}, err
		}
		if tenancy.Wrong() {
			return Grant{}, &probes.Unmet{ID: product.TenantID}
		}
		g := Grant{TokenURL: tokenURL(e.Base(), tenancy.Use()), Asked: s.Guide.ScopesToRequest()}
		halo.SetTokenEndpoint(s, g.TokenURL)
		return g, g.login(ctx, s)
	},
}

// login asks for all scopes at once and, only where they are refused as scopes, for each by itself and then for those
// that were granted.
func (g *Grant) login(ctx context.Context, s *probes.Session) error {
	var err error
	if g.Combined, err = halo.RequestToken(ctx, s, halo.Integration, g.Asked, true); err != nil {
		return err
	}
	g.Final, g.Kept = g.Combined, g.Asked
	if g.Combined.Granted {
		return nil
	}
	if refusedForScope(g.Combined) {
		if err := g.oneByOne(ctx, s); err != nil || g.Granted() {
			return err
		}
	}
	g.Inactive = inactive(ctx, s)
	return nil
}

// refusedForScope tells whether fewer scopes may be granted: invalid_scope, or an invalid_request that can be about
// scopes (halo-api §2, rows 7 and 12).
func refusedForScope(r halo.TokenReply) bool {
	return r.Error == "invalid_scope" || (r.Error == "invalid_request" && !httpsOnly(r.Description))
}

// oneByOne asks for the scopes of each resource apart, and for those of a resource that is refused each by itself: in
// that order, since most applications lack few, and every request counts towards the instance's limit.
func (g *Grant) oneByOne(ctx context.Context, s *probes.Session) error {
	g.Each = map[string]halo.TokenReply{}
	resources := byResource(g.Asked)
	if err := g.apart(ctx, s, resources); err != nil {
		return err
	}
	var single [][]string
	for _, scopes := range resources {
		if reply := g.Each[scopes[0]]; len(scopes) > 1 && !reply.Granted && refusedForScope(reply) {
			for _, scope := range scopes {
				single = append(single, []string{scope})
			}
		}
	}
	if err := g.apart(ctx, s, single); err != nil {
		return err
	}
	g.Kept = nil
	for _, scope := range g.Asked {
		if g.Each[scope].Granted {
			g.Kept = append(g.Kept, scope)
		}
	}
	// With no scope left, a token without any still shows that the credentials are right: halo-api §1.
	var err error
	g.Final, err = halo.RequestToken(ctx, s, halo.Integration, g.Kept, true)
	return err
}

// apart asks for each set of scopes by itself, all at once, and keeps the answer for every scope of the set.
func (g *Grant) apart(ctx context.Context, s *probes.Session, sets [][]string) error {
	replies := make([]halo.TokenReply, len(sets))
	errs := make([]error, len(sets))
	var parts probes.Group
	for i, set := range sets {
		parts.Go(func() { replies[i], errs[i] = halo.RequestToken(ctx, s, halo.Integration, set, false) })
	}
	parts.Wait()
	var failed error
	for i, set := range sets {
		failed = cmp.Or(failed, errs[i])
		for _, scope := range set {
			g.Each[scope] = replies[i]
		}
	}
	return failed
}

// byResource puts together the scopes of one resource, read:items with edit:items, in the order that they came in.
func byResource(scopes []string) [][]string {
	var sets [][]string
	at := map[string]int{}
	for _, scope := range scopes {
		_, resource, ok := strings.Cut(scope, ":")
		if !ok {
			resource = scope
		}
		i, known := at[resource]
		if !known {
			i = len(sets)
			at[resource], sets = i, append(sets, nil)
		}
		sets[i] = append(sets[i], scope)
	}
	return sets
}

// inactive asks with admin rights whether the application is switched off; nil where that cannot be seen.
func inactive(ctx context.Context, s *probes.Session) *bool {
	page, err := halo.Get(ctx, s, halo.Admin, "Application", nil)
	if err != nil || page.Status != http.StatusOK {
		return nil
	}
	app, _ := halo.FindApplication(halo.Rows(page.Body, "applications"), s.Credentials.ID.Reveal())
	return app.Inactive
}

// detailsTab is where an application's login is set.
const detailsTab = "Configuration > Integrations > HaloPSA API > View Applications > the application > Details tab"

// Token is login.token.
var Token = &probes.Requirement[Grant]{
	ID:    "login.token",
	Level: probes.Must,
	Says:  "The credentials get a token.",
	Source: probes.Source{
		Section: "Create New Application", Item: "Details tab", Label: "Authentication Method: Client ID and Secret (Services)",
	},
	Remedy: probes.Remedy{
		Who:   probes.HaloAdmin,
		Do:    "Check that the saved application is active, uses the Authentication Method Client ID and Secret (Services), and logs in as an enabled agent.",
		Where: detailsTab,
	},
	FindOut: probes.Remedy{
		Who: probes.Operator, Do: "Run the check with the Client ID and the Client Secret of the integration.", Where: detailsTab,
	},
	Causes: []probes.Cause{
		probes.InvalidClient, probes.UnauthorizedClient, probes.InvalidScope, probes.InvalidRequest, probes.InvalidGrant, probes.AccessDenied, probes.ApplicationInactive,
		probes.EdgeRefused, probes.IDMalformed, probes.TokenEndpointMissing, probes.AnswerMalformed, probes.NotOAuth, probes.HTTPSRequired, probes.RateLimited, probes.ServerError,
	},
	Given: grant,
	Judge: judgeGrant,
}

func judgeGrant(g Grant) probes.Verdict {
	r := g.Combined
	if refusedForScope(r) && g.Final.Page.Status != 0 {
		r = g.Final // a server may look at scopes first: only a request without any shows what it thinks of the credentials
	}
	said := fmt.Sprintf("the token endpoint answered status %d, %s", r.Page.Status, quoted(r))
	switch {
	case g.IDMalformed:
		return probes.Fail(probes.IDMalformed, "the Client ID does not look like one (a GUID), so halocheck sent nothing").With(copyID)
	case g.Granted():
		return probes.Pass(fmt.Sprintf("a token was issued for %s%s", cmp.Or(strings.Join(g.Kept, " "), "none of the guide's scopes"), g.Final.Page.RetryNote()), g.Granted())
	case g.Inactive != nil && *g.Inactive:
		return probes.Fail(probes.ApplicationInactive, "the application is switched off: "+said).With(tickActive)
	case r.Page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("the token endpoint answered 429 (too many requests) %d times", r.Page.Tries))
	case r.Page.Transient(), r.Error == "server_error", r.Error == "temporarily_unavailable":
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("the token endpoint answered status %d, %d times", r.Page.Status, max(1, r.Page.Tries)))
	case r.Before == "" && r.Page.RedirectNote("secret") != "":
		return probes.Fail(probes.NotOAuth, fmt.Sprintf("the token endpoint answered status %d%s", r.Page.Status, r.Page.RedirectNote("secret"))).With(endpointBroken(g.TokenURL))
	}
	if v, ok := judgeReason(r, said); ok {
		return v
	}
	if !oauthCode().MatchString(r.Error) {
		return judgeUntold(g, r, said)
	}
	return judgeRefusal(r, said)
}

// judgeReason judges a refusal of which the instance gives the reason in its own words: what it names is looked at before anything
// that its error code may mean.
func judgeReason(r halo.TokenReply, said string) (probes.Verdict, bool) {
	if r.Before != "" || r.WindowsAuth {
		return probes.Verdict{}, false
	}
	cause := probes.AccessDenied
	if oauthCode().MatchString(r.Error) {
		cause = probes.Cause(r.Error)
	}
	switch reason := halo.ReasonOf(r.Description + " " + r.Words); reason {
	case halo.ApplicationOff:
		return probes.Fail(probes.ApplicationInactive, "the instance says that the application is switched off: "+said).With(tickActive), true
	case halo.OtherMethod: // under invalid_client, too: halo-failures §2.2, ID2053
		return probes.Fail(probes.UnauthorizedClient, "the application does not use Client ID and Secret (Services): "+said).With(setMethod), true
	case halo.AgentOff, halo.Licence:
		remedy, _ := findReason(reason)
		return probes.Fail(cause, "the instance gives its reason itself: "+said).With(remedy), true
	}
	return probes.Verdict{}, false
}

// judgeUntold judges an answer that names no OAuth error. The same endpoint did so for a form without credentials.
func judgeUntold(g Grant, r halo.TokenReply, said string) probes.Verdict {
	switch {
	case r.WindowsAuth: // the web server answered, and never saw the credentials
	case r.Before != "":
		return probes.CannotTell(probes.EdgeRefused, fmt.Sprintf("something before the token endpoint answers in its place: status %d, %s; it lets only forms without credentials through", r.Page.Status, r.Before)).With(passCredentials)
	case r.Page.Status == http.StatusUnauthorized && r.Empty:
		return probes.Fail(probes.InvalidClient, fmt.Sprintf("the instance refuses the Client ID and the Client Secret (status %d, no reason given)", r.Page.Status)).With(checkCredentials)
	case r.Page.Status == http.StatusUnauthorized, r.Page.Status == http.StatusForbidden:
		return probes.Fail(probes.AccessDenied, said+"; without credentials it answers as it should")
	case r.Page.Status == http.StatusNotFound:
		return probes.Fail(probes.TokenEndpointMissing, said).With(endpointBroken(g.TokenURL))
	case r.Page.Status == http.StatusBadRequest && r.Words != "":
		return probes.Fail(probes.AccessDenied, said+"; without credentials it answers as it should")
	case r.Unusable:
		return probes.CannotTell(probes.AnswerMalformed, fmt.Sprintf("the token endpoint answered status %d and a token with characters in it that no token may have", r.Page.Status)).With(runAgain)
	case r.Page.Status/100 == 2:
		return probes.CannotTell(probes.AnswerMalformed, fmt.Sprintf("the token endpoint answered status %d, with neither a token nor an OAuth error; without credentials it answers as it should", r.Page.Status)).With(runAgain)
	}
	return probes.Fail(probes.NotOAuth, said).With(endpointBroken(g.TokenURL))
}

// runAgain is about an endpoint that answers, and not as it should.
var runAgain = probes.Remedy{
	Who: probes.Operator, Do: "Run halocheck again in some minutes; if it stays so, ask the administrator of HaloPSA's Auth application what it answers to a log-in.",
}

// passCredentials is about what stands before the token endpoint and turns forms with credentials away.
var passCredentials = probes.Remedy{
	Who:   probes.NetworkAdmin,
	Do:    "Look up what answers in place of the token endpoint, and let the log-in form (POST) through.",
	Where: "the log of the WAF or reverse proxy before HaloPSA",
}

// judgeRefusal judges an OAuth error. Only invalid_client refuses the credentials as such.
func judgeRefusal(r halo.TokenReply, said string) probes.Verdict {
	switch r.Error {
	case "invalid_client":
		remedy := checkCredentials
		if unknownID(r.Description) {
			remedy = copyID
		}
		return probes.Fail(probes.InvalidClient, whichHalf(r.Description)+said).With(remedy)
	case "unauthorized_client", "unsupported_grant_type":
		return probes.Fail(probes.Cause(r.Error), "the application does not use Client ID and Secret (Services): "+said).
			With(setMethod)
	case "invalid_scope":
		return probes.Fail(probes.InvalidScope, "the application has none of the guide's permissions: "+said).
			With(probes.Remedy{Who: probes.HaloAdmin, Do: "Enable the guide's permissions on the application and save.", Where: "Configuration > Integrations > HaloPSA API > View Applications > the application > Permissions tab"})
	case "invalid_request":
		if httpsOnly(r.Description) {
			return probes.Fail(probes.HTTPSRequired, said).With(forwardHTTPS)
		}
	}
	return probes.Fail(probes.Cause(r.Error), said)
}

// oauthCode is the form of an error code: RFC 6749 §5.2, and no sentence.
var oauthCode = lazyregexp.New(`^[a-z][a-z_]{1,39}$`)

// checkCredentials is the remedy for a refusal of the credentials as such. A new secret cuts off whoever uses the old one
// (halo-live §4), so it comes last.
var checkCredentials = probes.Remedy{
	Who:   probes.HaloAdmin,
	Do:    "Copy the Client ID and the Client Secret of the saved application again. Only if the secret is lost, generate a new one: this cuts off everything that uses the old one.",
	Where: detailsTab,
}

// copyID is the remedy for a Client ID that is none, or that nobody knows.
var copyID = probes.Remedy{
	Who:   probes.Operator,
	Do:    "Copy the Client ID of the saved application again into the integration's Client ID field.",
	Where: detailsTab,
}

// quoted is the endpoint's own words.
func quoted(r halo.TokenReply) string {
	switch {
	case r.Error == "" && r.Words != "":
		return fmt.Sprintf("without an OAuth error, and says %q", r.Words)
	case r.Error == "":
		return "without an OAuth error"
	case r.Description == "":
		return r.Error
	}
	return fmt.Sprintf("%s (%q)", r.Error, r.Description)
}

// whichHalf reads out of the description which of the two is wrong: a hint, since the wording is the library's
// (halo-api §2, rows 10 and 14).
func whichHalf(description string) string {
	switch {
	case unknownID(description):
		return "the instance does not know this Client ID: "
	case strings.Contains(strings.ToLower(description), "credentials"):
		return "the Client ID is right, the Client Secret is not: "
	}
	return ""
}

// unknownID tells whether the description says that the Client ID is the half that is wrong.
func unknownID(description string) bool {
	return strings.Contains(strings.ToLower(description), "client_id")
}
