package about

import (
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes/product"
)

// TestOldKnowledgeIsCalledOld has clocks on both sides of 90 days.
func TestOldKnowledgeIsCalledOld(t *testing.T) {
	info := version.Info{Version: "v1.2.3", Commit: "0123", Modified: true, Date: "2026-11-28T08:53:33Z", Roots: "2026-10-30"}
	table := []product.Release{{Version: "2.250", Seen: "2026-10-04"}, {Version: "2.174.94", Seen: "2025-03-31"}}
	for day, want := range map[string][]string{
		"2026-11-28": nil,
		"2027-01-02": nil, // the 90th day
		"2027-01-03": {"The built-in list of HaloPSA versions is 91 days old."},
		"2027-01-29": {"The built-in root certificates are 91 days old.", "The built-in list of HaloPSA versions is 117 days old."},
	} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		r := New(info, table, now)
		text := r.Text()
		for _, line := range []string{"halocheck v1.2.3\n", "commit    0123 (modified)\n", "roots     of 2026-10-30\n", "versions  of HaloPSA, seen on 2026-10-04\n"} {
			if !strings.Contains(text, line) {
				t.Errorf("%q is not in\n%s", line, text)
			}
		}
		if got := strings.Count(text, "days old"); got != len(want) || len(r.Notes) != len(want) || r.Versions.Old != (len(want) > 0) || r.Roots.Old != (len(want) > 1) {
			t.Errorf("%s: %+v\n%s", day, r, text)
		}
		for _, note := range want {
			if !strings.Contains(text, note) {
				t.Errorf("%s: %q is not in\n%s", day, note, text)
			}
		}
	}
	if text := New(version.Info{}, nil, time.Now()).Text(); strings.Count(text, "an unknown date") != 2 || strings.Contains(text, "days old") {
		t.Errorf("a build that tells nothing:\n%s", text)
	}
}
