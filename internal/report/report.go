// Package report writes what a run found, one format in each file. None of them counts or decides: the outcome, the root
// causes and the exit code come from [probes.Summarise].
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/halocheck/halocheck/internal/pseudonym"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// Schema is the version of the document; fields are only ever added to it.
const Schema = "halocheck.report/v1"

// Report is the whole run as one document. Its JSON form is published as a schema and can be judged again.
type Report struct {
	Schema     string                     `json:"schema"`
	Tool       Tool                       `json:"tool"`
	Target     Target                     `json:"target"`
	Guide      Guide                      `json:"guide"`
	Only       []string                   `json:"only,omitempty"` // the globs that it was narrowed to
	Started    time.Time                  `json:"started"`
	TookMS     float64                    `json:"took_ms"`
	Requests   int                        `json:"requests"`
	Outcome    probes.Outcome             `json:"outcome"`
	RootCauses []string                   `json:"root_causes"`
	Counts     map[probes.Status]int      `json:"counts"`
	Findings   []probes.Finding           `json:"findings"`
	Evidence   map[string]json.RawMessage `json:"evidence"`

	Exit int `json:"-"` // the command's exit code
}

// Tool is who made the report.
type Tool struct {
	Version string `json:"version"`
}

// Target is what was diagnosed, as typed.
type Target struct {
	URL     string         `json:"url"`
	AuthURL string         `json:"auth_url"`
	Tenant  string         `json:"tenant"`
	Hosting probes.Hosting `json:"hosting"`
}

// Guide is what it was judged by.
type Guide struct {
	Name     string   `json:"name"`
	Edition  string   `json:"edition"`
	Profiles []string `json:"profiles"`
	Text     string   `json:"text,omitempty"` // the guide itself, in YAML, so that it can judge again; empty for a built-in one
}

// New makes the document of a finished run.
func New(s *probes.Session, version string, findings []probes.Finding, started time.Time, took time.Duration) (*Report, error) {
	evidence, err := s.Evidence()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	profiles := []string{}
	for _, p := range s.Profiles {
		profiles = append(profiles, p.Name())
	}
	if len(profiles) == 0 {
		profiles = []string{probes.Billing.Name(), probes.Alerts.Name()}
	}
	if findings == nil {
		findings = []probes.Finding{}
	}
	r := &Report{
		Schema: Schema, Tool: Tool{version},
		Target: Target{
			URL: s.Target.Resource.String(), AuthURL: s.Target.AuthURL, Tenant: s.Target.Tenant, Hosting: s.Target.Host(),
		},
		Guide: Guide{s.Guide.Name, s.Guide.Edition, profiles, s.Guide.Text}, Only: s.Only,
		Started: started.UTC(), TookMS: float64(took.Microseconds()) / 1000, Requests: s.Net.Requests(),
		Findings: findings, Evidence: evidence,
	}
	r.Sum()
	if err := r.withoutMail(probes.Local[pseudonym.Book](s)); err != nil {
		return nil, err
	}
	return r.scrubbed(halo.Needle(s))
}

// Sum fills in what the findings together say.
func (r *Report) Sum() {
	sum := probes.Summarise(r.Findings)
	r.Outcome, r.RootCauses, r.Counts, r.Exit = sum.Outcome, sum.RootCauses, sum.Counts, sum.Exit
}

// Options is how a report is to look.
type Options struct {
	Width   int  // columns; 0 means 80
	Colour  bool // whether escape sequences may be written
	Verbose bool // whether passes are explained and quiet statuses are shown
	Quiet   bool // only what does not hold, and the outcome

	Audience Audience // who reads the Markdown; empty: an engineer
}

// Audience is for whom a report is worded.
type Audience string

// The audiences. An engineer gets IDs, causes and the guide's place; a customer gets what to do, by who has to do it.
const (
	Engineer Audience = "engineer"
	Customer Audience = "customer"
)

// Formats are the names of the formats that are written to one stream, in the order in which help names them.
var Formats = []string{"text", "short", "json", "junit", "markdown", "html"}

// Write writes the report in a format.
func Write(w io.Writer, format string, r *Report, o Options) error {
	switch format {
	case "text":
		return Text(w, r, o)
	case "short":
		return Short(w, r)
	case "json":
		return JSON(w, r)
	case "junit":
		return JUnit(w, r)
	case "markdown":
		if o.Audience == Customer {
			return CustomerMarkdown(w, r)
		}
		return Markdown(w, r)
	case "html":
		return HTML(w, r)
	}
	return fmt.Errorf("%q is not a format", format)
}
