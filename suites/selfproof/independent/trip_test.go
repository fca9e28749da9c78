package independent_test

import (
	"testing"
	"time"
)

// TestRoundTripsInSequence counts on how many answers in a row a healthy check waits: connect, TLS, what is asked without
// credentials, the token, and everything else at once. Where the application's record is shown, it takes a second request; where it is
// closed, further scopes are asked for one by one, all at once.
func TestRoundTripsInSequence(t *testing.T) {
	const trip = 50 * time.Millisecond
	for name, c := range map[string]struct {
		hosted bool
		change func(in *instance, f *form)
		most   int
	}{
		"all is shown":             {false, func(*instance, *form) {}, 6},
		"hosted":                   {true, func(in *instance, _ *form) { in.typedTenant = new("acme") }, 6},
		"hosted, no tenant typed":  {true, func(*instance, *form) {}, 7},
		"the record is closed":     {false, func(_ *instance, f *form) { f.Application = "403" }, 6},
		"every record but /me is":  {false, func(_ *instance, f *form) { f.Application, f.Roles, f.AgentByID = "403", "403", "403" }, 7},
		"the token names scopes":   {false, func(_ *instance, f *form) { f.ScopeField = "always" }, 6},
		"claims are in the roles'": {false, func(_ *instance, f *form) { f.MeClaims, f.AgentByID = "own", "403" }, 7},
		"another Authorisation Server": {true, func(in *instance, f *form) {
			in.typedTenant, f.Resource, f.Auth, f.AuthPath = new("acme"), "gamma.haloservicedesk.com", "auth.haloservicedesk.com", ""
		}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func() {
				in, f := plainInstance(), plainForm
				if in.typedTenant = new("Not set"); c.hosted {
					f, in.typedTenant = hostedForm(in), nil
				}
				c.change(in, &f)
				n := newMemoryNetwork()
				n.trip = trip
				s := start(in, f, n)
				defer s.close()
				o := s.check()
				if o.took > time.Duration(c.most)*trip+trip/2 || len(o.requests) > 26 {
					t.Errorf("%d requests in %.1f round trips, more than %d", len(o.requests), float64(o.took)/float64(trip), c.most)
				}
			})
		})
	}
}
