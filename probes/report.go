package probes

import (
	"encoding/json"
	"slices"
	"time"
)

// ReportSchema is the version of the report document; fields are only ever added to it.
const ReportSchema = "halocheck.report/v1"

// Report is the whole run as one document. Its JSON form is published as a schema and can be judged again.
type Report struct {
	Schema     string                     `json:"schema"`
	Tool       ReportTool                 `json:"tool"`
	Target     ReportTarget               `json:"target"`
	Guide      ReportGuide                `json:"guide"`
	Only       []string                   `json:"only,omitempty"` // the globs that it was narrowed to
	Partial    bool                       `json:"partial"`        // narrowed by an ID, a skip or a profile: it says nothing of the rest
	Coverage   ReportCoverage             `json:"requirements"`
	Started    time.Time                  `json:"started"`
	TookMS     float64                    `json:"took_ms"`
	Requests   int                        `json:"requests"` // HTTP requests sent, retries included
	Outcome    Outcome                    `json:"outcome"`
	RootCauses []string                   `json:"root_causes"` // IDs to fix first, most fundamental first
	Counts     map[Status]int             `json:"counts"`
	Attested   int                        `json:"attested"` // findings of Counts that pass because a person vouched for them
	Findings   []Finding                  `json:"findings"`
	Evidence   map[string]json.RawMessage `json:"evidence"` // every answer under its probe's name

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
}

// Sum sets the outcome, the root causes, the counts, the coverage and the exit code from the findings.
func (r *Report) Sum() {
	sum := Summarise(r.Findings)
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
