// Package product judges what the instance says of itself without credentials: that it answers as HaloPSA, that its version
// is recent, that the tenant typed is its own.
package product

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/trust"
)

// AuthInfo is what the anonymous /api/authinfo says: halo-api §3.
type AuthInfo struct {
	network.Response
	HTML    bool     `json:"html,omitempty"`
	JSON    bool     `json:"json,omitempty"`
	AuthURL string   `json:"auth_url,omitempty"` // empty unless it is an absolute URL
	Tenant  string   `json:"tenant_id,omitempty"`
	Fields  []string `json:"fields,omitempty"` // the names of all fields, since the full body is not documented
	Version string   `json:"app_version,omitempty"`
}

// Answered tells whether HaloPSA answered. Reports of 1.0 and older do not say who did: there the address tells.
func (a AuthInfo) Answered() bool {
	return a.Page.Status == http.StatusOK && a.JSON && (a.Halo || a.AuthURL != "")
}

// Info asks /api/authinfo. It needs a connection, not a trusted one: nothing secret is sent.
var Info = &probes.Probe[AuthInfo]{
	Name: "product.authinfo",
	Asks: "GET /api/authinfo, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (AuthInfo, error) {
		return authInfo(ctx, s, s.Target.Resource)
	},
}

func authInfo(ctx context.Context, s *probes.Session, base *url.URL) (AuthInfo, error) {
	response, err := get(ctx, s, base, "api/authinfo")
	if err != nil {
		return AuthInfo{}, err
	}
	a := AuthInfo{Response: response, HTML: response.Page.IsHTML()}
	a.read(response.Page.Body)
	a.Halo = response.Seen.Who == halo.HaloPSA // an OAuth server's refusal is no authinfo
	return a, nil
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
	if fields, a.JSON = object(body); !a.JSON {
		return
	}
	for name := range fields {
		if len(a.Fields) < 40 && len(name) < 60 {
			a.Fields = append(a.Fields, name)
		}
	}
	sort.Strings(a.Fields)
	a.Version, _ = fields["app_version"].(string)
	a.AuthURL, a.Tenant = authURL(fields), tenant(fields)
}

// object is a JSON object's fields by name. A byte order mark before it is no part of it.
func object(body []byte) (fields map[string]any, ok bool) {
	err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &fields)
	return fields, err == nil
}

// text is a field's text; a number is written out, anything else is none.
func text(field any) string {
	if number, ok := field.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	text, _ := field.(string)
	return strings.TrimSpace(text)
}

// authURL is the field auth_url, if it is a URL that can be asked. A password in it is taken out: a report is passed on.
func authURL(fields map[string]any) string {
	address := text(fields["auth_url"])
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	switch u, err := url.Parse(address); {
	case err != nil || u.Host == "":
		return ""
	case u.User != nil:
		return u.Redacted()
	}
	return address
}

// tenant is the field tenant_id; the words for "none" are no tenant of that name.
func tenant(fields map[string]any) string {
	if name := text(fields["tenant_id"]); !strings.EqualFold(name, notSet) {
		return name
	}
	return ""
}

// Root asks for the instance's front page: what a browser would see first.
var Root = &probes.Probe[network.Response]{
	Name: "product.root",
	Asks: "GET /, without credentials",
	Look: func(ctx context.Context, s *probes.Session) (network.Response, error) {
		return get(ctx, s, s.Target.Resource, "/")
	},
}

// get requests an anonymous page once a handshake stands. A connection that breaks without an answer is an answer.
func get(ctx context.Context, s *probes.Session, base *url.URL, path string) (network.Response, error) {
	if err := trust.Resource.NeedHandshake(ctx, s); err != nil {
		return network.Response{}, err
	}
	return network.Anonymous(ctx, s, wire.Request{Method: http.MethodGet, URL: base.JoinPath(path).String()})
}
