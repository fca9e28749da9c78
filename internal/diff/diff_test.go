package diff

import (
	"strings"
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

// TestCompareSeveralGuides: a change says for which guides it is one, and each guide's outcome is told.
func TestCompareSeveralGuides(t *testing.T) {
	by := func(status probes.Status, guides ...string) probes.Finding {
		f := probes.Finding{ID: "role.tickets-level", Level: probes.Must, Status: status}
		for _, g := range guides {
			f.AskedBy = append(f.AskedBy, probes.Source{Guide: g})
		}
		return f
	}
	both := func(a, b probes.Outcome, findings ...probes.Finding) *report.Report {
		return &report.Report{Outcome: b, Guides: []probes.ReportGuideOutcome{{Name: "A", Outcome: a}, {Name: "B", Outcome: b}}, Findings: findings}
	}
	healthy, broken := both(probes.Conformant, probes.Conformant, by(probes.Passed, "A", "B")), both(probes.Conformant, probes.NotConformant, by(probes.Passed, "A"), by(probes.Failed, "B"))
	only := &report.Report{Guide: probes.ReportGuide{Name: "A"}, Outcome: probes.Conformant, Findings: []probes.Finding{by(probes.Passed)}}
	for _, c := range []struct {
		name         string
		older, newer *report.Report
		want         string
	}{
		{"the same", healthy, healthy, " conformant -> conformant\nnothing changed\n"},
		{"one breaks", healthy, broken, " conformant -> not-conformant\nB: conformant -> not-conformant\nno longer holds: role.tickets-level (B)\nregression  role.tickets-level (B): pass -> fail\n"},
		{"one is added", only, broken, " conformant -> not-conformant\nB: not judged -> not-conformant\nno longer holds: role.tickets-level (B)\nregression  role.tickets-level (B): absent -> fail\n"},
		{"one is left out", healthy, only, " conformant -> conformant\nB: conformant -> not judged\nremoved     role.tickets-level (B): pass -> absent\n"},
	} {
		var b strings.Builder
		if err := Compare(c.older, c.newer).Write(&b, "text"); err != nil || b.String() != c.want {
			t.Errorf("%s: %q, want %q", c.name, b.String(), c.want)
		}
	}
}
