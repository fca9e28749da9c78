package settings

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/waiver"
)

// complaint is an error about a file: one line that starts with its place.
var complaint = regexp.MustCompile(`^f\.yaml(:\d+)?: \S[^\n]*$`)

// FuzzConfig reads configuration files that anybody may have written.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"tenant: acme\nteam: [A, B]\nstable: 2.190\n", "client-id: &a x\nteam: *a", "a: |\n  b\n", "a:\n", "- a", "<<: {a: b}", "? [a]\n: b", "{a: b, c}",
		"a: !!binary x\n---\nb: [[c], d]", "\ttenant: x", "a: {b: c}", "\xff\xfe", "tenant: \"\\u001b[2J\"", "a: b\na: c", "", "# nothing",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := ParseConfig("f.yaml", data)
		if err != nil {
			if text := safetext.Line(err.Error()); !complaint.MatchString(text) {
				t.Errorf("%q has no place, or several lines", text)
			}
			return
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
		for _, s := range entries {
			if s.Line < 1 || s.Line > lines || len(s.Values) == 0 && !strings.Contains(string(data), "[") {
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
		config := NewValues(All, Check).ReadConfig(t.Context(), file)
		_, waivers := waiver.Read(t.Context(), "--waive", file, nil)
		for name, err := range map[string]error{"--config": config, "--waive": waivers} {
			if want := name + ": " + file + ": it is larger than 256 KiB"; (err != nil) != refused || refused && err.Error() != want {
				t.Errorf("%s of %d bytes: %v", name, size, err)
			}
		}
	}
}
