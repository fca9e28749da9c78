package independent_test

import (
	"crypto/x509"
	"encoding/pem"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/trust"
)

// pair is the same truth on both HaloPSAs: a fault of the fake's by its name, and what is done to the plain instance here.
type pair struct {
	fake string // empty: healthy
	here func(in *instance, f *form) func(*server)
}

func truth(change func(in *instance)) func(*instance, *form) func(*server) {
	return func(in *instance, _ *form) func(*server) { change(in); return nil }
}

func lowered(code string, value int) func(*instance, *form) func(*server) {
	return truth(func(in *instance) { in.roles[0].claims[code] = value })
}

func pairs() []pair {
	list := []pair{
		{"", nothing},
		{"html-instead-of-json", onServer(func(s *server) {
			s.before(&rule{when: isAPI(), times: -1, answer: s.reply(page(200, "Halo"))})
		})},
		{"old-version", truth(func(in *instance) { in.version = "2.174.93" })},
		{"behind-stable", truth(func(in *instance) { in.version = "2.236.133" })},
		{"tenant-not-wanted", truth(func(in *instance) { in.typedTenant = new("acme") })},
		{"auth-url-no-slash", truth(func(in *instance) { in.typedAuth = "{auth}" })},
		{"auth-url-doubled", truth(func(in *instance) { in.typedAuth = "{auth}/auth/" })},
		{"auth-url-api", truth(func(in *instance) { in.typedAuth = "{resource}/api/" })},
		{"auth-url-portal", truth(func(in *instance) { in.typedAuth = "{resource}/portal/" })},
		{"auth-url-http", truth(func(in *instance) { in.typedAuth = "http://psa.contoso.example/auth/" })},
		{"token-404", replying("token", notFound)},
		{"not-oauth", replying("token", page(200, "Halo"))},
		{"secret-with-blank", truth(func(in *instance) { in.typedSecret += " " })},
		{"wrong-client-id", truth(func(in *instance) { in.typedID = "00000000-0000-4000-8000-000000000000" })},
		{"wrong-secret", truth(func(in *instance) { in.typedSecret = strings.Repeat("0", 8) + in.clientSecret[8:] })},
		{"wrong-method", truth(func(in *instance) { in.serviceMethod = false })},
		{"login-type-client", truth(func(in *instance) { in.loginType = "Client" })},
		{"no-agent", truth(func(in *instance) { in.agentID = 0 })},
		{"application-renamed", truth(func(in *instance) { in.appName = "Other" })},
		{"over-privileged-all", truth(func(in *instance) { in.scopes = append(in.scopes, "all") })},
		{"over-privileged-admin", truth(func(in *instance) { in.scopes = append(in.scopes, "admin") })},
		{"over-privileged-extra", truth(func(in *instance) { in.scopes = append(in.scopes, "edit:customers") })},
		{"clients-no-access", lowered("Ux", 0)}, {"clients-names-only", lowered("Ux", 1)}, {"items-read-only", lowered("Ix", 2)}, {"contracts-read-only", lowered("Cx", 1)},
		{"invoices-read-only", lowered("Xx", 1)}, {"tickets-read-only", lowered("Tx", 1)}, {"no-add-tickets", lowered("l6", 0)}, {"no-edit-closed-tickets", lowered("lf", 0)},
		{"no-edit-others-tickets", lowered("le", 0)}, {"no-view-others-tickets", lowered("l8", 0)}, {"no-edit-advanced-details", lowered("l1", 0)},
		{"restricted-ticket-types", lowered("Ft", 0)}, {"restricted-clients", lowered("Fc", 0)},
		{"agent-disabled", truth(func(in *instance) { in.disabled = true })},
		{"agent-not-api-only", truth(func(in *instance) { in.apiOnly = false })},
		{"agent-renamed", truth(func(in *instance) { in.agentName = "Bob" })},
		{"agent-other-role", truth(func(in *instance) { in.roles[0].name = "Technician" })},
		{"agent-default-team", truth(func(in *instance) { in.defaultTeam = "Service Desk" })},
		{"agent-other-hours", truth(func(in *instance) { in.workday = "24 Hours" })},
		{"agent-no-team", truth(func(in *instance) { in.member = nil })},
		{"team-missing", truth(func(in *instance) { in.teams, in.member = in.teams[1:], []int{4} })},
	}
	refusing := func(a answer, from ...string) func(*instance, *form) func(*server) {
		return onServer(func(s *server) {
			s.before(&rule{times: -1, answer: s.reply(a), when: func(req *http.Request) bool {
				return len(from) == 0 || slices.ContainsFunc(from, func(address string) bool { return strings.HasPrefix(req.RemoteAddr, address) })
			}})
		})
	}
	tenants := func(typed string) func(*instance, *form) func(*server) {
		return func(in *instance, f *form) func(*server) {
			in.tenant, in.typedTenant, f.TenantNeeded = "acme", new(typed), true
			return nil
		}
	}
	list = append(list,
		pair{"edge-403", func(in *instance, f *form) func(*server) { in.vantages = false; return refusing(iisDenied)(in, f) }}, pair{"listed-refused", refusing(iisDenied, "3.19.")}, pair{"one-listed-refused", refusing(iisDenied, "3.19.4.238")},
		pair{"no-vantage", truth(func(in *instance) { in.vantages = false })},
		pair{"wrong-tenant", tenants("acne")}, pair{"tenant-missing", tenants("")},
		pair{"version-hidden", writing(func(f *form) { f.InstanceInfo = "refused" })},
		pair{"https-required", onServer(func(s *server) {
			s.before(&rule{when: isToken, times: -1, answer: func(w http.ResponseWriter, req *http.Request, _ func()) {
				s.send(w, req, s.oauthError(400, "invalid_request", "This server only accepts HTTPS requests."))
			}})
		})},
		pair{"server-error", onServer(func(s *server) { s.refused = func() *answer { return &answer{status: 500} } })},
		pair{"rate-limited", onServer(func(s *server) {
			s.refused = func() *answer { return &answer{status: 429} }
			s.before(&rule{when: withBearer, times: -1, answer: s.reply(answer{status: 429})})
		})},
		pair{"scopeless-token", truth(func(in *instance) { in.scopes = nil })},
	)
	for _, scope := range guideScopes {
		list = append(list, pair{"no-scope-" + strings.ReplaceAll(scope, ":", "-"), truth(func(in *instance) { in.scopes = without(in.scopes, scope) })})
	}
	return list
}

