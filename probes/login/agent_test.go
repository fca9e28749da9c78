package login

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
)

// TestFromAgent: what an agent saw is judged as what a vantage point saw. What lies with the agent accuses nobody, and neither
// does the answer of a host that need not have /api/authinfo; its rate is kept.
func TestFromAgent(t *testing.T) {
	authinfo := []wire.Request{{Method: http.MethodGet, URL: "https://acme.example/api/authinfo"}, {Method: http.MethodGet, URL: "https://acme.example/"}}
	token := []wire.Request{{Method: http.MethodPost, URL: "https://acme.example/auth/token?tenant=acme"}}
	healthy := wire.Page{Status: 200, Type: "application/json", Body: []byte(`{"auth_url":"https://acme.example/auth","tenant_id":"acme"}`), Header: http.Header{}}
	for _, c := range []struct {
		name     string
		requests []wire.Request
		seen     wire.Observation
		err      error
		held     bool
		status   probes.Status
		cause    probes.Cause
	}{
		{"healthy", authinfo, wire.Observation{Page: healthy}, nil, false, probes.Passed, probes.OK},
		{"refused", authinfo, wire.Observation{Page: wire.Page{Status: 403, Header: http.Header{}}}, nil, false, probes.Failed, probes.RefusedFromListed},
		{"dropped", authinfo, wire.Observation{Cause: "connection_reset", Detail: "the connection was reset"}, nil, false, probes.Failed, probes.RefusedFromListed},
		{"busy", authinfo, wire.Observation{Page: wire.Page{Status: 503, Header: http.Header{}}}, nil, false, probes.Unknown, probes.NoVantage},
		{"a fault of the agent's", authinfo, wire.Observation{}, errors.New("the agent is not there"), false, probes.Unknown, probes.NoVantage},
		{"no room in the rate", authinfo, wire.Observation{Page: healthy}, nil, true, probes.Unknown, probes.NoVantage},
		{"a handshake alone", token, wire.Observation{}, nil, false, probes.Unknown, probes.NoVantage},
		{"a handshake that is cut off", token, wire.Observation{Cause: "connection_reset", Detail: "the connection was reset"}, nil, false, probes.Failed, probes.RefusedFromListed},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := false
			s := &probes.Session{Net: &wire.Net{}, Vantages: []probes.Vantage{{Name: "3.19.3.152", Look: func(_ context.Context, e wire.Endpoint, full bool) (wire.Observation, error) {
				if asked = true; e.Host != "acme.example" || full != (len(c.requests) == 2) {
					t.Error("it is asked for", e, full)
				}
				return c.seen, c.err
			}}}}
			if c.held {
				s.Net.Throttle = func(context.Context, string) error { return errors.New("too many requests") }
			}
			seen := fromVantages(t.Context(), s, wire.Endpoint{Host: "acme.example", Port: "443"}, c.requests)
			if asked == c.held {
				t.Error("asked:", asked)
			}
			v := Allowlist.Judge(network.Access{Host: "acme.example", Wanted: []string{"3.19.3.152"}, Vantages: seen})
			if v.Status != c.status || v.Cause != c.cause || (c.name == "a handshake alone") != strings.Contains(v.Because, "a handshake succeeded") {
				t.Errorf("%s %s: %s", v.Status, v.Cause, v.Because)
			}
		})
	}
}
