package main

import (
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

func TestCompare(t *testing.T) {
	const must, should = probes.Must, probes.Should
	waived := &probes.Waiver{Reason: "soon", Owner: "J. Doe"}
	for name, c := range map[string]struct {
		level      probes.Level
		from, to   probes.Status
		waived     *probes.Waiver // of the new one
		want       changeKind
		regression bool
	}{
		"a Must fails":               {must, probes.Passed, probes.Failed, nil, regressed, true},
		"a Must is unjudged":         {must, probes.Passed, probes.Unknown, nil, regressed, true},
		"an unjudged Must fails":     {must, probes.Unknown, probes.Failed, nil, regressed, true},
		"a should fails":             {should, probes.Passed, probes.Failed, nil, worse, false},
		"a blocked Must fails":       {must, probes.Blocked, probes.Failed, nil, uncovered, false},
		"an unknown becomes blocked": {must, probes.Unknown, probes.Blocked, nil, other, false},
		"a Must is mended":           {must, probes.Failed, probes.Passed, nil, fixed, false},
		"a fail is now unknown":      {must, probes.Failed, probes.Unknown, nil, other, false},
		"an unknown is settled":      {must, probes.Unknown, probes.Passed, nil, fixed, false},
		"a fail that is accepted":    {must, probes.Passed, probes.Failed, waived, other, false},
	} {
		older := probes.Finding{ID: "a.b", Level: c.level, Status: c.from, Host: "old:1"}
		newer := probes.Finding{ID: "a.b", Level: c.level, Status: c.to, Host: "new:2", Waived: c.waived}
		got := compare(&report.Report{Findings: []probes.Finding{older}}, &report.Report{Findings: []probes.Finding{newer}})
		if len(got.Changes) != 1 || got.Changes[0].Kind != c.want || got.Regression != c.regression {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

func TestCompareTellsHostsApart(t *testing.T) {
	at := func(host string, status probes.Status) probes.Finding {
		return probes.Finding{ID: "trust.chain", Level: probes.Must, Host: host, Status: status}
	}
	older := &report.Report{Findings: []probes.Finding{at("api", probes.Passed), at("auth", probes.Passed)}}
	newer := &report.Report{Findings: []probes.Finding{at("api", probes.Passed), at("auth", probes.Failed)}}
	got := compare(older, newer)
	if len(got.Changes) != 1 || got.Changes[0].Host != "auth" || !got.Regression {
		t.Errorf("%+v", got)
	}
	one := &report.Report{Findings: []probes.Finding{at("api", probes.Passed)}}
	if got := compare(one, newer); len(got.Changes) != 1 || got.Changes[0].Kind != regressed || got.Changes[0].Old != nil {
		t.Errorf("a new host that fails: %+v", got)
	}
	if got := compare(newer, one); len(got.Changes) != 1 || got.Changes[0].Kind != removed || got.Regression {
		t.Errorf("a host that is gone: %+v", got)
	}
}
