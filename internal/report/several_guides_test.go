package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestOneSettingOfWhichGuidesWantSomethingElse: what each wants is told with what to do, though nobody could see either for the same
// reason; what could not be asked at all is told once.
func TestOneSettingOfWhichGuidesWantSomethingElse(t *testing.T) {
	of := func(id, says, guide, because string) probes.Finding {
		return probes.Finding{
			ID: id, Area: "role", Level: probes.Must, Status: probes.Unknown, Cause: probes.ClaimAbsent, Says: says, Because: because,
			Remedy: &probes.Remedy{Who: probes.HaloAdmin, Do: "Check: " + says}, AskedBy: []probes.Source{{Guide: guide}},
		}
	}
	r := &Report{
		Guide: Guide{Name: "A, B"}, Outcome: probes.Incomplete, Guides: []probes.ReportGuideOutcome{{Name: "A", Outcome: probes.Incomplete}, {Name: "B", Outcome: probes.Incomplete}},
		Findings: []probes.Finding{
			of("role.administrator", "The agent is no administrator.", "A", "no claim is shown"), of("role.administrator", "The agent is an administrator.", "B", "no claim is shown"),
			of("role.kb-level", "It is enough.", "A", "the check was interrupted"), of("role.kb-level", "It is much.", "B", "the check was interrupted"), of("role.crm-level", "It is enough.", "B", "the check was interrupted"),
		},
	}
	for _, format := range []string{"text", "markdown", "short"} {
		var b bytes.Buffer
		if err := Write(&b, format, r, Options{Width: 200}); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		for _, want := range []string{"Check: The agent is no administrator.", "Check: The agent is an administrator.", " more "} {
			if strings.Count(got, want) != 1 {
				t.Errorf("%s tells %q %d times:\n%s", format, want, strings.Count(got, want), got)
			}
		}
		if n := strings.Count(got, "the check was interrupted"); n != 1 {
			t.Errorf("%s: interrupted %d times:\n%s", format, n, got)
		}
	}
}

// TestWhatHoldsForSeveralGuidesIsTextOnce, however binding each calls it.
func TestWhatHoldsForSeveralGuidesIsTextOnce(t *testing.T) {
	of := func(level probes.Level, guide string) probes.Finding {
		return probes.Finding{ID: "role.all-clients", Area: "role", Level: level, Status: probes.Passed, Cause: probes.OK, Says: "The role allows all clients.", AskedBy: []probes.Source{{Guide: guide}}}
	}
	vouched := of(probes.Must, "C")
	vouched.Attested = "seen by me"
	r := &Report{Guide: Guide{Name: "A, B, C"}, Outcome: probes.Conformant, Findings: []probes.Finding{of(probes.Must, "A"), of(probes.Should, "B"), vouched}}
	for verbose, want := range map[bool]int{false: 2, true: 3} {
		var b bytes.Buffer
		if err := Text(&b, r, Options{Verbose: verbose}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "The role allows all clients"); n != want {
			t.Errorf("verbose %t: %d times:\n%s", verbose, n, b.String())
		}
	}
}

// TestThePageSaysWhichGuidesAreNotMet, and for whom each thing is to be done.
func TestThePageSaysWhichGuidesAreNotMet(t *testing.T) {
	r := planned()
	for i := range r.Findings {
		r.Findings[i].Remedy = &probes.Remedy{Who: probes.HaloAdmin, Do: "Set it " + r.Findings[i].ID + "."}
	}
	many := &Report{Outcome: probes.NotConformant}
	for i := range 9 {
		many.Guides = append(many.Guides, probes.ReportGuideOutcome{Name: fmt.Sprintf("G%d", i), Outcome: probes.NotConformant})
	}
	two := func(outcome probes.Outcome, first, second probes.Outcome) *Report {
		return &Report{Outcome: outcome, Guides: []probes.ReportGuideOutcome{{Name: "A", Outcome: first}, {Name: "B", Outcome: second}, {Name: "P", Outcome: probes.NotConformant, Planned: true}}}
	}
	for want, r := range map[string]*Report{
		"Everything that the guide demands was judged and holds.":                       r,
		"Everything that the 2 guides demand was judged and holds.":                     two(probes.Conformant, probes.Conformant, probes.Conformant),
		"The connection does not meet 1 of 2 guides: B.":                                two(probes.NotConformant, probes.Incomplete, probes.NotConformant),
		"Nothing failed, but not everything could be checked that is asked for by A.":   two(probes.Incomplete, probes.Incomplete, probes.Conformant),
		"The connection does not meet 9 of 9 guides: G0, G1, G2, G3, G4, G5, 3 others.": many,
		"The connection does not meet the guide.":                                       {Outcome: probes.NotConformant},
	} {
		if got := outcomeSentence(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	var b bytes.Buffer
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	if page := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(page, `role.b</a> (Next, Old)`) {
		t.Error("the page does not say for which guides role.b is done")
	}
}
