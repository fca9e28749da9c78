package catalogue

import (
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// TestNoRowIsLeftOut: what a guide demands of the application, the role and the agent is judged or said to be unknown, never passed over.
func TestNoRowIsLeftOut(t *testing.T) {
	odd, err := guide.Parse("odd", []byte("name: Odd\nagent:\n  team_boxes: {values: [unassigned]}\n  username: {any: true}\n"))
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, g := range append(guide.Library(), odd) {
		checks := All(g)
		for _, d := range g.Demands() {
			area, _, _ := strings.Cut(d.ID, ".")
			judges := func(c probes.Check) bool { return c.Meta().ID == d.ID && !c.Meta().Unasked }
			if slices.Contains([]string{"application", "role", "agent"}, area) && !slices.ContainsFunc(checks, judges) {
				t.Errorf("%s: nothing is said of %s", g.Name, d.ID)
			}
		}
		for _, c := range checks {
			if strings.HasPrefix(c.Meta().Says, "The instance is set as the guide asks: ") {
				left++
			}
		}
	}
	if left != 2 || len(guide.Library()) < 20 {
		t.Errorf("halocheck does not read %d rows, want the odd guide's two", left)
	}
	for _, c := range All(guide.BuiltIn()) {
		if strings.HasPrefix(c.Meta().Says, "The instance is set as the guide asks: ") {
			t.Errorf("%s of the built-in guide is judged", c.Meta().ID)
		}
	}
}

// TestARowIsAsBindingInAListAsInACheck: what a checklist, a contradiction and a plan call binding is what a check calls a Must.
func TestARowIsAsBindingInAListAsInACheck(t *testing.T) {
	odd, err := guide.Parse("odd", []byte(`name: Odd
application: {name: {value: Odd}, least_privilege: {}, scopes: [{name: "read:kb", level: should}]}
agent: {username: {value: Odd}, role: {value: Odd}, default_team: {any: true}, work_hours: {any: true}, departments: {}}
`))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, g := range append(guide.Library(), odd) {
		for _, d := range g.Demands() {
			if d.ID == "login.secret-form" {
				continue // a list says to keep it, a check looks at its form
			}
			for _, c := range All(g) {
				if m := c.Meta(); m.ID == d.ID && !m.Unasked {
					if seen[d.ID] = true; string(m.Level) != d.Level() {
						t.Errorf("%s: %s is judged as a %s and told as a %s", g.Name, d.ID, m.Level, d.Level())
					}
				}
			}
		}
	}
	for _, id := range []string{"application.name", "application.least-privilege", "agent.username", "agent.role", "agent.default-team", "agent.work-hours", "product.version"} {
		if !seen[id] {
			t.Errorf("%s is not looked at", id)
		}
	}
}
