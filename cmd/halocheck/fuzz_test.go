package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/waiver"
)

// told is how a file's fault is told: with its place, and nothing that a terminal would obey.
var told = regexp.MustCompile(`^halocheck: f\.yaml(:\d+)?: \S[^\x00-\x1f\x7f\x{80}-\x{9f}\x{202e}\x{2066}]*\n$`)

// wellTold demands that an error is one line and is said so.
func wellTold(t *testing.T, err error) {
	t.Helper()
	var said bytes.Buffer
	if printMessage(&said, err); !told.MatchString(said.String()) {
		t.Errorf("%q is not told with its place", said.String())
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q takes several lines", err)
	}
}

// FuzzConfig reads configuration files that anybody may have written.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"tenant: acme\nteam: [A, B]\nstable: 2.190\n", "client-id: &a x\nteam: *a", "a: |\n  b\n", "a:\n", "- a", "<<: {a: b}", "? [a]\n: b", "{a: b, c}",
		"a: !!binary x\n---\nb: [[c], d]", "\ttenant: x", "a: {b: c}", "\xff\xfe", "tenant: \"\\u001b[2J\"", "a: b\na: c", "", "# nothing",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		settings, err := parseConfig("f.yaml", data)
		if err != nil {
			wellTold(t, err)
			return
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for _, s := range settings {
			if s.line < 1 || s.line > lines || len(s.values) == 0 && !strings.Contains(string(data), "[") {
				t.Errorf("%+v of %d lines", s, lines)
			}
		}
	})
}

// TestLargeSettingsAreRefused: a file that is cut off might still read well, and mean something else.
func TestLargeSettingsAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.yaml")
	for size, refused := range map[int]bool{int(document.Settings.Bytes): false, int(document.Settings.Bytes) + 1: true} {
		if err := os.WriteFile(file, []byte("#"+strings.Repeat("x", size-1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, config := readConfig(t.Context(), file)
		_, waivers := waiver.Read(t.Context(), "--waive", file, nil)
		for name, err := range map[string]error{"--config": config, "--waive": waivers} {
			if want := name + ": " + file + ": it is larger than 256 KiB"; (err != nil) != refused || refused && err.Error() != want {
				t.Errorf("%s of %d bytes: %v", name, size, err)
			}
		}
	}
}
