package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// small is a package with a gap in its tests here and there.
var small = map[string]string{
	"go.mod": "module small\n\ngo 1.25\n",
	"probes/words.go": `package probes

type Cause string

const (
	OK   Cause = "ok"
	Late Cause = "late"
)

func Fail(c Cause) string       { return "fail " + string(c) }
func CannotTell(c Cause) string { return "unknown " + string(c) }
`,
	"small/small.go": `package small

import (
	"context"

	"small/probes"
)

const on = 1 == 1

func Less(n int) bool { return n < 3 }

func Both(a, b bool) bool { return a && b }

func Either(a, b bool) bool { return a || !b }

func Kind(s string) string {
	switch s {
	case "a", "b":
		return "early"
	case "z":
		return "late"
	}
	return ""
}

func Size(s string) int {
	switch n := len(s); n {
	case 0, 1:
		return 0
	default:
		return n
	}
}

func Judge(late bool) string {
	if late {
		return probes.Fail(probes.Late)
	}
	return ""
}

func Never() bool { return true }

func Ask(_ context.Context, n int) bool { return n > 1 }
`,
	"small/small_test.go": `package small

import "testing"

func TestAll(t *testing.T) {
	if !Less(2) || Less(4) {
		t.Error("less")
	}
	for i, want := range []bool{false, false, false, true} {
		if Both(i&1 != 0, i&2 != 0) != want {
			t.Error("both")
		}
	}
	if !Either(true, true) || !Either(false, false) || Either(false, true) {
		t.Error("either")
	}
	for s, want := range map[string]string{"a": "early", "z": "late", "m": ""} {
		if Kind(s) != want {
			t.Error("kind")
		}
	}
	if Size("a") != 0 || Size("ab") != 2 {
		t.Error("size")
	}
	if Judge(true) == "" || Judge(false) != "" {
		t.Error("judge")
	}
}
`,
}

// TestSmall tells what a test kills, what it lets live and what it does not get to, and leaves the files as they are.
func TestSmall(t *testing.T) {
	dir := t.TempDir()
	for name, text := range small {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for wire, want := range map[bool][]string{
		false: {
			`  lived  small.go:11  <= for < in n < 3`,
			`  lived  small.go:38  probes.CannotTell for probes.Fail`,
			`  lived  small.go:38  probes.Cause("mutant") for probes.Late`,
			`  lived, since no test gets there  small.go:43  not true`,
			`./small: 12 of 16 killed, 75.0 %`,
		},
		true: {
			`  lived, since no test gets there  small.go:45  >= for > in n > 1`,
			`./small: 0 of 1 killed, 0.0 %`,
		},
	} {
		var out bytes.Buffer
		s := session{out: &out, root: dir, workers: 2, wire: wire, places: regexp.MustCompile(map[bool]string{false: "", true: "small.go:45"}[wire])}
		lowest, err := s.all(t.Context(), []string{"./small"})
		if err != nil {
			t.Fatal(err)
		}
		if wire && lowest != 0 {
			t.Errorf("the share is %.1f", lowest)
		}
		got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("-wire %t:\n%s", wire, out.String())
		}
	}
	after, err := os.ReadDir(filepath.Join(dir, "small"))
	if err != nil || len(after) != 2 {
		t.Errorf("%v: %v", after, err)
	}
	for name, text := range small {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
			t.Errorf("%s is changed: %v", name, err)
		}
	}
}

// TestRed scores nothing where the tests fail without any mutant.
func TestRed(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": small["go.mod"], "red.go": "package red\n", "red_test.go": "package red\n\nimport \"testing\"\n\nfunc TestRed(t *testing.T) { t.Error(\"no\") }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := session{out: &bytes.Buffer{}, root: dir, workers: 1, places: regexp.MustCompile("")}
	if _, err := s.all(t.Context(), []string{"."}); err == nil || !strings.Contains(err.Error(), "TestRed is red without any mutant") {
		t.Errorf("%v", err)
	}
}
