package compare

import (
	"fmt"
	"os"
	"testing"

	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/probes"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }

// TestPairs: requirements are paired by their ID and the order of their hosts, whose names may have changed; what is gone comes last.
func TestPairs(t *testing.T) {
	f := func(id, host string, s probes.Status) probes.Finding {
		return probes.Finding{ID: id, Host: host, Level: probes.Must, Status: s}
	}
	accepted := f("role.all", "", probes.Failed)
	accepted.Waived = &probes.Waiver{}
	older := []probes.Finding{f("gone", "", probes.Failed), f("trust.chain", "a", probes.Failed), f("trust.chain", "b", probes.Passed), f("role.all", "", probes.Unknown), f("agent", "", probes.Blocked)}
	newer := []probes.Finding{f("trust.chain", "a2", probes.Passed), f("trust.chain", "b2", probes.Unknown), f("new", "", probes.Failed), accepted, f("agent", "", probes.Failed)}
	want := []string{"a a2 fixed", "b b2 unjudged", "- new broken", "role.all role.all settled", "agent agent uncovered", "gone - fixed"}
	got := Pairs(older, newer)
	for i, p := range got {
		name := func(f *probes.Finding) string {
			switch {
			case f == nil:
				return "-"
			case f.Host != "":
				return f.Host
			}
			return f.ID
		}
		if line := fmt.Sprint(name(p.Old), " ", name(p.New), " ", p.Kind()); line != want[i] {
			t.Errorf("pair %d is %q, want %q", i, line, want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d pairs, want %d", len(got), len(want))
	}
}

// TestPairsOfSeveralGuides: each guide's verdict is compared with its own, however the verdicts of several were joined.
func TestPairsOfSeveralGuides(t *testing.T) {
	by := func(s probes.Status, guides ...string) probes.Finding {
		f := probes.Finding{ID: "role.tickets-level", Level: probes.Must, Status: s}
		for _, g := range guides {
			f.AskedBy = append(f.AskedBy, probes.Source{Guide: g})
		}
		return f
	}
	const pass, fail = probes.Passed, probes.Failed
	type findings = []probes.Finding
	for _, c := range []struct {
		name         string
		older, newer findings
		want         string
	}{
		{"another order", findings{by(pass, "A"), by(fail, "B", "C")}, findings{by(fail, "B", "C"), by(pass, "A")}, "[{fail fail [B C]} {pass pass [A]}]"},
		{"one of two breaks", findings{by(pass, "A", "B")}, findings{by(pass, "A"), by(fail, "B")}, "[{pass pass [A]} {pass fail [B]}]"},
		{"one of two is mended", findings{by(pass, "A"), by(fail, "B")}, findings{by(pass, "A", "B")}, "[{pass pass [A]} {fail pass [B]}]"},
		{"a guide more", findings{by(pass, "A")}, findings{by(pass, "A"), by(fail, "B")}, "[{pass pass [A]} {- fail [B]}]"},
		{"a guide less", findings{by(pass, "A", "B")}, findings{by(pass, "A")}, "[{pass pass [A]} {pass - [B]}]"},
		{"from one guide to several", findings{by(fail)}, findings{by(pass, "A"), by(fail, "B")}, "[{fail pass [A]} {fail fail [B]}]"},
		{"from several to one", findings{by(fail, "A", "B")}, findings{by(pass)}, "[{fail pass []}]"},
	} {
		var got []string
		for _, p := range Pairs(c.older, c.newer) {
			status := func(f *probes.Finding) string {
				if f == nil {
					return "-"
				}
				return string(f.Status)
			}
			got = append(got, fmt.Sprint("{", status(p.Old), " ", status(p.New), " ", p.Guides, "}"))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
