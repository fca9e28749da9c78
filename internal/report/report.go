// Package report writes what a run found, one format in each file. None of them counts or decides: the outcome, the root
// causes and the exit code come from [probes.Summarise].
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/pseudonym"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// The document's types are those of [probes.Report]: a program that embeds halocheck uses them, and this package writes them.
type (
	Report = probes.Report
	Tool   = probes.ReportTool
	Target = probes.ReportTarget
	Guide  = probes.ReportGuide
)

// Schema is the version of the document.
const Schema = probes.ReportSchema

// New makes the document of a finished run.
func New(s *probes.Session, version string, findings []probes.Finding, started time.Time, took time.Duration) (*Report, error) {
	evidence, err := s.Evidence()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return newDocument(s, version, findings, evidence, started, took)
}

// newDocument is what is known of a run, without secrets and e-mail addresses. The findings are copied.
func newDocument(s *probes.Session, version string, findings []probes.Finding, evidence map[string]json.RawMessage, started time.Time, took time.Duration) (*Report, error) {
	profiles := []string{}
	for _, p := range s.Profiles {
		profiles = append(profiles, p.Name())
	}
	if len(profiles) == 0 {
		profiles = []string{probes.Billing.Name(), probes.Alerts.Name()}
	}
	findings = append([]probes.Finding{}, findings...)
	r := &Report{
		Schema: Schema, Tool: Tool{Version: version},
		Target: Target{
			URL: s.Target.Resource.String(), AuthURL: s.Target.AuthURL, Tenant: s.Target.Tenant, Hosting: s.Hosting(),
		},
		Only:    s.Only,
		Started: started.UTC(), TookMS: float64(took.Microseconds()) / 1000, Requests: s.Net.Requests(),
		Findings: findings, Evidence: evidence, Coverage: probes.ReportCoverage{Total: requirementsOf(s.JudgedBy())},
	}
	r.Guide, r.Guides = guidesOf(s, profiles)
	r.Contradictions = guide.Union(s.Guides...).Contradictions
	r.Sum()
	if err := pseudonymiseEmails(r, probes.Local[pseudonym.Generator](s)); err != nil {
		return nil, err
	}
	return redacted(r, halo.Redactor(s))
}

// guidesOf is how a document names its guide, or its guides.
func guidesOf(s *probes.Session, profiles []string) (one Guide, several []probes.ReportGuideOutcome) {
	if len(s.Guides) == 0 {
		return Guide{Name: s.Guide.Name, Edition: s.Guide.Edition, Profiles: profiles, Text: s.Guide.Text, Confidence: confidence(s.Guide), ReportGuideNotes: notesOf(s.Guide)}, nil
	}
	var names []string
	for _, g := range s.Guides {
		names = append(names, g.Name)
		several = append(several, probes.ReportGuideOutcome{Fields: fields(s, g), Name: g.Name, Edition: g.Edition, Text: g.Text, Confidence: confidence(g), Planned: slices.Contains(s.Planned, g.Name), ReportGuideNotes: notesOf(g)})
	}
	return Guide{Name: strings.Join(names, ", "), Profiles: profiles}, several
}

// confidence is a guide's where it is not the usual one.
func confidence(g *guide.Guide) string {
	if g.Confidence == guide.Partial {
		return g.Confidence
	}
	return ""
}

// requirementsOf is how many requirements the guides have.
func requirementsOf(guides []*guide.Guide) int {
	if len(guides) == 1 && guides[0] == guide.BuiltIn() {
		return ofBuiltIn()
	}
	return countRequirements(guides)
}

// ofBuiltIn is the usual number, counted once for all checks of a process.
var ofBuiltIn = sync.OnceValue(func() int { return countRequirements([]*guide.Guide{guide.BuiltIn()}) })

func countRequirements(guides []*guide.Guide) int {
	ids := map[string]bool{}
	for _, c := range catalogue.All(guides...) {
		ids[c.Meta().ID] = true
	}
	return len(ids)
}

// Options is how a report is to look.
type Options struct {
	Width   int  // columns; 0 means 80
	Colour  bool // whether escape sequences may be written
	Verbose bool // whether passes are explained and quiet statuses are shown
	Quiet   bool // only what does not hold, and the outcome

	Program  bool     // whether another program than the command writes it: no flag of the command is named
	Audience Audience // who reads text, Markdown and HTML; empty: an engineer
}

// Audience is for whom a report is worded.
type Audience string

// The audiences. An engineer gets IDs, causes and the guide's place; a customer gets what to do, by who has to do it.
const (
	Engineer Audience = "engineer"
	Customer Audience = "customer"
)

// Formats are the names of the formats that are written to one stream, in the order in which help names them.
var Formats = []string{"text", "short", "json", "junit", "markdown", "html", "csv"}

// Write writes the report in a format.
func Write(to io.Writer, format string, r *Report, o Options) error {
	w := safetext.NewWriter(to)
	if o.Colour {
		w.AllowColour()
	}
	if o.Audience == Customer {
		switch format {
		case "text":
			_, err := io.WriteString(w, newLetter(r).text(cmp.Or(o.Width, 80)))
			return err
		case "markdown":
			_, err := io.WriteString(w, newLetter(r).markdown())
			return err
		case "html":
			return LetterHTML(w, r)
		}
	}
	switch format {
	case "text":
		return Text(w, r, o)
	case "short":
		return Short(w, r, o)
	case "json":
		return JSON(w, r)
	case "junit":
		return JUnit(w, r)
	case "markdown":
		return Markdown(w, r, o)
	case "html":
		return HTML(w, r)
	case "csv":
		return CSV(w, r)
	}
	return fmt.Errorf("%q is not a format", format)
}
