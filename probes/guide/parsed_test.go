package guide

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFreshParsedGuide fails where the parsed built-in guide is not what its YAML says. HALOCHECK_PARSED=write writes it anew.
func TestFreshParsedGuide(t *testing.T) {
	g, err := parse(Default)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.MarshalIndent(g, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	const file = "parsed/mspcentric.json"
	if os.Getenv("HALOCHECK_PARSED") == "write" {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, want) {
		t.Fatalf("%s is stale (%v); run: make generate", file, err)
	}
	if diff := cmp.Diff(g, BuiltIn(), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Errorf("what is read is not what was parsed:\n%s", diff)
	}
}
