package diff

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
		want       Kind
		regression bool
	}{
		"a Must fails":               {must, probes.Passed, probes.Failed, nil, Regressed, true},
		"a Must is unjudged":         {must, probes.Passed, probes.Unknown, nil, Regressed, true},
		"an unjudged Must fails":     {must, probes.Unknown, probes.Failed, nil, Regressed, true},
		"a should fails":             {should, probes.Passed, probes.Failed, nil, Worse, false},
		"a blocked Must fails":       {must, probes.Blocked, probes.Failed, nil, Uncovered, false},
		"an unknown becomes blocked": {must, probes.Unknown, probes.Blocked, nil, Other, false},
		"a Must is mended":           {must, probes.Failed, probes.Passed, nil, Fixed, false},
		"a fail is now unknown":      {must, probes.Failed, probes.Unknown, nil, Other, false},
		"an unknown is settled":      {must, probes.Unknown, probes.Passed, nil, Fixed, false},
		"a fail that is accepted":    {must, probes.Passed, probes.Failed, waived, Other, false},
	} {
		older := probes.Finding{ID: "a.b", Level: c.level, Status: c.from, Host: "old:1"}
		newer := probes.Finding{ID: "a.b", Level: c.level, Status: c.to, Host: "new:2", Waived: c.waived}
		got := Compare(&report.Report{Findings: []probes.Finding{older}}, &report.Report{Findings: []probes.Finding{newer}})
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
	got := Compare(older, newer)
	if len(got.Changes) != 1 || got.Changes[0].Host != "auth" || !got.Regression {
		t.Errorf("%+v", got)
	}
	one := &report.Report{Findings: []probes.Finding{at("api", probes.Passed)}}
	if got := Compare(one, newer); len(got.Changes) != 1 || got.Changes[0].Kind != Regressed || got.Changes[0].Old != nil {
		t.Errorf("a new host that fails: %+v", got)
	}
	if got := Compare(newer, one); len(got.Changes) != 1 || got.Changes[0].Kind != Removed || got.Regression {
		t.Errorf("a host that is gone: %+v", got)
	}
}
