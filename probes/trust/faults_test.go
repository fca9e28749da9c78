package trust_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// unknowns are flaws that nobody can pin on the server: contract §9.
var unknowns = map[string]bool{"reset": true}

// TestEveryFlawIsNamedExactly looks at a site with each flaw of the lab: the requirement that the flaw concerns fails
// with its cause, and no other does.
func TestEveryFlawIsNamedExactly(t *testing.T) {
	for _, f := range pki.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			most := plenty
			if f.Cause == "timeout" {
				most = 4 * time.Second // it waits for six tenths of that
			}
			found := look(t, serve(t, f.Name).session(t, "private"), most)
			status := "fail"
			if unknowns[f.Name] {
				status = "unknown"
			}
			want := []string{f.Requirement + " " + status + " " + f.Cause}
			if f.Requirement == "" {
				want = nil
			}
			if diff := cmp.Diff(want, flaws(found)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if because := found[f.Requirement].Because; because == "" && f.Requirement != "" {
				t.Error("it does not say what was seen")
			}
		})
	}
}

// TestHealthySite finds nothing wrong with a site without flaws.
func TestHealthySite(t *testing.T) {
	found := look(t, serve(t).session(t, "private"), plenty)
	if got := flaws(found); got != nil {
		t.Errorf("flaws of a healthy site: %q", got)
	}
	if len(found) != 9 {
		t.Errorf("%d findings, want 9", len(found))
	}
}
