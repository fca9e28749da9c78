package guide_test

import (
	"os"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes/guide"
)

// theTwenty are the vendors that the library has to know, by their reach: shared facts, guides §4.
const theTwenty = `huntress threatlocker hudu saas-alerts thread cipp rewst connectsecure perimeters ninjaone-saas-backup scalepad
	liongard watchguard autoelevate zomentum alternative-payments evo moovila 365sentri optimize365`

// TestTheLibrary: every guide loads, says when it was read and where, and one whose page goes on says what may be missing.
func TestTheLibrary(t *testing.T) {
	for _, name := range strings.Fields(theTwenty + " mspcentric mspcentric-older barracuda dnsfilter") {
		if guide.ByName(name) == nil {
			t.Errorf("%s is missing", name)
		}
	}
	seen := map[string]bool{}
	for _, g := range guide.Library() {
		if seen[g.Name] {
			t.Errorf("the name %q stands twice", g.Name)
		}
		seen[g.Name] = true
		if g.Vendor == "" || g.Edition == "" || g.AsOf == "" || len(g.Sources) == 0 || g.Sources[0].URL == "" || g.Confidence == "" {
			t.Errorf("%s: vendor, edition, as_of, sources and confidence are needed: %+v", g.ID, g)
		}
		if (g.Confidence == guide.Partial) != (len(g.Gaps) > 0) {
			t.Errorf("%s: %s with %d gaps", g.ID, g.Confidence, len(g.Gaps))
		}
		if len(g.ScopesToRequest()) == 0 {
			t.Errorf("%s: a token without scopes opens nothing", g.ID)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("hudu", []byte("name: Mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("thread", 0o700); err != nil { // what is kept of a vendor
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Huntress": "Huntress", "thread": "Thread", "hudu": "Mine", "./hudu": "Mine", "mspcentric": "MSPCentric"} {
		if g, err := guide.Open(t.Context(), name); err != nil || g.Name != want {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	for name, want := range map[string]string{
		"huntres":   `guide: "huntres" is neither a file nor a guide of the library (did you mean huntress?)`,
		"none.yaml": "guide: open none.yaml: no such file or directory",
		"../hudu":   "guide: open ../hudu: no such file or directory",
	} {
		if _, err := guide.Open(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if guide.ByName("mspcentric") != guide.BuiltIn() || guide.ByName("../library/hudu") != nil {
		t.Error("a name is a name of the library")
	}
}
