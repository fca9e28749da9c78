package probes

import (
	"encoding/json"
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
	Started    time.Time                  `json:"started"`
	TookMS     float64                    `json:"took_ms"`
	Requests   int                        `json:"requests"` // HTTP requests sent, retries included
	Outcome    Outcome                    `json:"outcome"`
	RootCauses []string                   `json:"root_causes"` // IDs to fix first, most fundamental first
	Counts     map[Status]int             `json:"counts"`
	Findings   []Finding                  `json:"findings"`
	Evidence   map[string]json.RawMessage `json:"evidence"` // every answer under its probe's name

	Exit int `json:"-"` // the command's exit code
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

// Sum sets the outcome, the root causes, the counts and the exit code from the findings.
func (r *Report) Sum() {
	sum := Summarise(r.Findings)
	r.Outcome, r.RootCauses, r.Counts, r.Exit = sum.Outcome, sum.RootCauses, sum.Counts, sum.Exit
}
