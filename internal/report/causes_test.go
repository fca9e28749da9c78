package report_test

import (
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// A cause that nobody can look up helps nobody: `halocheck explain` has a line for each.
func TestEveryCauseHasAMeaning(t *testing.T) {
	chapters := map[string]bool{}
	for _, c := range report.AreaTitles {
		chapters[c.Area] = true
	}
	for _, c := range catalogue.All(guide.BuiltIn()) {
		m := c.Meta()
		if !chapters[m.Area()] {
			t.Errorf("%s: the area has no chapter, so the report would leave it out", m.ID)
		}
		for _, cause := range m.Causes {
			if report.CauseMeanings[cause] == "" {
				t.Errorf("%s: the cause %s has no meaning in report.CauseMeanings", m.ID, cause)
			}
		}
		if report.ActorNames[m.Remedy.Who] == "" {
			t.Errorf("%s: nobody knows who %q is", m.ID, m.Remedy.Who)
		}
	}
}
