package product

import (
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestTheOldestVersionThatWillDo: a version as old as the guide's is enough, whoever hosts the instance; one that is not shown
// is never accused.
func TestTheOldestVersionThatWillDo(t *testing.T) {
	for name, c := range map[string]struct {
		running Running
		oldest  string
		status  probes.Status
		cause   probes.Cause
		says    string
	}{
		"just that one":             {Running{App: "2.122.1"}, "2.122.1", probes.Passed, probes.OK, "this instance runs 2.122.1; the guide asks for 2.122.1 or later"},
		"a newer one":               {Running{App: "v2.220.10 Beta", Hosting: probes.Hosted}, "2.122.1", probes.Passed, probes.OK, "runs v2.220.10 Beta"},
		"one patch older":           {Running{App: "2.122.0"}, "2.122.1", probes.Failed, probes.VersionTooOld, "this instance runs 2.122.0; the guide asks for 2.122.1 or later"},
		"older, and higher as text": {Running{App: "2.96.9", Hosting: probes.Hosted}, "2.122.1", probes.Failed, probes.VersionTooOld, "runs 2.96.9"},
		"not shown":                 {Running{}, "2.122.1", probes.Unknown, probes.VersionHidden, "the instance does not show its version"},
		"too many requests":         {Running{Tried: []string{"/api/Control"}, Cause: probes.RateLimited}, "2.122.1", probes.Unknown, probes.RateLimited, "could not be read (/api/Control)"},
		"told, after a refusal":     {Running{App: "2.123", Cause: probes.RateLimited}, "2.122.1", probes.Passed, probes.OK, "runs 2.123"},
		"a word":                    {Running{App: "latest"}, "2.122.1", probes.Unknown, probes.VersionHidden, `it runs "latest", which is no version number`},
		"a word, after a refusal":   {Running{App: "latest", Cause: probes.ServerError}, "2.122.1", probes.Unknown, probes.VersionHidden, `"latest"`},
		"the guide names a word":    {Running{App: "2.122.1"}, "newest", probes.Unknown, probes.VersionHidden, `the guide names "newest"`},
	} {
		r := probes.Requirement[Running]{}
		AtLeast(&r, c.oldest)
		v := r.Judge(c.running)
		if v.Status != c.status || v.Cause != c.cause || !strings.Contains(v.Because, c.says) {
			t.Errorf("%s: %s %s (%s)", name, v.Status, v.Cause, v.Because)
		}
		if v.Cause != probes.OK && !slices.Contains(r.Causes, v.Cause) {
			t.Errorf("%s: the requirement does not name its cause %s", name, v.Cause)
		}
		if !strings.Contains(r.Says, c.oldest) || !strings.Contains(r.Remedy.Do, c.oldest) || !strings.Contains(r.FindOut.Do, c.oldest) {
			t.Errorf("%s: it does not name %s: %+v", name, c.oldest, r)
		}
	}
	r := probes.Requirement[Running]{}
	AtLeast(&r, "2.122.1")
	if !slices.Contains(r.Causes, probes.ServerError) { // what an endless 5xx comes to
		t.Errorf("%v", r.Causes)
	}
}

// TestAFieldWithoutATenant: the remedy names the words of the vendor's form, and an empty field where it has none.
func TestAFieldWithoutATenant(t *testing.T) {
	for words, want := range map[string]string{"": "Leave the Tenant field empty.", "Not set": "Type Not set into the Tenant field."} {
		v := judgeTenantSetting(TenantSetting{
			WasTyped: true, Typed: "acme", NoneWords: words, Hosting: probes.OnPremise, With: &Answer{Status: 500}, Without: &Answer{Status: 400, OAuth: true},
		})
		if v.Cause != probes.TenantNotWanted || v.Remedy == nil || v.Remedy.Do != want {
			t.Errorf("%q: %+v", words, v)
		}
	}
}
