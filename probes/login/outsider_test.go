package login

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// outsider is as little of a Halo as a login needs, written apart from fakehalo so that a misunderstanding is not shared.
type outsider struct {
	authURL string // what authinfo names, with %s for the server's own URL
	me      func(http.ResponseWriter)
	hang    string // a path that is never answered
}

func (o outsider) serve(t *testing.T) *httptest.Server {
	t.Helper()
	var own string
	over := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case o.hang:
			<-over
		case "/api/authinfo":
			_, _ = fmt.Fprintf(w, `{"auth_url":%q,"tenant_id":null}`, strings.ReplaceAll(o.authURL, "%s", own))
		case "/auth/token":
			if r.Form.Get("client_secret") == "" {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = w.Write([]byte(`{"error":"invalid_request"}`))
				return
			}
			_, _ = w.Write([]byte("\ufeff" + `{"access_token":"t","token_type":"Bearer","expires_in":3600}`))
		case "/api/Agent/me":
			o.me(w)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	own = server.URL
	t.Cleanup(func() { close(over); server.Close() })
	return server
}

// verdicts runs checks against the outsider with credentials, and with a typed Authorisation Server unless that is empty.
func (o outsider) verdicts(t *testing.T, typed string, checks ...probes.Check) map[string]probes.Finding {
	t.Helper()
	server := o.serve(t)
	trusted, err := wire.NewRoots([]*x509.Certificate{server.Certificate()})
	if err != nil {
		t.Fatal(err)
	}
	resource, err := probes.ParseTarget(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := &probes.Session{
		Target:      probes.Target{Resource: resource, AuthURL: strings.ReplaceAll(typed, "%s", server.URL), AuthTyped: typed != ""},
		Guide:       guide.BuiltIn(),
		Credentials: probes.Credentials{ID: secret.New("6f1d2c3b-8a49-4e57-9b60-c71d2e3f4a5b"), Secret: secret.New("secret")},
		Net: &wire.Net{
			Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: trusted, Now: time.Now, UserAgent: "halocheck/test", Pinned: map[string][]netip.Addr{},
		},
	}
	defer s.Net.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	out := map[string]probes.Finding{}
	for f := range probes.Run(ctx, s, checks) {
		out[f.ID] = f
	}
	return out
}

func TestOutsiders(t *testing.T) {
	agent := func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"id":7,"name":"MSPCentric"}`)) }
	null := func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }
	page := func(w http.ResponseWriter) { _, _ = w.Write([]byte(`<html>`)) }
	const own = "%s/auth"
	for name, c := range map[string]struct {
		outsider
		typed string
		want  map[string]string // status, cause, blocked by
	}{
		"healthy, with a mark before the token": {outsider{authURL: own, me: agent}, "", map[string]string{"login.auth-url": "pass ok ", "login.agent": "pass ok "}},
		"the instance names http":               {outsider{authURL: "http://auth.invalid/auth", me: agent}, "", map[string]string{"login.auth-url": "fail https_required ", "login.token": "blocked  login.auth-url"}},
		"typed with /api, refused with 401":     {outsider{authURL: own, me: agent}, "%s/api/", map[string]string{"login.auth-url": "fail auth_url_differs "}},
		"null as 204":                           {outsider{authURL: own, me: null}, "", map[string]string{"login.login-type": "pass ok ", "login.agent": "fail no_agent "}},
		"a page for an agent":                   {outsider{authURL: own, me: page}, "", map[string]string{"login.login-type": "unknown answer_malformed ", "login.agent": "blocked  login.login-type"}},
		"silence for an agent":                  {outsider{authURL: own, hang: "/api/Agent/me"}, "", map[string]string{"login.login-type": "unknown timeout ", "login.agent": "blocked  login.login-type"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := c.verdicts(t, c.typed, AuthURL, Token, LoginType, Agent)
			for id, want := range c.want {
				f := found[id]
				if got := fmt.Sprintf("%s %s %s", f.Status, f.Cause, f.BlockedBy); got != want {
					t.Errorf("%s: got %q, want %q (%s)", id, got, want, f.Because)
				}
			}
		})
	}
}
