package login

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/network"
	"github.com/halocheck/halocheck/probes/product"
)

// parsed is a guide of the test's own.
func parsed(t *testing.T, rows string) *guide.Guide {
	t.Helper()
	g, err := guide.Parse("odd", []byte("name: Odd\n"+rows))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestARequirementOfAGuide has the guide's level, phase, profile and place; without the row nobody asks for it.
func TestARequirementOfAGuide(t *testing.T) {
	usual := probes.Requirement[Typed]{ID: "login.auth-url-slash", Level: probes.Must, Source: probes.Source{Label: "Authorization Server"}}
	if r := forGuide(usual, parsed(t, ""), nil); !r.Unasked || r.Level != probes.Must || r.SetUp {
		t.Errorf("no row: %+v", r.Meta())
	}
	for name, c := range map[string]struct {
		row     guide.Row
		level   probes.Level
		setUp   bool
		profile probes.Profile
		label   string
	}{
		"a row":          {guide.Row{}, probes.Must, false, "usual", "Authorization Server"},
		"with a level":   {guide.Row{Level: "should"}, probes.Should, false, "usual", "Authorization Server"},
		"set-up only":    {guide.Row{Phase: guide.Setup}, probes.Must, true, "usual", "Authorization Server"},
		"with a label":   {guide.Row{Label: "Auth server"}, probes.Must, false, "usual", "Auth server"},
		"with a profile": {guide.Row{Profile: "assets"}, probes.Must, false, "assets", "Authorization Server"},
	} {
		usual.Profile = "usual"
		r := forGuide(usual, parsed(t, ""), &c.row)
		if r.Unasked || r.Level != c.level || r.SetUp != c.setUp || r.Profile != c.profile || r.Source.Label != c.label {
			t.Errorf("%s: %+v %v %v %q", name, r.Level, r.SetUp, r.Profile, r.Source.Label)
		}
	}
	if r := forGuide(usual, guide.BuiltIn(), &guide.Row{Label: "another"}); r.Source.Label != "Authorization Server" {
		t.Error("the built-in guide's place is the requirement's own:", r.Source)
	}
}

// unasked tells whether a check is of a guide that does not ask for it.
func unasked(c probes.Check) bool { return c.Meta().Unasked }

// TestRowsThatGuidesDoNotHave: what a guide leaves out it does not ask for.
func TestRowsThatGuidesDoNotHave(t *testing.T) {
	none, all := parsed(t, ""), parsed(t, "network: {addresses: [203.0.113.7]}\nproduct: {version: {at_least: '2.190'}}\nlogin: {auth_url: {trailing_slash: must}}\n")
	for _, c := range append(AllowlistsOf(none), VersionOf(none), SlashOf(none), SlashOf(parsed(t, "login: {auth_url: {trailing_slash: either}}\n"))) {
		if !unasked(c) {
			t.Error(c.Meta().ID, "is asked by a guide without it")
		}
	}
	for _, c := range append(AllowlistsOf(all), VersionOf(all), SlashOf(all)) {
		if unasked(c) {
			t.Error(c.Meta().ID, "is not asked by a guide with it")
		}
	}
	if TenantOf(none) != probes.Check(Tenant) || LoginTypeOf(none) != probes.Check(LoginType) || GrantOf(none) != nil {
		t.Error("what no row changes is not the requirement itself")
	}
}

// judged is the requirement behind a check.
func judged[T any](t *testing.T, c probes.Check, on T) probes.Verdict {
	t.Helper()
	r, ok := c.(*probes.Requirement[T])
	if !ok {
		t.Fatalf("%s is a %T", c.Meta().ID, c)
	}
	return r.Judge(on)
}

func TestAllowlistOfAGuide(t *testing.T) {
	for _, c := range AllowlistsOf(parsed(t, "network: {addresses: [203.0.113.7]}\n")) {
		if v := judged(t, c, network.Access{}); !strings.Contains(v.Because, "203.0.113.7") {
			t.Errorf("%s: %s", c.Meta().ID, v.Because)
		}
	}
}

func TestVersionOfAGuide(t *testing.T) {
	at := func(row string) string { return VersionOf(parsed(t, row)).Meta().Says }
	if exact, usual := at("product: {version: {at_least: '2.190'}}\n"), at("product: {version: {}}\n"); !strings.Contains(exact, "2.190") || strings.Contains(usual, "2.190") {
		t.Errorf("%q, %q", exact, usual)
	}
}

func TestTenantOfAGuide(t *testing.T) {
	c := TenantOf(parsed(t, "product: {tenant: {on_premise: None}}\n"))
	for typed, status := range map[string]probes.Status{"None": probes.Passed, "acme": probes.Unknown} {
		v := judged(t, c, product.TenantSetting{Typed: typed, WasTyped: true, Hosting: probes.OnPremise})
		if v.Status != status {
			t.Errorf("%q: %s %s", typed, v.Status, v.Because)
		}
	}
}

func TestSlashOfAGuide(t *testing.T) {
	must, not := SlashOf(parsed(t, "login: {auth_url: {trailing_slash: must}}\n")), SlashOf(parsed(t, "login: {auth_url: {trailing_slash: must not}}\n"))
	for name, c := range map[string]struct {
		check  probes.Check
		typed  Typed
		status probes.Status
		cause  probes.Cause
	}{
		"wanted, there":     {must, Typed{URL: "https://a/auth/", Given: true}, probes.Passed, probes.OK},
		"wanted, not there": {must, Typed{URL: "https://a/auth", Given: true}, probes.Failed, probes.NoTrailingSlash},
		"forbidden, there":  {not, Typed{URL: "https://a/auth/ ", Given: true}, probes.Failed, probes.UnwantedSlash},
		"forbidden, absent": {not, Typed{URL: "https://a/auth", Given: true}, probes.Passed, probes.OK},
		"forbidden, none":   {not, Typed{}, probes.NotApplicable, ""},
	} {
		told(t, name, judged(t, c.check, c.typed), c.status, c.cause)
	}
	if m := not.Meta(); m.Causes[0] != probes.UnwantedSlash || !strings.HasPrefix(m.Remedy.Do, "Remove the slash") {
		t.Errorf("%+v", m)
	}
}

func TestLoginTypesOfAGuide(t *testing.T) {
	for row, want := range map[string]string{
		"{value: Agent}":                      "The application logs in as an agent.",
		"{values: [agent, Agent]}":            "The application logs in as an agent.",
		"{values: [Agent, User]}":             "The application logs in as an agent, or as User.",
		"{values: [User, Agent, User, Both]}": "The application logs in as an agent, or as User or Both.",
	} {
		c := LoginTypeOf(parsed(t, "login: {login_type: "+row+"}\n"))
		if says := c.Meta().Says; says != want {
			t.Errorf("%s: %s", row, says)
		}
	}
	c := LoginTypeOf(parsed(t, "login: {login_type: {values: [Agent, User]}}\n"))
	refusedEverywhere := Me{Page: wire.Page{Status: 403}, Others: map[string]int{"Client": 403}}
	told(t, "another type may be it", judged(t, c, refusedEverywhere), probes.Unknown, probes.NotObserved)
	told(t, "an agent", judged(t, c, Me{Page: wire.Page{Status: 200}}), probes.Passed, probes.OK)
	told(t, "too many requests", judged(t, c, Me{Page: wire.Page{Status: 429}}), probes.Unknown, probes.RateLimited)
}

func TestGrantsOfAGuide(t *testing.T) {
	for row, asked := range map[string]bool{
		"{value: client_credentials}": false, "{values: [password, client_credentials]}": false, "{}": false,
		"{value: authorization_code}": true, "{values: [password, authorization_code]}": true,
	} {
		c := GrantOf(parsed(t, "login: {grant: "+row+"}\n"))
		if (c != nil) != asked {
			t.Errorf("%s: %v", row, c)
		}
		if c != nil {
			told(t, row, judged(t, c, "Odd"), probes.Unknown, probes.NotObserved)
		}
	}
}
