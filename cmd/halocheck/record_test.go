package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes/record"
)

// unheld are the findings that no recording of a fault can bring back, by fault, each with the reason.
var unheld = map[string]map[string]string{}

// recordFake records an embedded fake and returns the folder.
func recordFake(t *testing.T, fault string, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "recording")
	var out, errs bytes.Buffer
	args := append([]string{"record", "--fake", fault, dir}, more...)
	if code := run(args, world{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }}); code != 0 {
		t.Fatalf("record --fake %s: exit %d: %s", fault, code, errs.String())
	}
	return dir
}

func readFindings(t *testing.T, dir string) record.Findings {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, record.FindingsFile))
	if err != nil {
		t.Fatal(err)
	}
	f, err := record.ReadFindings(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestEveryFaultIsHeldByItsRecording goes the loop for every fault, and for faults of the authorisation server's own host:
// check, record, replay, check again. What record says of its own replay is what is compared here; that it says so truly,
// TestAReplayThatDiffersIsTold and the specs over fixtures/recordings show.
func TestEveryFaultIsHeldByItsRecording(t *testing.T) {
	names := []string{
		"healthy", "dialect:auth-host=other", "dialect:auth-path=root", "dialect:authinfo-tenant=absent", "dialect:token-scope-field=when-different",
		"missing-intermediate@auth", "connection-refused@auth", "dns-failure@auth", "expired,agent-disabled", "wrong-name,near-expiry,restricted-clients",
	}
	expected := map[string]fakehalo.Fault{}
	for _, f := range fakehalo.Faults() {
		names, expected[f.Name] = append(names, f.Name), f
	}
	var mu sync.Mutex
	gone := maps.Clone(unheld) // exceptions that nothing needed
	t.Run("loop", func(t *testing.T) {
		slots := make(chan struct{}, 4*runtime.NumCPU()) // most of them wait for silence
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				got := readFindings(t, recordFake(t, name, "--quiet"))
				if want := expected[name]; want.Requirement != "" && !slices.ContainsFunc(got.Expected, func(e record.Expected) bool {
					return e.ID == want.Requirement && string(e.Status) == want.Status && string(e.Cause) == want.Cause
				}) && !sharedCredentials[name] {
					t.Errorf("the recording does not expect %s %s %s", want.Requirement, want.Status, want.Cause)
				}
				mu.Lock()
				defer mu.Unlock()
				left := maps.Clone(unheld[name])
				for _, e := range got.Unheld {
					if left[e.ID] == "" {
						t.Errorf("%s (%s) is not brought back, and no reason is given", e.Where(), e)
					}
					delete(left, e.ID)
				}
				if len(left) == 0 {
					delete(gone, name)
				}
			})
		}
	})
	for name, reasons := range gone {
		t.Errorf("%s: these exceptions are no longer needed: %v", name, reasons)
	}
}

// sharedCredentials are faults that an admin credential sees through, so that the recorded check says another thing.
var sharedCredentials = map[string]bool{"claims-hidden": true}
