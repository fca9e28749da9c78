package guide_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes/guide"
)

func TestPaste(t *testing.T) {
	for _, c := range []struct {
		url         guide.URL
		shown, want string
	}{
		{guide.URL{}, "https://acme.halopsa.com/auth", "https://acme.halopsa.com/auth"},
		{guide.URL{}, "https://acme.halopsa.com/auth/", "https://acme.halopsa.com/auth"},
		{guide.URL{TrailingSlash: guide.SlashMust}, "https://acme.halopsa.com/auth", "https://acme.halopsa.com/auth/"},
		{guide.URL{TrailingSlash: guide.SlashMustNot}, "https://acme.halopsa.com/auth/", "https://acme.halopsa.com/auth"},
		{guide.URL{Form: guide.FormPath}, "https://auth.halopsa.com", "https://auth.halopsa.com/auth"},
		{guide.URL{Form: guide.FormPath}, "https://acme.halopsa.com/halo/auth", "https://acme.halopsa.com/halo/auth"},
		{guide.URL{Form: guide.FormOrigin}, "https://acme.halopsa.com/auth", "https://acme.halopsa.com"},
		{guide.URL{Form: guide.FormHost}, "https://halo.acme.example:8443/auth", "halo.acme.example:8443"},
		{guide.URL{Form: guide.FormLabel}, "https://acme.halopsa.com/auth", "acme"},
		{guide.URL{Form: guide.FormHost}, "not an address", "not an address"},
		{guide.URL{Form: guide.FormHost}, "https://[::1", "https://[::1"},
	} {
		if got := c.url.Paste(c.shown, "/auth"); got != c.want {
			t.Errorf("%+v of %s: %q, want %q", c.url, c.shown, got, c.want)
		}
	}
	if got := (*guide.URL)(nil).Paste("https://acme.halopsa.com/auth/", "/auth"); got != "https://acme.halopsa.com/auth/" {
		t.Errorf("a guide that does not ask: %q", got)
	}
}

func TestReaches(t *testing.T) {
	for _, c := range []struct {
		feature       string
		step          int
		want          string
		enough, known bool
	}{
		{"tickets", 0, "No Access", true, true},
		{"tickets", -1, "No Access", false, false},
		{"tickets", 1, "Read and Modify", false, true},
		{"tickets", 2, "Read and Modify", true, true},
		{"tickets", 3, "Read and Modify", false, false}, // no level that is known
		{"invoices", 2, "Read, Create, Modify and Delete", false, true},
		{"assets", 3, "Read, Modify and Delete", true, true},
		{"kb", 1, "Read, Modify and Delete", false, true},
		{"kb", 2, "Read, Modify and Delete", false, false}, // its claim's value is not known
		{"timesheets", 4, "Read Only (All), Modify Own", true, true},
		{"timesheets", 3, "Read Only (All), Modify Own", false, false},
		{"timesheets", 2, "Read Only (All), Modify Own", false, true},
		{"timesheets", 3, "Read and Modify (Own)", false, true}, // a larger number that allows less
		{"timesheets", 4, "Read Only", true, true},
	} {
		if enough, known := guide.Reaches(c.feature, c.step, c.want); enough != c.enough || known != c.known {
			t.Errorf("%s %d for %s: %t, known %t", c.feature, c.step, c.want, enough, known)
		}
	}
}

// TestAnOlderGuideStillLoads: the slash was true or false, a setting one value.
func TestAnOlderGuideStillLoads(t *testing.T) {
	for text, want := range map[string]guide.Slash{
		"true": guide.SlashMust, "false": guide.SlashEither, "must": guide.SlashMust, "must not": guide.SlashMustNot, "either": guide.SlashEither,
	} {
		g, err := guide.Parse("g.yaml", []byte("name: X\nlogin:\n  auth_url: {trailing_slash: "+text+"}\n  login_type: {value: Agent, values: [Client]}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if g.Login.AuthURL.TrailingSlash != want {
			t.Errorf("%s: %q", text, g.Login.AuthURL.TrailingSlash)
		}
		if diff := cmp.Diff([]string{"Agent", "Client"}, g.Login.LoginType.Accepted()); diff != "" {
			t.Error(diff)
		}
	}
}
