// Package product holds what is asked of the instance itself: that it answers as HaloPSA, that its version will do, that
// the tenant typed is its own. Everything here is asked without credentials.
package product

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/trust"
)

// AuthInfo is what the anonymous /api/authinfo says: halo-api §3, the best single probe for URL and tenant.
type AuthInfo struct {
	network.Door
	HTML    bool     `json:"html,omitempty"`
	JSON    bool     `json:"json,omitempty"`
	AuthURL string   `json:"auth_url,omitempty"` // empty unless it is an absolute URL
	Tenant  string   `json:"tenant_id,omitempty"`
	Fields  []string `json:"fields,omitempty"` // the names of all fields, since the full body is not documented
	Version string   `json:"app_version,omitempty"`
}

// Answered tells whether Halo answered.
func (a AuthInfo) Answered() bool { return a.Page.Status == http.StatusOK && a.JSON && a.AuthURL != "" }

// Info asks /api/authinfo. It needs a connection, not a trusted one: nothing secret is sent.
var Info = &probes.Probe[AuthInfo]{
	Name: "product.authinfo",
	Asks: "GET /api/authinfo, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (AuthInfo, error) {
		door, err := fetch(ctx, s, s.Target.Resource.JoinPath("api", "authinfo").String())
		if err != nil {
			return AuthInfo{}, err
		}
		a := AuthInfo{Door: door, HTML: door.Page.IsHTML()}
		a.read(door.Page.Body)
		a.Halo = a.Answered()
		return a, nil
	},
}

// notSet is how HaloPSA writes that there is no tenant: halo-failures §1.1.
const notSet = "Not set"

// ReadAuthInfo is what a body of authinfo says, without the answer that it came in.
func ReadAuthInfo(body []byte) (a AuthInfo) {
	a.read(body)
	return a
}

// read takes the fields out of the body.
func (a *AuthInfo) read(body []byte) {
	var fields map[string]any
	if json.Unmarshal([]byte(strings.TrimPrefix(string(body), "\ufeff")), &fields) != nil {
		return
	}
	a.JSON = true
	for name := range fields {
		if len(a.Fields) < 40 && len(name) < 60 {
			a.Fields = append(a.Fields, name)
		}
	}
	sort.Strings(a.Fields)
	a.AuthURL, _ = fields["auth_url"].(string)
	if number, ok := fields["tenant_id"].(float64); ok {
		a.Tenant = strconv.FormatFloat(number, 'f', -1, 64)
	} else if a.Tenant, _ = fields["tenant_id"].(string); strings.EqualFold(strings.TrimSpace(a.Tenant), notSet) {
		a.Tenant = "" // the words for "none", not a tenant of that name
	}
	a.Version, _ = fields["app_version"].(string)
	switch u, err := url.Parse(a.AuthURL); {
	case err != nil || u.Host == "":
		a.AuthURL = ""
	case u.User != nil:
		a.AuthURL = u.Redacted() // whoever asks can read the password; a report is passed on
	}
}

// Root asks for the instance's front page: what a browser would see first.
var Root = &probes.Probe[network.Door]{
	Name: "product.root",
	Asks: "GET /, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (network.Door, error) {
		return fetch(ctx, s, s.Target.Resource.JoinPath("/").String())
	},
}

// fetch gets an anonymous page once a handshake stands. Where the connection breaks without an answer, that is the answer.
func fetch(ctx context.Context, s *probes.Session, address string) (network.Door, error) {
	if err := trust.Resource.NeedHandshake(ctx, s); err != nil {
		return network.Door{}, err
	}
	return network.Anonymous(ctx, s, wire.Request{Method: http.MethodGet, URL: address})
}
