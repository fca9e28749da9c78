package network

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// Response is one anonymous request that a healthy instance answers, and what came back.
type Response struct {
	Path   string           `json:"path"`
	Page   wire.Page        `json:"page"`
	Halo   bool             `json:"halo,omitempty"`  // HaloPSA or its token endpoint answered: [halo.Recognise]
	Seen   halo.Recognition `json:"seen,omitzero"`   // who answered; absent in reports of 1.0 and older
	Cause  probes.Cause     `json:"cause,omitempty"` // why no answer came over a connection that stood
	Detail string           `json:"detail,omitempty"`
	// ClientCertRequested means that the server asked for a client certificate in its handshakes; of a refusal only.
	ClientCertRequested bool `json:"client_certificate_asked,omitempty"`
}

// NewResponse is what a page shows of who sent it.
func NewResponse(address string, page wire.Page) Response {
	seen := halo.Recognise(page)
	r := Response{Path: path(address), Page: page, Seen: seen, Halo: seen.Who == halo.HaloPSA || seen.Who == halo.OAuthServer}
	switch {
	case r.Halo || seen.Sign != halo.ClientCert:
	case page.AsksAfterHandshake():
		r.Cause, r.Detail = probes.NotObserved, fmt.Sprintf("status %d; the server asks for a client certificate after the TLS 1.3 handshake, which halocheck cannot answer", page.Status)
	default:
		r.Cause, r.Detail = probes.ClientCertRequired, fmt.Sprintf("status %d and a page that asks for a client certificate", page.Status)
	}
	return r
}

// AsksAfterHandshake tells whether the server asked for a client certificate in a way in which only this program cannot say
// that it has none.
func (r Response) AsksAfterHandshake() bool {
	return r.Cause == probes.NotObserved && r.Seen.Sign == halo.ClientCert
}

// Refused tells whether something before HaloPSA turned the request down: a block page, a challenge, a sign-in page, or a 401
// or 403, which is never HaloPSA's, since these requests need no credentials (halo-failures §4.2). A demand for HTTP
// authentication is told apart: see [Response.WantsHTTPAuth].
func (r Response) Refused() bool {
	if r.Halo || r.Dropped() || r.WantsHTTPAuth() {
		return false
	}
	return r.Seen.TurnsAway() || r.Page.Status == http.StatusUnauthorized || r.Page.Status == http.StatusForbidden
}

// WantsHTTPAuth tells whether the web server itself asks for a login: Negotiate, NTLM, Basic or Digest.
func (r Response) WantsHTTPAuth() bool { return !r.Halo && r.Seen.Sign == halo.HTTPAuth }

// Hidden tells whether IIS says that there is nothing: its filter can be set to deny with 404. halo-failures §4.2.
func (r Response) Hidden() bool {
	return !r.Halo && r.Page.Status == http.StatusNotFound && strings.Contains(r.Page.Server, "IIS")
}

// front tells whether it is the front page, which no integration asks for.
func (r Response) front() bool { return strings.HasSuffix(r.Path, "/") }

// Dropped tells whether the request was cut off without an answer.
func (r Response) Dropped() bool { return r.Cause != "" }

// IdenticalResponses tells whether three or more requests for unrelated things got one and the same page, and no answer of
// HaloPSA's: something before it answers for everything. A server that is down, or that asks for a login, does so too.
func IdenticalResponses(responses ...Response) bool {
	return len(responses) > 2 && responses[0].Seen.Print != "" &&
		!slices.ContainsFunc(responses, func(r Response) bool {
			return r.Halo || r.WantsHTTPAuth() || r.Page.Transient() || r.Seen.Print != responses[0].Seen.Print
		})
}

// String is the answer in words, with the path.
func (r Response) String() string { return r.Path + ": " + r.What() }

// What is the answer in words.
func (r Response) What() string {
	switch {
	case r.Dropped():
		return r.Detail
	case r.Seen.Says != "" && r.Page.IsHTML():
		return fmt.Sprintf("status %d, a page titled %q", r.Page.Status, r.Seen.Says)
	case r.Seen.Says != "":
		return fmt.Sprintf("status %d, which says %q", r.Page.Status, r.Seen.Says)
	case r.Seen.What != "":
		return fmt.Sprintf("status %d, %s", r.Page.Status, r.Seen.What)
	case r.Seen.RedirectsTo != "":
		return fmt.Sprintf("status %d, which points to %s", r.Page.Status, r.Seen.RedirectsTo)
	case r.Page.Server != "":
		return fmt.Sprintf("status %d, %s, from %q", r.Page.Status, kind(r.Page), r.Page.Server)
	}
	return fmt.Sprintf("status %d, %s", r.Page.Status, kind(r.Page))
}

func kind(p wire.Page) string {
	if p.Type == "" {
		return "no content type"
	}
	kind, _, _ := strings.Cut(p.Type, ";")
	return kind
}

// path is the path of an address, for reports.
func path(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.Path
}

// Anonymous sends a request that carries nothing secret. A connection that stood and then broke without an answer is an
// answer: its cause and detail come back in place of a page. The error is set only where the run itself ended.
func Anonymous(ctx context.Context, s *probes.Session, r wire.Request) (Response, error) {
	return anonymous(ctx, s, r, s.Net.Fetch)
}

// AnonymousOnce is Anonymous without trying again what is transient.
func AnonymousOnce(ctx context.Context, s *probes.Session, r wire.Request) (Response, error) {
	return anonymous(ctx, s, r, s.Net.Once)
}

func anonymous(ctx context.Context, s *probes.Session, r wire.Request, send func(context.Context, wire.Request) (wire.Page, error)) (Response, error) {
	page, err := send(ctx, r)
	switch {
	case err == nil:
		response := NewResponse(r.URL, page)
		if e, err := wire.ParseEndpoint(r.URL); err == nil && response.Refused() {
			response.ClientCertRequested = s.Net.ClientCertRequested(e)
		}
		return response, nil
	case ctx.Err() != nil:
		return Response{}, context.Cause(ctx)
	}
	cause := probes.Cause(wire.Cause(err))
	if cause == "" {
		cause = probes.NotObserved
	}
	return Response{Path: path(r.URL), Cause: cause, Detail: wire.Describe(err)}, nil
}
