package network

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Door is one anonymous request that a healthy instance answers, and what came back.
type Door struct {
	Path   string       `json:"path"`
	Page   wire.Page    `json:"page"`
	Halo   bool         `json:"halo,omitempty"`  // the answer is Halo's own: authinfo's fields, or an OAuth error
	Cause  probes.Cause `json:"cause,omitempty"` // why no answer came over a connection that stood
	Detail string       `json:"detail,omitempty"`
}

// Refused tells whether something before Halo turned the request down: these requests need no credentials, so a 401 or
// 403 is never Halo's. halo-failures §4.2.
func (d Door) Refused() bool {
	return !d.Halo && d.Cause == "" && (d.Page.Status == http.StatusUnauthorized || d.Page.Status == http.StatusForbidden)
}

// Hidden tells whether IIS says that there is nothing: its filter can be set to deny with 404. halo-failures §4.2.
func (d Door) Hidden() bool {
	return !d.Halo && d.Page.Status == http.StatusNotFound && strings.Contains(d.Page.Server, "IIS")
}

// front tells whether it is the front page, which no integration asks for.
func (d Door) front() bool { return strings.HasSuffix(d.Path, "/") }

// Dropped tells whether the request was cut off without an answer.
func (d Door) Dropped() bool { return d.Cause != "" }

// String is the answer in words.
func (d Door) String() string {
	switch {
	case d.Dropped():
		return fmt.Sprintf("%s: %s", d.Path, d.Detail)
	case d.Page.Server != "":
		return fmt.Sprintf("%s: status %d, %s, from %q", d.Path, d.Page.Status, kind(d.Page), d.Page.Server)
	}
	return fmt.Sprintf("%s: status %d, %s", d.Path, d.Page.Status, kind(d.Page))
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
func Anonymous(ctx context.Context, s *probes.Session, r wire.Request) (Door, error) {
	page, err := s.Net.Fetch(ctx, r)
	switch {
	case err == nil && page.WantsClientCert():
		return Door{Path: path(r.URL), Page: page, Cause: probes.ClientCertRequired, Detail: fmt.Sprintf("status %d and a page that asks for a client certificate", page.Status)}, nil
	case err == nil:
		return Door{Path: path(r.URL), Page: page}, nil
	case ctx.Err() != nil:
		return Door{}, context.Cause(ctx)
	}
	cause := probes.Cause(wire.Cause(err))
	if cause == "" {
		cause = probes.NotObserved
	}
	return Door{Path: path(r.URL), Cause: cause, Detail: wire.Describe(err)}, nil
}