// TestBothHaloPSAsGetTheSameVerdicts judges every requirement on both, healthy and with each fault that both can have.
func TestBothHaloPSAsGetTheSameVerdicts(t *testing.T) {
	for _, p := range pairs() {
		if !sampled(1, p.fake) {
			continue
		}
		t.Run("fault="+p.fake, func(t *testing.T) {
			t.Parallel()
			there := verdictsOfFake(t, p.fake)
			here := verdictsHere(t, p.here)
			for _, id := range slices.Sorted(maps.Keys(here)) {
				if here[id] != there[id] {
					t.Errorf("%s: here %q, on the fake %q", id, here[id], there[id])
				}
			}
			if len(here) != len(there) {
				t.Errorf("%d requirements here, %d on the fake", len(here), len(there))
			}
		})
	}
}

// verdictsHere are the verdicts on the plain instance with a change. It is given what a fake's user is given: vantages, a team,
// the current stable version, and an admin application.
func verdictsHere(t *testing.T, change func(*instance, *form) func(*server)) (found map[string]string) {
	t.Helper()
	inBubble(t, func() {
		in, f := plainInstance(), plainForm
		in.vantages, in.adminGiven, in.teamsWanted = true, true, []string{"Service Desk"}
		in.typedTenant = new("Not set")
		onServer := change(in, &f)
		s := start(in, f, newMemoryNetwork())
		defer s.close()
		if onServer != nil {
			onServer(s)
		}
		found = verdicts(s.check().findings)
	})
	return found
}

func verdicts(list []probes.Finding) map[string]string {
	found := map[string]string{}
	for _, f := range list {
		found[f.ID] = verdict(f)
		if f.Status == probes.Blocked {
			found[f.ID] = "blocked by " + f.BlockedBy
		}
		if f.Status == probes.NotApplicable {
			found[f.ID] = string(f.Status)
		}
	}
	return found
}

// sameForm are the fake's dialects that are nearest to the plain form.
var sameForm = []string{"dialect:instanceinfo=anonymous", "dialect:scope-refusal=refuse", "dialect:missing-scope-status=401", "dialect:token-scope-field=when-different",
	"dialect:unauthorised-body=empty", "dialect:no-access=403", "dialect:agent-list=enveloped", "dialect:default-team=absent"}

// verdictsOfFake are the verdicts on the fake, asked as its users ask it.
func verdictsOfFake(t *testing.T, fault string) map[string]string {
	t.Helper()
	names := slices.Clone(sameForm)
	if fault != "" {
		names = append(names, fault)
	}
	faults := must(fakehalo.Named(names...))
	server := must(fakehalo.StartWith(fakehalo.Options{Faults: faults}))
	defer server.Close()
	session := &probes.Session{
		Target: probes.Target{Resource: must(probes.ParseTarget(server.URL)), AuthURL: server.Credentials.AuthURL, AuthTyped: true, Tenant: server.Credentials.Tenant, TenantTyped: true},
		Guide:  guide.BuiltIn(), Teams: server.Teams, Stable: server.Stable,
		Credentials: probes.Credentials{ID: secret.New(server.Credentials.ClientID), Secret: secret.New(server.Credentials.ClientSecret)},
		Admin:       probes.Credentials{ID: secret.New(server.Admin.ClientID), Secret: secret.New(server.Admin.ClientSecret)},
		Net:         &wire.Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: rootsIn(t, server.CAFile), Now: time.Now, UserAgent: "halocheck/test", Pinned: map[string][]netip.Addr{}},
	}
	for _, entry := range server.Resolve {
		at := strings.LastIndexByte(entry, ':')
		session.Net.Pinned[entry[:at]] = []netip.Addr{netip.MustParseAddr(entry[at+1:])}
	}
	for _, name := range slices.Sorted(maps.Keys(server.Vantages)) {
		session.Vantages = append(session.Vantages, probes.Vantage{Name: name, URL: server.Vantages[name]})
	}
	probes.Local[trust.Options](session).AIA = "off"
	defer session.Net.Close()
	return verdicts(slices.Collect(probes.Run(t.Context(), session, catalogue.All(session.Guide))))
}

func rootsIn(t *testing.T, file string) *wire.Roots {
	t.Helper()
	var extra []*x509.Certificate
	data, err := os.ReadFile(file)
	for block, rest := pem.Decode(data); err == nil && block != nil; block, rest = pem.Decode(rest) {
		extra = append(extra, must(x509.ParseCertificate(block.Bytes)))
	}
	if len(extra) == 0 {
		t.Fatalf("no root in %s", file)
	}
	return must(wire.NewRoots(extra))
}
