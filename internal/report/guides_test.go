package report

import (
	"bytes"
	"html"
	"html/template"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// planned is a report of a connected guide and of two that are planned, of which one contradicts it.
func planned() *Report {
	failed := func(id string, level probes.Level, guides ...string) probes.Finding {
		f := probes.Finding{ID: id, Area: "role", Level: level, Status: probes.Failed, Cause: probes.PermissionOff}
		for _, name := range guides {
			f.AskedBy = append(f.AskedBy, probes.Source{Guide: name})
		}
		return f
	}
	unknown := failed("role.kb-level", probes.Must, "Next")
	unknown.Status, unknown.Cause = probes.Unknown, probes.ClaimAbsent
	notes := probes.ReportGuideNotes{Manual: []string{"Use a ticket type <b>without</b> fields."}, AfterChange: "Sync again.", Gaps: []string{"The page goes on."}}
	return &Report{
		Guide: Guide{Name: "Old, Next, Part"}, Outcome: probes.Conformant,
		Guides: []probes.ReportGuideOutcome{
			{Name: "Old", Outcome: probes.Conformant, ReportGuideNotes: notes},
			{Name: "Next", Outcome: probes.NotConformant, Planned: true},
			{Name: "Part", Outcome: probes.Incomplete, Planned: true, Confidence: guide.Partial},
		},
		Findings: []probes.Finding{
			failed("role.a", probes.Must, "Next"), failed("role.b", probes.Must, "Next", "Old"), failed("role.c", probes.Should, "Next"), failed("role.d", probes.Must, "Old"), unknown,
		},
		Contradictions: []guide.Contradiction{
			{ID: "role.administrator", Binding: true, Do: "Make two.", Sides: []guide.Side{{Guide: "Old", Says: "Yes.", Level: "must"}, {Guide: "Next", Says: "No.", Level: "must"}}},
			{ID: "agent.work-hours", Do: "Make two.", Sides: []guide.Side{{Guide: "Old", Says: "Day.", Level: "must"}, {Guide: "Part", Says: "Night.", Level: "should"}}},
		},
	}
}

// TestPlanTexts: shoulds and what other guides ask for are no changes, and only what must be met breaks.
func TestPlanTexts(t *testing.T) {
	want := []string{
		"Next can be added after 2 changes; 1 point could not be judged; Old would break.",
		"Nothing is seen that Part lacks; its page could be read in part alone.",
	}
	if got := planTexts(planned()); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
	r := planned()
	r.Findings, r.Contradictions = nil, nil
	if got := planTexts(r)[0]; got != "Next can be added as it is." {
		t.Error(got)
	}
}

// TestNotesOfGuides: what somebody does by hand is in every format for people, of one guide and of several.
func TestNotesOfGuides(t *testing.T) {
	several := planned()
	one := &Report{Guide: Guide{Name: "Old", ReportGuideNotes: several.Guides[0].ReportGuideNotes}, Outcome: probes.Conformant}
	for name, write := range map[string]func(*bytes.Buffer, *Report) error{
		"text":     func(b *bytes.Buffer, r *Report) error { return Text(b, r, Options{}) },
		"markdown": func(b *bytes.Buffer, r *Report) error { return Markdown(b, r, Options{}) },
		"html":     func(b *bytes.Buffer, r *Report) error { return HTML(b, r) },
	} {
		for _, r := range []*Report{one, several} {
			var b bytes.Buffer
			if err := write(&b, r); err != nil {
				t.Fatal(name, err)
			}
			page := strings.ReplaceAll(html.UnescapeString(b.String()), "\\", "")
			wants := []string{"without", "fields.", "Sync again.", "The page goes on."}
			if r == several {
				wants = append(wants, "Next can be added after 2 changes", `Old: "Yes"; Next: "No". Make two.`)
			}
			for _, want := range wants {
				if !strings.Contains(strings.Join(strings.Fields(page), " "), want) {
					t.Errorf("%s leaves out %q", name, want)
				}
			}
			if name == "html" && strings.Contains(b.String(), "<b>without") {
				t.Error("a guide's text is mark-up")
			}
		}
	}
}

// TestGuidesOfASavedReportAreValidated: what no run writes is refused, since much of it is shown as it is.
func TestGuidesOfASavedReportAreValidated(t *testing.T) {
	if err := validate(planned()); err != nil && strings.HasPrefix(err.Error(), "guides") {
		t.Error(err)
	}
	for want, change := range map[string]func(*Report){
		`guides[1].name is "Old"`:                  func(r *Report) { r.Guides[1].Name = "Old" },
		`guides[0].name is ""`:                     func(r *Report) { r.Guides[0].Name = "" },
		`guides[0].outcome is "fine"`:              func(r *Report) { r.Guides[0].Outcome = "fine" },
		`guides[2].confidence is "sure"`:           func(r *Report) { r.Guides[2].Confidence = "sure" },
		`guides[1].root_causes is "<script>"`:      func(r *Report) { r.Guides[1].RootCauses = []string{"<script>"} },
		`guides[1].counts is "fail"`:               func(r *Report) { r.Guides[1].Counts = map[probes.Status]int{probes.Failed: -1} },
		`contradictions[0].id is "x"`:              func(r *Report) { r.Contradictions[0].ID = "x" },
		`it names 501 guides and 2 contradictions`: func(r *Report) { r.Guides = make([]probes.ReportGuideOutcome, 501) },
	} {
		r := planned()
		change(r)
		if err := validateGuides(r); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
}

func TestTheLetterAndThePlanOfActionNameTheGuides(t *testing.T) {
	r := planned()
	r.Outcome = probes.NotConformant
	for i := range r.Findings {
		r.Findings[i].Remedy = &probes.Remedy{Who: probes.HaloAdmin, Do: "Set it."}
	}
	var b, plan bytes.Buffer
	if err := Text(&b, r, Options{Audience: Customer, Width: 200}); err != nil {
		t.Fatal(err)
	}
	if err := CSV(&plan, r); err != nil {
		t.Fatal(err)
	}
	if text := newLetter(r).text(200); !strings.Contains(text, "Asked for by Next, Old.") || !strings.Contains(text, "against the guides of Old, Next, Part: ") {
		t.Error(text)
	}
	if !strings.Contains(plan.String(), `,"Next, Old"`) {
		t.Error(plan.String())
	}
}

// TestTheLetterTellsOfEachIntegration: what each has or needs, by the numbers of the changes, in every form of the letter.
func TestTheLetterTellsOfEachIntegration(t *testing.T) {
	r := planned()
	r.Outcome = probes.NotConformant
	for i := range r.Findings {
		r.Findings[i].Remedy = &probes.Remedy{Who: probes.HaloAdmin, Do: "Set it " + r.Findings[i].ID + "."}
	}
	for i, status := range []probes.Status{probes.Failed, probes.Failed, probes.Failed, probes.Passed, probes.Unknown} {
		r.Findings[i].Status = status
	}
	r.Guides[0].Outcome = probes.NotConformant
	wants := []string{"Old: isn't working yet; to change: 2.", "Next: is planned, and something has to change first; to change: 1, 2.", "Part: we found nothing wrong so far."}
	check := func(when string, wants ...string) {
		t.Helper()
		var page bytes.Buffer
		if err := WriteLetter(&page, template.Must(LetterTemplate()), r, nil, nil); err != nil {
			t.Fatal(err)
		}
		l := newLetter(r)
		for name, text := range map[string]string{"text": l.text(200), "markdown": strings.ReplaceAll(l.markdown(), "\\", ""), "HTML": html.UnescapeString(page.String())} {
			for _, want := range append(wants, "Your integrations") {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s: no %q in %s", when, name, want, text)
				}
			}
		}
	}
	check("one fails", wants...)
	r.Guides[0].Outcome = probes.Conformant
	check("one holds", "Old: has everything it needs.")
	r.Partial = true
	check("not everything was checked", "Old: we found nothing wrong so far.")
	r.Guides = nil
	if text := newLetter(r).text(200); strings.Contains(text, "Your integrations") {
		t.Error("one guide:", text)
	}
}

// TestAStepIsDoneForItsOwnGuides: what another guide asks for in the same requirement is another step.
func TestAStepIsDoneForItsOwnGuides(t *testing.T) {
	by := func(status probes.Status, guides ...string) probes.Finding {
		f := probes.Finding{ID: "role.tickets-level", Area: "role", Level: probes.Must, Status: status, Remedy: &probes.Remedy{Who: probes.HaloAdmin, Do: "Set it for " + strings.Join(guides, " and ") + "."}}
		for _, g := range guides {
			f.AskedBy = append(f.AskedBy, probes.Source{Guide: g})
		}
		return f
	}
	of := func(findings ...probes.Finding) *Report {
		return &Report{Outcome: probes.NotConformant, Guides: []probes.ReportGuideOutcome{{Name: "A"}, {Name: "B"}}, Findings: findings}
	}
	steps := Steps(of(by(probes.Failed, "A"), by(probes.Failed, "B")))
	for name, c := range map[string]struct {
		later *Report
		done  [2]bool
	}{
		"none":            {of(by(probes.Failed, "A"), by(probes.Failed, "B")), [2]bool{false, false}},
		"the first":       {of(by(probes.Passed, "A"), by(probes.Failed, "B")), [2]bool{true, false}},
		"both":            {of(by(probes.Passed, "A", "B")), [2]bool{true, true}},
		"the same fails":  {of(by(probes.Failed, "A", "B")), [2]bool{false, false}},
		"one is not seen": {of(by(probes.Passed, "A")), [2]bool{true, false}},
	} {
		for i, step := range steps {
			done, why := step.Settled(c.later)
			if done != c.done[i] {
				t.Errorf("%s: step %d is done: %t", name, i+1, done)
			}
			if !done && strings.Contains(name, "none") && why != "It is not done yet: what we see is the same as before." {
				t.Errorf("%s: step %d: %s", name, i+1, why)
			}
		}
	}
	if len(steps) != 2 {
		t.Error(steps)
	}
}

// TestAfterText: what breaks by a change of a permission stands with the remedy, for the guides that ask for it alone.
func TestAfterText(t *testing.T) {
	r := planned()
	want := []string{"", "Old: Sync again.", "", "Old: Sync again.", ""}
	for i, f := range r.Findings {
		if got := afterText(r, f); got != want[i] {
			t.Errorf("%s: %q, want %q", f.ID, got, want[i])
		}
	}
	only := &Report{Guide: Guide{Name: "Old", ReportGuideNotes: r.Guides[0].ReportGuideNotes}}
	for area, want := range map[string]string{"application": "Old: Sync again.", "trust": ""} {
		if got := afterText(only, probes.Finding{ID: area + ".x", Area: area, Status: probes.Failed}); got != want {
			t.Errorf("%s: %q, want %q", area, got, want)
		}
	}
}
