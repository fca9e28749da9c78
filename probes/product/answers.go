package product

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/trust"
)

// Identification is how the Resource Server answers a caller without credentials.
type Identification struct {
	Info     AuthInfo          `json:"info"`
	Instance *Instance         `json:"instance,omitempty"`
	Root     *network.Response `json:"root,omitempty"` // asked only where HaloPSA did not answer
	Other    *network.Response `json:"other,omitempty"`
	// A path was given under which HaloPSA does not answer, while it does at the origin; Info and Instance are the origin's.
	WrongPath string `json:"wrong_path,omitempty"`
	Origin    string `json:"origin,omitempty"`
}

// Answered tells whether HaloPSA answers, be it under the path that was given or at the origin.
func (f Identification) Answered() bool {
	return f.Info.Answered() || f.Instance != nil && f.Instance.Halo
}

// AuthURL is the Authorisation Server that the instance names; empty where it names none.
func (f Identification) AuthURL() string {
	if f.Instance == nil {
		return f.Info.AuthURL
	}
	return cmp.Or(f.Info.AuthURL, f.Instance.AuthURL)
}

// Tenant is the tenant that the instance names; empty where it names none.
func (f Identification) Tenant() string {
	if f.Instance == nil {
		return strings.TrimSpace(f.Info.Tenant)
	}
	return strings.TrimSpace(cmp.Or(f.Info.Tenant, f.Instance.Tenant))
}

// Identify tells what answers, whatever it is. It cannot be told while something on the way turns this machine down.
var Identify = &probes.Probe[Identification]{
	Name: "product.face",
	Asks: "GET /api/authinfo and /api/InstanceInfo, and the same at the origin where the URL has a path under which HaloPSA does not answer; where nothing answers as HaloPSA, GET / and, where that is the same page, a POST of an empty form to the token endpoint",
	Look: func(ctx context.Context, s *probes.Session) (Identification, error) {
		probes.Begin(ctx, s, InstanceInfo)
		info, err := probes.Look(ctx, s, Info)
		if err != nil {
			return Identification{Info: info}, err
		}
		f := Identification{Info: info}
		if instance, err := probes.Look(ctx, s, InstanceInfo); err == nil {
			f.Instance = &instance
		}
		if path := s.Target.Resource.Path; !f.Answered() && path != "" {
			if there, ok := atOrigin(ctx, s); ok {
				f = there
			}
		}
		if f.Instance != nil && f.Instance.HostedGroup != "" {
			s.HostedSeen()
		}
		if f.Answered() {
			return f, nil
		}
		responses, err := ResponsesBeforeHaloPSA(ctx, s)
		if err != nil {
			return f, err
		}
		if len(responses) > 1 {
			f.Root = &responses[1]
		}
		if len(responses) > 2 {
			f.Other = &responses[2]
		}
		if network.FilterCause(responses...) != "" {
			return f, &probes.Unmet{ID: network.AllowlistID}
		}
		return f, nil
	},
}

// atOrigin asks the same without the path.
func atOrigin(ctx context.Context, s *probes.Session) (Identification, bool) {
	origin := &url.URL{Scheme: s.Target.Resource.Scheme, Host: s.Target.Resource.Host}
	f := Identification{WrongPath: s.Target.Resource.Path, Origin: origin.String()}
	var err error
	if f.Info, err = authInfo(ctx, s, origin); err != nil {
		return f, false
	}
	if instance, err := instanceInfo(ctx, s, origin); err == nil {
		f.Instance = &instance
	}
	if f.Answered() {
		s.SetBase(origin)
	}
	return f, f.Answered()
}

// ResponsesBeforeHaloPSA are the anonymous responses of a host where HaloPSA did not answer: of authinfo, of the front page unless the host is
// down and, where the two are one and the same page, of the place where a token endpoint usually is.
func ResponsesBeforeHaloPSA(ctx context.Context, s *probes.Session) ([]network.Response, error) {
	info, err := probes.Look(ctx, s, Info)
	if err != nil {
		return nil, err
	}
	if info.Page.Transient() { // its front page is down as well, and asking again takes ten seconds each
		return []network.Response{info.Response}, nil
	}
	root, err := probes.Look(ctx, s, Root)
	if err != nil {
		return nil, err
	}
	responses := []network.Response{info.Response, root}
	if same := info.Seen.Print; !info.Answered() && same != "" && same == root.Seen.Print {
		other, err := probes.Look(ctx, s, unrelatedPath)
		if err != nil {
			return nil, err
		}
		responses = append(responses, other)
	}
	return responses, nil
}

// unrelatedPath asks for something that no web site serves as it serves its front page.
var unrelatedPath = &probes.Probe[network.Response]{
	Name: "product.unrelated",
	Asks: "POST of an empty form to the token endpoint at its usual place, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (network.Response, error) {
		return network.Anonymous(ctx, s, wire.Request{Method: http.MethodPost, URL: s.Target.Resource.JoinPath("auth", "token").String()})
	},
}

