package agent_test

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/agent"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

// look runs the three areas against a fake with these faults and dialects. admin adds the second application.
func look(t *testing.T, admin bool, faults ...string) (map[string]probes.Finding, *probes.Session) {
	t.Helper()
	named, err := fakehalo.Named(faults...)
	if err != nil {
		t.Fatal(err)
	}
	server, err := fakehalo.StartWith(fakehalo.Options{Faults: named})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	resource, err := probes.ParseTarget(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := &probes.Session{
		Target:      probes.Target{Resource: resource, AuthURL: server.Credentials.AuthURL, AuthTyped: true, Tenant: server.Credentials.Tenant, TenantTyped: true},
		Guide:       guide.BuiltIn(),
		Credentials: probes.Credentials{ID: secret.New(server.Credentials.ClientID), Secret: secret.New(server.Credentials.ClientSecret)},
		Teams:       server.Teams,
		Net:         &wire.Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots(t, server.CAFile), Now: time.Now, UserAgent: "halocheck/test"},
		OnPanic:     func(where string, what any, stack []byte) { t.Errorf("%s: %v\n%s", where, what, stack) },
	}
	if admin {
		s.Admin = probes.Credentials{ID: secret.New(server.Admin.ClientID), Secret: secret.New(server.Admin.ClientSecret)}
	}
	t.Cleanup(s.Net.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	found := map[string]probes.Finding{}
	checks := slices.Concat(application.All(s.Guide), role.All(s.Guide), agent.All(s.Guide))
	for f := range probes.Run(ctx, s, checks) {
		found[f.ID] = f
	}
	return found, s
}

func roots(t *testing.T, file string) *wire.Roots {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var extra []*x509.Certificate
	if extra, err = wire.ParsePEM(data); err != nil {
		t.Fatal(err)
	}
	r, err := wire.NewRoots(extra)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// dialects are every value of every switch that these areas hear, one at a time, and the default.
func dialects() []string {
	all := []string{"healthy"}
	for _, d := range fakehalo.Dialects() {
		for _, value := range d.Values[1:] {
			all = append(all, "dialect:"+d.Name+"="+value)
		}
	}
	return all
}

// A healthy instance is never accused, whatever it speaks; with the admin credentials nothing is left open but what the
// older coding of levels leaves open.
func TestHealthyInEveryDialect(t *testing.T) {
	if testing.Short() {
		t.Skip("the verdicts are tested by rows; this is the way to them")
	}
	for _, d := range dialects() {
		for _, admin := range []bool{false, true} {
			found, s := look(t, admin, d)
			if len(found) != 30 {
				t.Errorf("%s: %d findings, want 30", d, len(found))
			}
			for id, f := range found {
				open := !admin && (id == "application.name" || id == "application.least-privilege")
				open = open || (strings.HasSuffix(d, "level-steps=three") && f.Cause == role.LevelAmbiguous)
				if f.Status != probes.Passed && !(open && f.Status == probes.Unknown) {
					t.Errorf("%s, admin %t: %s is %s %s: %s", d, admin, id, f.Status, f.Cause, f.Because)
				}
			}
			if n := s.Net.Requests(); n > 25 {
				t.Errorf("%s, admin %t: %d requests, at most 25 are allowed", d, admin, n)
			}
		}
	}
}

// heard are the switches that change what these areas are told.
var heard = []string{
	"healthy", "dialect:scope-refusal=refuse", "dialect:missing-scope-status=401", "dialect:claims=long", "dialect:agent-me-claims=own",
	"dialect:no-access=403", "dialect:token-scope-field=when-different", "dialect:level-steps=three",
	"dialect:scope-all=literal", "dialect:scope-all-named=all", "dialect:scope-under-all=dropped",
}

// elsewhere says what a fault looks like where it is not what its own row says, and why.
func elsewhere(fault, area, dialect string, admin bool) (probes.Status, bool) {
	switch {
	case area == "role" && !admin && dialect != "dialect:agent-me-claims=own":
		return probes.Unknown, true // the role's claims are hidden, and may grant more than the agent's own: contract §10, 4
	case fault == "scopeless-token" && dialect == "dialect:scope-refusal=refuse":
		return probes.Failed, true // each scope is refused, and only a token without any is granted
	case fault == "application-renamed" && !admin:
		return probes.Unknown, true // only an administrator is shown the name
	case fault == "team-missing" && !admin:
		return probes.Failed, true // as out of sight: only an administrator is shown which teams there are
	case fault == "over-privileged-all" && dialect == "dialect:scope-under-all=dropped" && !admin:
		return probes.Unknown, true // all alone may be granted to whoever asks: clients §1
	case fault == "over-privileged-extra" && dialect == "dialect:scope-refusal=refuse" && !admin:
		return probes.Unknown, true // refused together, and each by itself would be forty requests
	}
	return "", false
}

// Each fault of these areas is found under every dialect, with and without the admin credentials, and nothing else is
// accused. Claims that are hidden are so only from whoever has no admin credentials.
func TestFaultsInEveryDialect(t *testing.T) {
	if testing.Short() {
		t.Skip("the verdicts are tested by rows; this is the way to them")
	}
	for _, fault := range fakehalo.Faults() {
		area, _, _ := strings.Cut(fault.Requirement, ".")
		if !slices.Contains([]string{"application", "role", "agent"}, area) {
			continue
		}
		for _, d := range heard {
			for _, admin := range []bool{false, true} {
				if admin && fault.Name == "claims-hidden" {
					continue
				}
				found, _ := look(t, admin, fault.Name, d)
				got := found[fault.Requirement]
				status, other := elsewhere(fault.Name, area, d, admin)
				if !other && (string(got.Status) != fault.Status || string(got.Cause) != fault.Cause) || other && got.Status != status {
					t.Errorf("%s, %s, admin %t: %s is %s %s: %s", fault.Name, d, admin, fault.Requirement, got.Status, got.Cause, got.Because)
				}
				for id, f := range found {
					each := fault.Name == "scopeless-token" && d == "dialect:scope-refusal=refuse" && f.Cause == probes.ScopeNotGranted // refused one by one
					if f.Status == probes.Failed && id != fault.Requirement && !each {
						t.Errorf("%s, %s, admin %t: %s is accused of %s: %s", fault.Name, d, admin, id, f.Cause, f.Because)
					}
				}
			}
		}
	}
}
