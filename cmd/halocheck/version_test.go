package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes/product"
)

// TestVersionSaysWhatIsOld has clocks on both sides of 90 days.
func TestVersionSaysWhatIsOld(t *testing.T) {
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
		r := newVersionReport(info, table, now)
		text := r.text()
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
	if text := newVersionReport(version.Info{}, nil, time.Now()).text(); strings.Count(text, "an unknown date") != 2 || strings.Contains(text, "days old") {
		t.Errorf("a build that tells nothing:\n%s", text)
	}
}

// TestVersionTakesTheClock: the command judges by the clock that it is given.
func TestVersionTakesTheClock(t *testing.T) {
	for year, old := range map[int]bool{2026: false, 2036: true} {
		var out bytes.Buffer
		env := environment{out: &out, err: os.Stderr, getenv: func(string) string { return "" }, now: func() time.Time { return time.Date(year, 11, 28, 0, 0, 0, 0, time.UTC) }}
		if code := run([]string{"version", "--format", "json"}, env); code != 0 {
			t.Fatalf("exit %d", code)
		}
		var told versionReport
		if err := json.Unmarshal(out.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
		if told.Version == "" || told.Versions.Old != old || told.Roots.Date == "" || told.Guides[0].AsOf == "" {
			t.Errorf("%d: %s", year, out.String())
		}
	}
}
