package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/about"
)

// TestVersionTakesTheClock: the command judges by the clock that it is given.
func TestVersionTakesTheClock(t *testing.T) {
	for year, old := range map[int]bool{2026: false, 2036: true} {
		var out bytes.Buffer
		env := environment{out: &out, err: os.Stderr, getenv: func(string) string { return "" }, now: func() time.Time { return time.Date(year, 11, 28, 0, 0, 0, 0, time.UTC) }}
		if code := run([]string{"version", "--format", "json"}, env); code != 0 {
			t.Fatalf("exit %d", code)
		}
		var told about.Report
		if err := json.Unmarshal(out.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
		if told.Version == "" || told.Versions.Old != old || told.Roots.Date == "" || told.Guides[0].AsOf == "" {
			t.Errorf("%d: %s", year, out.String())
		}
	}
}
