package probes

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/halocheck/halocheck/probes/guide"
)

// ReportSchema is the version of the report document; fields are only ever added to it.
const ReportSchema = "halocheck.report/v1"

// Report is the whole run as one document. Its JSON form is published as a schema and can be judged again.
type Report struct {
	Schema   string               `json:"schema"`
	Tool     ReportTool           `json:"tool"`
	Target   ReportTarget         `json:"target"`
	Guide    ReportGuide          `json:"guide"`
	Guides   []ReportGuideOutcome `json:"guides,omitempty"` // of several guides: what the report says of each
	Only     []string             `json:"only,omitempty"`   // the globs that it was narrowed to
	Partial  bool                 `json:"partial"`          // narrowed by an ID, a skip or a profile: it says nothing of the rest
	Coverage ReportCoverage       `json:"requirements"`
	// Contradictions are what several guides cannot all have.
	Contradictions []guide.Contradiction      `json:"contradictions,omitempty"`
	Started        time.Time                  `json:"started"`
	TookMS         float64                    `json:"took_ms"`
	Requests       int                        `json:"requests"` // HTTP requests sent, retries included
	Outcome        Outcome                    `json:"outcome"`
	RootCauses     []string                   `json:"root_causes"` // IDs to fix first, most fundamental first
	Counts         map[Status]int             `json:"counts"`
	Attested       int                        `json:"attested"` // findings of Counts that pass because a person vouched for them
	Findings       []Finding                  `json:"findings"`
	Evidence       map[string]json.RawMessage `json:"evidence"` // every answer under its probe's name

	Exit int `json:"-"` // the command's exit code
}

// ReportCoverage is how much of the guide a run was to check.
type ReportCoverage struct {
	Checked int `json:"checked"` // requirements that were neither skipped nor left out
	Total   int `json:"total"`   // requirements of the guide; zero: a report of an older version does not say
}

// ReportTool is the program that made the report.
type ReportTool struct {
	Version string `json:"version"`
}

// ReportTarget is what was diagnosed, as typed.
type ReportTarget struct {
	URL     string  `json:"url"`
	AuthURL string  `json:"auth_url"`
	Tenant  string  `json:"tenant"`
	Hosting Hosting `json:"hosting"`
}

// ReportGuide is the guide that the report was judged by.
type ReportGuide struct {
	Name     string   `json:"name"`
	Edition  string   `json:"edition"`
	Profiles []string `json:"profiles"`
	Text     string   `json:"text,omitempty"` // the guide itself, in YAML, so that it can judge again; empty for a built-in one

	Confidence string `json:"confidence,omitempty"` // partial: the vendor's page could be read in part alone
	ReportGuideNotes
}

// ReportGuideNotes are what a guide asks for that halocheck does not see.
type ReportGuideNotes struct {
	Manual      []string `json:"manual,omitempty"`       // what somebody does by hand, an instruction each
	AfterChange string   `json:"after_change,omitempty"` // what to do in the vendor's product after a permission was changed
	Gaps        []string `json:"gaps,omitempty"`         // what a guide that was read in part may ask for besides
}

// ReportGuideOutcome is what a report says of one guide among several.
type ReportGuideOutcome struct {
	Name       string         `json:"name"`
	Edition    string         `json:"edition"`
	Text       string         `json:"text,omitempty"`       // as in ReportGuide
	Confidence string         `json:"confidence,omitempty"` // as in ReportGuide
	Planned    bool           `json:"planned,omitempty"`    // not connected yet: it does not count in the report's outcome
	Outcome    Outcome        `json:"outcome"`
	RootCauses []string       `json:"root_causes"`
	Counts     map[Status]int `json:"counts"`
	Fields     []ReportField  `json:"fields,omitempty"`
	ReportGuideNotes
}

// EachGuide is what the report says of each guide, of which it may have one.
func (r *Report) EachGuide() []ReportGuideOutcome {
	if len(r.Guides) > 0 {
		return r.Guides
	}
	return []ReportGuideOutcome{{Name: r.Guide.Name, Edition: r.Guide.Edition, Confidence: r.Guide.Confidence, Outcome: r.Outcome, RootCauses: r.RootCauses, Counts: r.Counts, ReportGuideNotes: r.Guide.ReportGuideNotes}}
}

// ReportField is what to type into a field of the vendor's form.
type ReportField struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Sum sets the outcome, the root causes, the counts, the coverage and the exit code from the findings.
func (r *Report) Sum() {
	sum := Summarise(r.sumGuides())
	if r.Guide.Confidence == guide.Partial {
		sum = sum.ofPartialGuide()
	}
	r.Outcome, r.RootCauses, r.Counts, r.Attested, r.Exit = sum.Outcome, sum.RootCauses, sum.Counts, sum.Attested, sum.Exit
	r.Partial = len(r.Only) > 0 || len(r.Guide.Profiles) == 1
	checked := map[string]struct{}{}
	for _, f := range r.Findings {
		switch {
		case f.Status == Skipped:
			r.Partial = true
		case f.Status == NotApplicable && f.Profile != All.Name() && len(r.Guide.Profiles) > 0 && !slices.Contains(r.Guide.Profiles, f.Profile):
		default:
			checked[f.ID] = struct{}{}
		}
	}
	r.Coverage.Checked = len(checked)
	r.Partial = r.Partial || len(checked) < r.Coverage.Total
}

// sumGuides sets the outcome of each of several guides, and returns the findings that count for the report.
func (r *Report) sumGuides() []Finding {
	if len(r.Guides) == 0 {
		return r.Findings
	}
	counts, partial := map[int]bool{}, false
	for i := range r.Guides {
		g := &r.Guides[i]
		var own []Finding
		for at, f := range r.Findings {
			if r.concerns(f, g.Name) {
				own = append(own, f)
				counts[at] = counts[at] || !g.Planned
			}
		}
		sum := Summarise(own)
		if g.Confidence == guide.Partial {
			sum = sum.ofPartialGuide()
			partial = partial || !g.Planned
		}
		g.Outcome, g.RootCauses, g.Counts = sum.Outcome, sum.RootCauses, sum.Counts
	}
	r.Guide.Confidence = ""
	if partial {
		r.Guide.Confidence = guide.Partial
	}
	var all []Finding
	for at, f := range r.Findings {
		if counts[at] {
			all = append(all, f)
		}
	}
	return all
}

// concerns tells whether a finding counts for a guide: it is the guide's, or one of the guide's waits for it.
func (r *Report) concerns(f Finding, guide string) bool {
	return f.IsFor(guide) || slices.ContainsFunc(r.Findings, func(o Finding) bool { return o.BlockedBy == f.ID && o.IsFor(guide) })
}
