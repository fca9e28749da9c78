package selfproof_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// cases is how many sets of faults are tried; under the race detector, which makes each ten times as dear and finds
// nothing in the last that it does not find in the first, a tenth of them.
var cases = map[bool]int{false: 20_000, true: 2_000}[raceBuilt]

// answers are saved answers by probe, decoded so that a fault can change them.
type answers map[string]map[string]any

// mutation is a fault as it shows in saved answers: what it changes, and the one finding that has to follow.
type mutation struct {
	requirement string
	cause       probes.Cause
	change      func(answers)
}

// claim sets one permission everywhere it stands.
func claim(code, value string) func(answers) {
	return func(a answers) {
		agent := a["role.rights"]["agent"].(map[string]any)
		lists := []any{agent["claims"]}
		for _, role := range agent["roles"].([]any) {
			lists = append(lists, role.(map[string]any)["claims"])
		}
		for _, list := range lists {
			held, _ := list.([]any) // an agent without claims of its own has no list
			for _, c := range held {
				if c := c.(map[string]any); c["type"] == code {
					c["value"] = value
				}
			}
		}
	}
}

// set changes one field of one answer, at a path such as "agent.isdisabled".
func set(probe, path string, value any) func(answers) {
	return func(a answers) {
		at := a[probe]
		parts := strings.Split(path, ".")
		for _, p := range parts[:len(parts)-1] {
			at = at[p].(map[string]any)
		}
		at[parts[len(parts)-1]] = value
	}
}

// lose takes a scope out of what the token endpoint told.
func lose(scope string) func(answers) {
	return func(a answers) {
		for _, probe := range []string{"application.scopes", "application.further-scopes"} {
			told := strings.Fields(a[probe]["told"].(string))
			a[probe]["told"] = strings.Join(slices.DeleteFunc(told, func(s string) bool { return s == scope }), " ")
		}
	}
}

// mutations can stand together in any set.
var mutations = []mutation{
	{"product.version", probes.BelowSecurityFloor, set("product.running", "app_version", "2.174.80")},
	{"product.tenant", probes.TenantUnknown, set("product.tenancy", "typed", "acme-ltd")},
	{"login.auth-url-slash", probes.NoTrailingSlash, set("login.typed", "url", "https://x/auth")},
	{"login.auth-url", probes.HTTPSRequired, set("login.endpoint", "insecure", true)},
	{"login.secret-form", probes.SecretMalformed, set("login.form", "secret_stray", "a blank at the end")},
	{"login.agent", probes.NoAgent, set("login.agent", "agent", nil)},
	{"application.name", probes.NameDiffers, set("application.record", "name", "Gradient")},
	{"application.scope-read-customers", probes.ScopeNotGranted, lose("read:customers")},
	{"application.scope-read-contracts", probes.ScopeNotGranted, lose("read:contracts")},
	{"application.scope-edit-contracts", probes.ScopeNotGranted, lose("edit:contracts")},
	{"application.scope-read-items", probes.ScopeNotGranted, lose("read:items")},
	{"application.scope-edit-items", probes.ScopeNotGranted, lose("edit:items")},
	{"application.scope-read-invoices", probes.ScopeNotGranted, lose("read:invoices")},
	{"application.scope-edit-tickets", probes.ScopeNotGranted, lose("edit:tickets")},
	{"role.clients-level", probes.LevelTooLow, claim("Ux", "1")},
	{"role.items-level", probes.LevelTooLow, claim("Ix", "2")},
	{"role.invoices-level", probes.LevelTooLow, claim("Xx", "1")},
	{"role.contracts-level", probes.LevelTooLow, claim("Cx", "1")},
	{"role.tickets-level", probes.LevelTooLow, claim("Tx", "1")},
	{"role.add-tickets", probes.PermissionOff, claim("l6", "0")},
	{"role.edit-closed-tickets", probes.PermissionOff, claim("lf", "0")},
	{"role.edit-others-tickets", probes.PermissionOff, claim("le", "0")},
	{"role.view-others-tickets", probes.PermissionOff, claim("l8", "0")},
	{"role.edit-advanced-details", probes.PermissionOff, claim("l1", "0")},
	{"agent.enabled", probes.AgentDisabled, set("role.rights", "agent.isdisabled", true)},
	{"agent.api-only", probes.NotAPIOnly, set("role.rights", "agent.isapiagent", false)},
	{"agent.username", probes.NameDiffers, set("role.rights", "agent.name", "Integration")},
	{"agent.default-team", probes.NameDiffers, set("role.rights", "agent.team", "Service Desk")},
	{"agent.work-hours", probes.HoursDiffer, set("role.rights", "agent.workday_name", "Night Shift")},
}

