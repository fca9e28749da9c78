package guide_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

func TestTheBuiltInGuide(t *testing.T) {
	g := guide.BuiltIn()
	if diff := cmp.Diff([]string{"3.19.3.152", "3.19.4.238"}, g.Network.Addresses); diff != "" {
		t.Error(diff)
	}
	var scopes []string
	for _, s := range g.Application.Scopes {
		scopes = append(scopes, s.Name)
	}
	want := strings.Fields("read:customers read:contracts edit:contracts read:items edit:items read:invoices edit:invoices read:tickets edit:tickets")
	if diff := cmp.Diff(want, scopes); diff != "" {
		t.Error(diff)
	}
	levels := map[string]string{}
	for _, l := range g.Role.Levels {
		levels[l.ID] = l.AtLeast
	}
	wantLevels := map[string]string{
		"clients-level": "Read Only", "items-level": "Read and Modify", "invoices-level": "Read, Create and Modify",
		"contracts-level": "Read and Modify", "tickets-level": "Read and Modify",
	}
	if diff := cmp.Diff(wantLevels, levels); diff != "" {
		t.Error(diff)
	}
}

func TestABrokenGuideIsRefusedWithFileLineAndField(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":         {"name: X\nnetwrk: {}\n", `g.yaml:2: unknown field "netwrk"`},
		"three octets":        {"name: X\nnetwork:\n  addresses:\n    - 3.138.54\n", "g.yaml:4: network.addresses[0]: \"3.138.54\" is not an IPv4 address: it has 3 octets, not four"},
		"private address":     {"name: X\nnetwork:\n  addresses: [10.0.0.1]\n", "g.yaml:3: network.addresses[0]: \"10.0.0.1\" is not a public address, so a vendor cannot come from it"},
		"a date that is none": {"name: x\nas_of: yesterday\n", "g.yaml:2: as_of: \"yesterday\" is not a date, such as 2026-11-28"},
		"no name":             {"edition: x\n", "g.yaml: name: a guide needs a name"},
		"unknown scope":       {"name: X\napplication:\n  scopes:\n    - name: read:users\n", `g.yaml:4: application.scopes[0].name: "read:users" is not a scope that HaloPSA has`},
		"unknown level":       {"name: X\nrole:\n  levels:\n    - {id: a, feature: tickets, at_least: Everything}\n", `g.yaml:4: role.levels[0].at_least: "Everything" is not a level of tickets`},
		"unknown feature":     {"name: X\nrole:\n  levels:\n    - {id: a, feature: rockets, at_least: Read Only}\n", `g.yaml:4: role.levels[0].feature: "rockets" is not a feature with access levels`},
		"unknown permission":  {"name: X\nrole:\n  permissions:\n    - {id: a, permission: fly}\n", `g.yaml:4: role.permissions[0].permission: "fly" is not a permission`},
		"an id twice":         {"name: X\nrole:\n  permissions:\n    - {id: a, permission: add-tickets}\n    - {id: a, permission: add-tickets}\n", `g.yaml:5: role.permissions[1].id: "a" stands twice`},
		"unknown profile":     {"name: X\nagent:\n  teams:\n    profile: night\n", `g.yaml:4: agent.teams.profile: "night" is not a profile; use billing or alerts`},
		"not YAML":            {"name: [", "g.yaml:1: "},
		"empty":               {"  \n", "g.yaml: the file is empty"},
	} {
		_, err := guide.Parse("g.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v; want %s", name, err, c.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one line: %q", name, err)
		}
	}
}

func TestLoadRefusesWhatIsNoGuide(t *testing.T) {
	if _, err := guide.Load(t.Context(), filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("a missing file: %v", err)
	}
	big := filepath.Join(t.TempDir(), "big.yaml")
	if err := os.WriteFile(big, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := guide.Load(t.Context(), big); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a large file: %v", err)
	}
}

// FuzzParse reads guides that anybody may have written: a fault is told on one line with its place, and what is taken asks
// for something.
func FuzzParse(f *testing.F) {
	builtIn, err := os.ReadFile("library/mspcentric.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(builtIn)
	for _, seed := range []string{
		"name: X\nnetwork:\n  addresses: [3.19.3.152]\n", "a: &a [*a]", "name: X\nnetwork: {addresses: [1.2.3.400]}", "name: \"\\e[2J\"\nrole: [", "", "- x", "name: X\nname: Y", "\xff",
		"name: X\napplication: {scopes: [{name: 'read:x', id: a}, {name: 'read:x', id: a}]}", "name: X\nrole: {levels: [{feature: tickets, level: x}]}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := guide.Parse("fuzz.yaml", data)
		if err != nil {
			if g != nil || !strings.HasPrefix(err.Error(), "fuzz.yaml") || strings.Contains(err.Error(), "\n") {
				t.Errorf("guide %v and error %q", g, err)
			}
			return
		}
		for _, check := range catalogue.All(g) {
			if about := check.Meta(); about.ID == "" || about.Says == "" {
				t.Errorf("it asks for %+v", about)
			}
		}
	})
}