// RequireHaloPSA is the identification of a HaloPSA that can be asked: with a wrong path, at the origin. Otherwise the error names what is
// unmet.
func RequireHaloPSA(ctx context.Context, s *probes.Session) (Identification, error) {
	if f, err := probes.Look(ctx, s, Identify); err == nil && f.Answered() {
		return f, nil
	}
	return probes.Need(ctx, s, Answers)
}

// HostingOf is who runs the instance, once it had the chance to say so.
func HostingOf(ctx context.Context, s *probes.Session) probes.Hosting {
	if s.Target.Host() != probes.Hosted {
		_, _ = probes.Look(ctx, s, Identify) // notes what it says
	}
	return s.Hosting()
}

// Answers is product.answers.
var Answers = &probes.Requirement[Identification]{
	ID:     "product.answers",
	Level:  probes.Must,
	Says:   "The Resource Server answers as HaloPSA.",
	Source: probes.Source{Section: "not in the guide: every check of HaloPSA needs it"},
	Remedy: probes.Remedy{
		Who:   probes.Operator,
		Do:    "Take the Resource Server's URL from the instance itself; only /api may follow the host.",
		Where: "Configuration > Integrations > HaloPSA API > API Details",
	},
	FindOut: probes.Remedy{
		Who: probes.Operator, Do: "Run halocheck again in some minutes; if it stays so, ask the administrator of the web server.",
	},
	Causes: []probes.Cause{
		probes.NotHalo, probes.HTMLInsteadOfJSON, probes.WrongPath, probes.HTTPAuthRequired, probes.ClientCertRequired, probes.RateLimited, probes.ServerError,
	},
	Given: Identify,
	Judge: judgeIdentification,
}

func judgeIdentification(f Identification) probes.Verdict {
	page := f.Info.Page
	switch {
	case f.WrongPath != "":
		return probes.Fail(probes.WrongPath, fmt.Sprintf("HaloPSA answers at %s and not under %s", f.Origin, f.WrongPath)).With(probes.Remedy{
			Who: probes.Operator, Do: fmt.Sprintf("Use %s as the Resource Server (only /api may follow).", f.Origin),
			Where: "the integration's Resource Server field; Configuration > Integrations > HaloPSA API > API Details shows the value",
		})
	case f.Info.Answered() && f.AuthURL() == "":
		return probes.Pass("/api/authinfo answers as HaloPSA and names no Authorisation Server"+page.RetryNote(), f.Info.Answered())
	case f.Info.Answered():
		return probes.Pass("/api/authinfo answers as HaloPSA and names the Authorisation Server "+f.AuthURL()+page.RetryNote(), f.Info.Answered())
	case f.Answered():
		return probes.Pass(fmt.Sprintf("/api/InstanceInfo answers as HaloPSA (%s)", f.Info), f.Answered())
	case f.Info.WantsHTTPAuth():
		return probes.Fail(probes.HTTPAuthRequired, f.Info.String()).With(AnonymousAuth("/api"))
	case f.Info.Cause == probes.ClientCertRequired:
		return probes.Fail(f.Info.Cause, f.Info.String()).With(trust.ClientCertRemedy)
	case f.Info.AsksAfterHandshake():
		return probes.CannotTell(f.Info.Cause, f.Info.String()).With(trust.AskedAfterHandshakeRemedy)
	case f.Info.Dropped():
		return probes.CannotTell(f.Info.Cause, f.Info.String())
	case page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, fmt.Sprintf("/api/authinfo answered 429 (too many requests) %d times", page.Tries))
	case page.Transient():
		return probes.CannotTell(probes.ServerError, fmt.Sprintf("/api/authinfo answered status %d, %d times", page.Status, page.Tries))
	case page.Status == http.StatusOK && f.Info.HTML:
		return probes.Fail(probes.HTMLInsteadOfJSON, "/api/authinfo gives a web page: the URL leads to the agent application, a portal or another site, not to the API")
	case f.Info.Seen.RedirectsTo != "":
		return probes.Fail(probes.NotHalo, "another server answers "+f.Info.String()).With(probes.Remedy{
			Who: probes.Operator, Do: fmt.Sprintf("Check whether the instance moved to %s.", f.Info.Seen.RedirectsTo), Where: "Configuration > Integrations > HaloPSA API > API Details",
		})
	case page.Location != "":
		return probes.Fail(probes.NotHalo, fmt.Sprintf("/api/authinfo answered status %d and points to %s", page.Status, page.Location))
	case page.Status == http.StatusOK && f.Info.JSON:
		return probes.Fail(probes.NotHalo, fmt.Sprintf("/api/authinfo answered JSON, but not HaloPSA's (fields: %v)", f.Info.Fields))
	}
	return probes.Fail(probes.NotHalo, "another server answers "+f.Info.String())
}

// AnonymousAuth is the remedy for a web server that asks for a login of its own before HaloPSA.
func AnonymousAuth(path string) probes.Remedy {
	return probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    fmt.Sprintf("Enable Anonymous Authentication alone for %s, and no Windows, Basic or Digest Authentication.", path),
		Where: "IIS Manager > the HaloPSA site > the application > Authentication, or the reverse proxy before it",
	}
}
