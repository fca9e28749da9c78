package probes_test

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestHowMuchOfTheGuideWasChecked: what was skipped, left out or asked for by another profile alone was not, and the report is partial.
func TestHowMuchOfTheGuideWasChecked(t *testing.T) {
	passed := probes.Finding{ID: "a.passed", Profile: "all", Status: probes.Passed}
	vouched := probes.Finding{ID: "a.vouched", Profile: "all", Status: probes.Passed, Attested: "I looked"}
	skipped := probes.Finding{ID: "a.skipped", Profile: "all", Status: probes.Skipped}
	free := probes.Finding{ID: "a.free", Profile: "all", Status: probes.NotApplicable}
	billing := probes.Finding{ID: "a.billing", Profile: "billing", Status: probes.NotApplicable}
	billed := probes.Finding{ID: "a.billing", Profile: "billing", Status: probes.Passed}
	both, alerts := []string{"billing", "alerts"}, []string{"alerts"}
	for name, c := range map[string]struct {
		only, profiles []string
		total          int
		findings       []probes.Finding
		partial        bool
		checked        int
		attested       int
	}{
		"everything":                        {nil, nil, 2, []probes.Finding{passed, vouched}, false, 2, 1},
		"an older version's":                {nil, nil, 0, []probes.Finding{passed}, false, 1, 0},
		"two hosts of one requirement":      {nil, nil, 1, []probes.Finding{passed, passed}, false, 1, 0},
		"fewer than the guide has":          {nil, nil, 2, []probes.Finding{passed}, true, 1, 0},
		"only some":                         {[]string{"a.*"}, nil, 1, []probes.Finding{passed}, true, 1, 0},
		"one skipped":                       {nil, nil, 0, []probes.Finding{passed, skipped}, true, 1, 0},
		"one that is not asked for":         {nil, nil, 2, []probes.Finding{passed, free}, false, 2, 0},
		"the same with one profile":         {nil, alerts, 2, []probes.Finding{passed, free}, true, 2, 0},
		"another profile's":                 {nil, alerts, 2, []probes.Finding{passed, billing}, true, 1, 0},
		"another profile's, as saved":       {nil, alerts, 0, []probes.Finding{passed, billed}, true, 2, 0},
		"each profile":                      {nil, both, 2, []probes.Finding{passed, billing}, false, 2, 0},
		"each profile, by naming none":      {nil, nil, 2, []probes.Finding{passed, billing}, false, 2, 0},
		"its own profile, not asked for":    {nil, []string{"billing"}, 2, []probes.Finding{passed, billing}, true, 2, 0},
		"nothing at all":                    {nil, nil, 0, nil, false, 0, 0},
		"neither of two profiles asks this": {nil, []string{"alerts", "other"}, 1, []probes.Finding{passed, billing}, false, 1, 0},
	} {
		r := probes.Report{Only: c.only, Guide: probes.ReportGuide{Profiles: c.profiles}, Coverage: probes.ReportCoverage{Total: c.total}, Findings: c.findings, Attested: 7}
		if r.Sum(); r.Partial != c.partial || r.Coverage.Checked != c.checked || r.Attested != c.attested {
			t.Errorf("%s: partial %t, %d checked, %d attested", name, r.Partial, r.Coverage.Checked, r.Attested)
		}
	}
}

// TestAFindingIsFoundByItsRequirementAndItsHost, of which a report has one.
func TestAFindingIsFoundByItsRequirementAndItsHost(t *testing.T) {
	all := []probes.Finding{{ID: "a.one", Host: "h"}, {ID: "a.one", Host: "auth"}, {ID: "a.two", Host: "auth"}, {ID: "a.three"}}
	for want, f := range map[int]probes.Finding{0: {ID: "a.one", Host: "h"}, 1: {ID: "a.one", Host: "auth", Status: probes.Failed}, 2: {ID: "a.two", Host: "auth"}, 3: {ID: "a.three"}} {
		if got := probes.IndexFinding(all, f); got != want {
			t.Errorf("%+v: %d", f, got)
		}
	}
	for _, f := range []probes.Finding{{ID: "a.two", Host: "h"}, {ID: "a.two"}, {ID: "a.four", Host: "h"}} {
		if got := probes.IndexFinding(all, f); got != -1 {
			t.Errorf("%+v: %d", f, got)
		}
	}
}
