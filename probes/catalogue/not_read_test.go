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
