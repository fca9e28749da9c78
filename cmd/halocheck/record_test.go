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

	"golang.org/x/sync/errgroup"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/fakehalo/hostile"
	"github.com/halocheck/halocheck/internal/record"
	"github.com/halocheck/halocheck/probes"
)

// unheld are the findings that no recording can bring back, by fault, or by the hostile server's stage and behaviour, each
// with the reason. An exception that is missing, and one that is no longer needed, fail the tests. All faults of the fake
// are held: it has them.
var unheld = map[string]map[string]string{
	"a third host/typed": {"login.auth-url": "a recording has two hosts: the one that is asked first where the typed server differs, and the instance's own"},
}

// recordFake records an embedded fake and returns the folder.
func recordFake(t *testing.T, fault string, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "recording")
	var out, errs bytes.Buffer
	args := append([]string{"record", "--fake", fault, dir}, more...)
	if code := run(args, environment{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }}); code != 0 {
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
// TestWhatNoRecordingHoldsIsTold and the specs over fixtures/recordings show.
func TestEveryFaultIsHeldByItsRecording(t *testing.T) {
	t.Parallel()
	names := []string{
		"healthy", "dialect:auth-host=other", "dialect:auth-path=root", "dialect:authinfo-tenant=absent", "dialect:token-scope-field=when-different",
		"missing-intermediate@auth", "connection-refused@auth", "dns-failure@auth", "expired,agent-disabled", "wrong-name,near-expiry,restricted-clients",
	}
	expected := map[string]fakehalo.Fault{}
	for n, f := range fakehalo.Faults() {
		if expected[f.Name] = f; !testing.Short() || n%15 == 0 {
			names = append(names, f.Name)
		}
	}
	var mu sync.Mutex
	gone := maps.Clone(unheld) // exceptions that nothing needed
	t.Run("loop", func(t *testing.T) {
		atOnce(t, names, func(name string) string { return name }, func(t *testing.T, name string) {
			got := readFindings(t, recordFake(t, name, "--quiet"))
			if len(got.NotReproduced) > 0 && len(unheld[name]) == 0 {
				// A busy machine may have cut a connection short; what comes twice is no accident.
				got = readFindings(t, recordFake(t, name, "--quiet"))
			}
			if want := expected[name]; want.Requirement != "" && !slices.ContainsFunc(got.Expected, func(e record.ExpectedFinding) bool {
				return e.ID == want.Requirement && string(e.Status) == want.Status && string(e.Cause) == want.Cause
			}) && !sharedCredentials[name] {
				t.Errorf("the recording does not expect %s %s %s", want.Requirement, want.Status, want.Cause)
			}
			mu.Lock()
			defer mu.Unlock()
			if expectUnheld(t, name, got) {
				delete(gone, name)
			}
		})
	})
	for name, reasons := range gone {
		if !strings.Contains(name, "/") && slices.Contains(names, name) {
			t.Errorf("%s: these exceptions are no longer needed: %v", name, reasons)
		}
	}
}

// expectUnheld demands a reason for each finding that was not brought back, apart from those that wait for others, and
// tells whether all of the reasons were needed.
func expectUnheld(t *testing.T, name string, got record.Findings) bool {
	t.Helper()
	left := maps.Clone(unheld[name])
	for _, e := range got.NotReproduced {
		if unheld[name][e.ID] == "" && (e.Status != probes.Blocked || len(unheld[name]) == 0) {
			t.Errorf("%s (%s) is not brought back, and no reason is given", e.Where(), e)
		}
		delete(left, e.ID)
	}
	return len(left) == 0
}

// TestWhatNoRecordingHoldsIsTold records servers that answer as no fake does: odd answers are held, and what is not is told.
func TestWhatNoRecordingHoldsIsTold(t *testing.T) {
	if testing.Short() {
		t.Skip("recordings of faults go the same ways")
	}
	t.Parallel()
	type hostileAnswer struct{ stage, how string }
	rows := []hostileAnswer{
		{"/api/authinfo", "basic"}, {"/api/authinfo", "status-999"}, {"/api/authinfo", "redirect-away"}, {"/api/authinfo", "body long-number"},
		{"/api/Agent/me", "reset"}, {"/api/Agent/me", "chunk-nonsense"}, {"/api/Agent/me", "body null"}, {"/api/Agent/me", "body wrong-types"},
		{"token", "body huge-string"}, {"token", "close"}, {"a third host", "typed"},
	}
	atOnce(t, rows, func(row hostileAnswer) string { return row.stage + "/" + row.how }, func(t *testing.T, row hostileAnswer) {
		name := row.stage + "/" + row.how
		stage, answer := hostile.Stage(row.stage), hostile.Answers[row.how]
		if body, ok := strings.CutPrefix(row.how, "body "); ok {
			answer = hostile.WithBody(hostile.Bodies[body])
		}
		s, err := hostile.Start(stage, answer, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		own, where, typed, roots := s.Fake.Credentials, s.URL, s.AuthURL, s.CAFile
		if row.how == "typed" {
			other, third := fakehalo.Start(mustName(t, "dialect:auth-host=other")), fakehalo.Start(mustName(t, "token-404"))
			defer other.Close()
			defer third.Close()
			where, typed, roots = other.URL, third.AuthURL+"/", bothRoots(t, other.CAFile, third.CAFile)
		}
		dir := filepath.Join(t.TempDir(), "recording")
		var out, errs bytes.Buffer
		code := run([]string{
			"record", where, dir, "--quiet", "--auth-url", typed, "--tenant", own.Tenant, "--client-id", own.ClientID,
			"--client-secret-file", secretFile(t, own.ClientSecret), "--ca-file", roots,
		}, environment{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }})
		if code != 0 {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		if !expectUnheld(t, name, readFindings(t, dir)) {
			t.Errorf("an exception is no longer needed: %v", unheld[name])
		}
		if told := strings.Contains(errs.String(), "does not hold everything: login.auth-url was fail auth_url_differs"); told != (len(unheld[name]) > 0) {
			t.Errorf("what is not held is not told, or told wrongly: %q", errs.String())
		}
	})
}

// atOnce runs a subtest for each row, many of them at the same time: they wait for silent servers most of the time, which
// the limit of t.Parallel, one a processor, does not know.
func atOnce[T any](t *testing.T, rows []T, name func(T) string, test func(*testing.T, T)) {
	t.Helper()
	var all errgroup.Group
	all.SetLimit(12 * runtime.NumCPU())
	for _, row := range rows {
		all.Go(func() error {
			t.Run(name(row), func(t *testing.T) { test(t, row) })
			return nil
		})
	}
	_ = all.Wait() // each subtest has failed by itself
}

func mustName(t *testing.T, name string) fakehalo.Fault {
	t.Helper()
	faults, err := fakehalo.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return faults[0]
}

// bothRoots is one file with the roots of two.
func bothRoots(t *testing.T, names ...string) string {
	t.Helper()
	var all []byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return secretFile(t, string(all))
}

// sharedCredentials are faults that an admin credential sees through, so that the recorded check says another thing.
var sharedCredentials = map[string]bool{"claims-hidden": true}