// TestAnySetOfFaultsIsToldExactly judges saved answers of a healthy instance with any set of faults in them, without a
// network: what does not hold is exactly the set.
func TestAnySetOfFaultsIsToldExactly(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(fmt.Sprint(cases)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Value.Set(f.DefValue) }) // for the other properties
	}
	healthy := healthyAnswers(t)
	g := guide.BuiltIn()
	checks := catalogue.All(g)
	start := time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		chosen := rapid.SliceOfNDistinct(rapid.IntRange(0, len(mutations)-1), 0, len(mutations), rapid.ID[int]).Draw(rt, "faults")
		changed := answers{}
		for _, name := range touched {
			var answer map[string]any
			if err := json.Unmarshal(healthy[name], &answer); err != nil {
				rt.Fatal(err)
			}
			changed[name] = answer
		}
		want := map[string]probes.Cause{}
		for _, i := range chosen {
			mutations[i].change(changed)
			want[mutations[i].requirement] = mutations[i].cause
		}
		for _, f := range judgeAgain(rt, g, checks, healthy, changed) {
			cause, expected := want[f.ID]
			delete(want, f.ID)
			switch deviates := f.Status != probes.Passed && f.Status != probes.NotApplicable; {
			case deviates != expected:
				rt.Errorf("%s is %s %s: %s", f.ID, f.Status, f.Cause, f.Because)
			case expected && (f.Status != probes.Failed || f.Cause != cause):
				rt.Errorf("%s is %s %s, not fail %s", f.ID, f.Status, f.Cause, cause)
			}
		}
		if len(want) > 0 {
			rt.Errorf("not told: %v", want)
		}
	})
	t.Logf("%d cases in %v", cases, time.Since(start).Round(time.Second))
}

// healthyAnswers are the answers of one run against a healthy fake whose roles show their claims, as a report keeps them.
func healthyAnswers(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	faults, err := fakehalo.Named("dialect:agent-me-claims=own")
	if err != nil {
		t.Fatal(err)
	}
	server := fakehalo.Start(faults...)
	defer server.Close()
	trusted, err := rootsOf(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	s := sessionFor(server, trusted)
	defer s.Net.Close()
	for range probes.Run(t.Context(), s, catalogue.All(s.Guide)) {
	}
	evidence, err := s.Evidence()
	if err != nil {
		t.Fatal(err)
	}
	return evidence
}

// touched are the answers that mutations change.
var touched = []string{
	"product.running", "product.tenancy", "login.typed", "login.endpoint", "login.form", "login.agent", "application.record",
	"application.scopes", "application.further-scopes", "role.rights",
}

// judgeAgain judges answers without asking anything.
func judgeAgain(t *rapid.T, g *guide.Guide, checks []probes.Check, healthy map[string]json.RawMessage, changed answers) []probes.Finding {
	evidence := maps.Clone(healthy)
	for name, answer := range changed {
		raw, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		evidence[name] = raw
	}
	s := &probes.Session{
		Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: "halo.acme.example"}},
		Guide:  g, Net: &wire.Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Now: time.Now},
		Credentials: probes.Credentials{ID: secret.New("id"), Secret: secret.New("secret")},
	}
	s.Replay(evidence)
	return slices.Collect(probes.Run(context.Background(), s, checks))
}
