package login

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
	"github.com/halocheck/halocheck/probes/trust"
)

// AuthURL is login.auth-url.
var AuthURL = &probes.Requirement[TokenEndpoint]{
	ID:    authURLID,
	Level: probes.Must,
	Says:  "The Authorization Server URL leads to this instance's token endpoint.",
	Source: probes.Source{
		Section: "Create New Application", Item: "Warning", Label: "Authorization Server",
	},
	Remedy: probes.Remedy{
		Who:   probes.Operator,
		Do:    "Type the Authorisation Server as the instance shows it, with a slash at the end.",
		Where: "Configuration > Integrations > HaloPSA API > API Details",
	},
	FindOut: probes.Remedy{
		Who: probes.Operator, Do: "Run halocheck again in some minutes; if it stays so, ask the administrator of HaloPSA's Auth application.",
	},
	Causes: []probes.Cause{
		probes.AuthURLDiffers, probes.TokenEndpointMissing, probes.NotOAuth, probes.HTTPSRequired, probes.HTTPAuthRequired, probes.ClientCertRequired,
		probes.RateLimited, probes.ServerError,
	},
	Given: endpoint,
	Judge: judgeEndpoint,
}

func judgeEndpoint(e TokenEndpoint) probes.Verdict {
	base := e.Base()
	page := e.Response.Page
	switch {
	case e.Insecure && !e.WasTyped:
		return probes.Fail(probes.HTTPSRequired, fmt.Sprintf("the instance names %q, which is not https; halocheck sends no secret there", base)).With(correct(e))
	case e.Insecure:
		return probes.Fail(probes.HTTPSRequired, fmt.Sprintf("%q is not https; halocheck sends no secret there", base)).With(correct(e))
	case e.Response.OAuth() && httpsOnly(e.Response.Description):
		return probes.Fail(probes.HTTPSRequired, fmt.Sprintf("the token endpoint takes the request for http: %q", e.Response.Description)).With(forwardHTTPS)
	case e.Response.OAuth() && e.WasTyped && e.Named != "" && !sameURL(e.Named, e.Typed):
		return probes.Pass(fmt.Sprintf("%s answers as an OAuth server; the instance itself names %s%s", tokenURL(base, ""), e.Named, page.RetryNote()), e.Response.OAuth())
	case e.Response.OAuth():
		return probes.Pass(fmt.Sprintf("%s answers as an OAuth server%s", tokenURL(base, ""), page.RetryNote()), e.Response.OAuth())
	case e.Malformed && e.NamedResponse != nil && e.NamedResponse.OAuth():
		return probes.Fail(probes.AuthURLDiffers, fmt.Sprintf("this instance uses %s; %q is no URL that can be asked", e.Named, base)).With(correct(e))
	case e.NamedResponse != nil && e.NamedResponse.OAuth():
		return probes.Fail(probes.AuthURLDiffers, fmt.Sprintf("this instance uses %s; at %s there is no token endpoint (%s)", e.Named, tokenURL(base, ""), e.Response.What())).With(correct(e))
	case e.Malformed:
		return probes.Fail(probes.TokenEndpointMissing, fmt.Sprintf("%q is not a URL that can be asked", base)).With(correct(e))
	case e.Response.WantsHTTPAuth():
		return probes.Fail(probes.HTTPAuthRequired, e.Response.String()).With(product.AnonymousAuth("/auth"))
	case e.Response.Cause == probes.ClientCertRequired:
		return probes.Fail(probes.ClientCertRequired, e.Response.String()).With(trust.ClientCertRemedy)
	case e.Response.AsksAfterHandshake():
		return probes.CannotTell(e.Response.Cause, e.Response.String()).With(trust.AskedAfterHandshakeRemedy)
	case e.Response.Dropped():
		return probes.CannotTell(e.Response.Cause, e.Response.String())
	case page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("the token endpoint answered 429 (too many requests) %d times", page.Tries))
	case page.Transient(), e.Response.Error == "server_error", e.Response.Error == "temporarily_unavailable":
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("the token endpoint answered status %d to an empty form, %d times", page.Status, page.Tries))
	case page.Status == http.StatusNotFound || page.Status == http.StatusMethodNotAllowed:
		return probes.Fail(probes.TokenEndpointMissing, fmt.Sprintf("there is no token endpoint at %s", e.Response)).With(correct(e))
	}
	return probes.Fail(probes.NotOAuth, fmt.Sprintf("another server answers %s", e.Response)).With(correct(e))
}

// httpsOnly knows the answer of a server that stands behind a TLS terminator without being told so: halo-api §2.
func httpsOnly(description string) bool {
	return strings.Contains(strings.ToLower(description), "only accepts https")
}

// nameHTTPS is the remedy for an instance that sends everybody to http.
var nameHTTPS = probes.Remedy{
	Who:   probes.HaloAdmin,
	Do:    "Set the instance's Authorization Server to https, or type one with https into the integration.",
	Where: "authentication_root in the API's appsettings.json; Configuration > Integrations > HaloPSA API > API Details shows the value",
}

// forwardHTTPS is the remedy for that.
var forwardHTTPS = probes.Remedy{
	Who:   probes.NetworkAdmin,
	Do:    "Forward X-Forwarded-Proto to HaloPSA's Auth application, or speak https to IIS as well.",
	Where: "the load balancer or reverse proxy that ends TLS before IIS",
}

// endpointBroken is the remedy for an endpoint that is where it should be, and does not do its work.
func endpointBroken(address string) probes.Remedy {
	return probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    fmt.Sprintf("Start HaloPSA's Auth application, or have the proxy before it pass the path on, so that %s answers.", address),
		Where: "IIS Manager > the HaloPSA site > auth, and the load balancer or reverse proxy before it",
	}
}

// correct is the remedy that names the right URL where the instance told it. Where that one is in use, the URL is right and
// its endpoint is not, unless the instance names no https either.
func correct(e TokenEndpoint) probes.Remedy {
	switch {
	case e.Insecure && form(e.Named) == notSecure:
		return nameHTTPS
	case e.AsNamed():
		return endpointBroken(tokenURL(e.Base(), ""))
	}
	r := probes.Remedy{
		Who:   probes.Operator,
		Do:    "Type the Authorisation Server as the instance shows it, with a slash at the end.",
		Where: "the integration's Authorization Server field; Configuration > Integrations > HaloPSA API > API Details shows the value",
	}
	if form(e.Named) == wellFormed {
		return network.TypeAuthURL(e.Named)
	}
	return r
}
