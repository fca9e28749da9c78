package application

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// TestGrants tells what was seen to be granted or refused from what no answer settles.
func TestGrants(t *testing.T) {
	alone := func(r halo.TokenReply, other halo.TokenReply) Privileges {
		return Privileges{Beyond: no(400, "invalid_request"), Single: map[string]halo.TokenReply{"admin": r, "all": other}}
	}
	for _, c := range []struct {
		name       string
		seen       Privileges
		yes, known bool
	}{
		{"in the integration's token", Privileges{Token: told("admin")}, true, true},
		{"not in the integration's token, which has what was asked for", Privileges{Token: told("read:items")}, false, false},
		{"ticked", Privileges{Listed: true, Ticked: []string{"admin"}}, true, true},
		{"not ticked", Privileges{Listed: true, Ticked: []string{"all"}}, false, true},
		{"among all that were asked for", Privileges{Beyond: yes(told("all admin"))}, true, true},
		{"left out of all that were asked for", Privileges{Beyond: yes(told("all"))}, false, true},
		{"never asked for", Privileges{}, false, false},
		{"refused alone", alone(no(400, "invalid_scope"), yes(nil)), false, true},
		{"too many requests", alone(no(429, ""), yes(nil)), false, false},
		{"named alone", alone(yes(told("admin")), yes(nil)), true, true},
		{"left out alone", alone(yes(told("")), yes(nil)), false, true},
		{"silence where another is refused", alone(yes(nil), no(400, "invalid_request")), true, true},
		{"silence everywhere", alone(yes(nil), yes(nil)), true, false},
	} {
		if yes, known := c.seen.Grants("admin"); yes != c.yes || known != c.known {
			t.Errorf("%s: %t, known %t; want %t, %t", c.name, yes, known, c.yes, c.known)
		}
	}
}

// TestBehind finds the lists that a guide's scopes open, and none behind a scope that opens no list.
func TestBehind(t *testing.T) {
	g := &guide.Guide{Application: guide.Application{Scopes: []guide.Scope{{Name: "read:items"}, {Name: "edit:items"}, {Name: "access:chat"}}}}
	if diff := cmp.Diff([]string{"items"}, slices.Sorted(maps.Keys(guideResources(g)))); diff != "" {
		t.Error(diff)
	}
}

// TestWhatIsNotAskedFor does not apply, which is no pass.
func TestWhatIsNotAskedFor(t *testing.T) {
	r, ok := probes.NotAsked(guide.BuiltIn(), "application.name", probes.May, nameSays).(*probes.Requirement[string])
	if !ok {
		t.Fatal("it is no requirement")
	}
	if v := r.Judge(""); v.Status != probes.NotApplicable {
		t.Errorf("%s: %s", v.Status, v.Because)
	}
}

// TestLevelOfNobody is not known, rather than none.
func TestLevelOfNobody(t *testing.T) {
	if level, from, ok := levelOf(nil, "items"); level != 0 || from != "" || ok {
		t.Errorf("%d from %q, %t", level, from, ok)
	}
}
