package catalogue_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// statuses are those that a requirement can come to.
var statuses = []probes.Status{probes.Passed, probes.Failed, probes.NotApplicable, probes.Blocked, probes.Unknown, probes.Skipped}

// FuzzJudge judges saved answers of which somebody changed one: every requirement comes to a known status, nothing breaks,
// and a pass says what was seen.
func FuzzJudge(f *testing.F) {
	files, err := filepath.Glob("../../fixtures/reports/v1-*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no saved reports: %v", err)
	}
	var healthy *report.Report
	seen := map[string]bool{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		r, err := report.Read(data)
		if err != nil {
			f.Fatal(err)
		}
		if filepath.Base(name) == "v1-healthy.json" {
			healthy = r
		}
		for _, probe := range slices.Sorted(maps.Keys(r.Evidence)) {
			if answer := r.Evidence[probe]; len(answer) < 4096 && !seen[probe+string(answer)] {
				seen[probe+string(answer)] = true
				f.Add(probe, []byte(answer))
			}
		}
	}
	f.Add("trust.sights", []byte(`{"own":-1,"sent":[{}],"chain":null}`))
	g := guide.BuiltIn()
	checks := catalogue.All(g)
	f.Fuzz(func(t *testing.T, probe string, answer []byte) {
		if !json.Valid(answer) {
			return // no report could hold it
		}
		changed := *healthy
		changed.Evidence = maps.Clone(healthy.Evidence)
		changed.Evidence[probe] = answer
		s, err := report.Session(&changed, g)
		if err != nil {
			t.Fatal(err)
		}
		s.OnPanic = func(where string, what any, stack []byte) { t.Errorf("%s: %v\n%s", where, what, stack) }
		for finding := range probes.Run(context.Background(), s, checks) {
			if !slices.Contains(statuses, finding.Status) || finding.Status == probes.Passed && finding.Because == "" {
				t.Errorf("%s: %+v", probe, finding)
			}
		}
	})
}
