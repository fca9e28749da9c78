// Package diff compares two reports, requirement by requirement.
package diff

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/compare"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// Schema is the version of the JSON form; fields are only added.
const Schema = "halocheck.diff/v1"

// Diff is what changed between two reports.
type Diff struct {
	Schema     string   `json:"schema"`
	Old        Side     `json:"old"`
	New        Side     `json:"new"`
	Regression bool     `json:"regression"`
	Changes    []Change `json:"changes"`
	Guides     []Guide  `json:"guides,omitempty"` // of several in either report: what became of each
}

// Guide is a guide's outcome in both reports; empty: a report was not judged by it.
type Guide struct {
	Name string         `json:"name"`
	Old  probes.Outcome `json:"old,omitempty"`
	New  probes.Outcome `json:"new,omitempty"`
}

// Side is one of the two reports.
type Side struct {
	URL     string         `json:"url"`
	Started string         `json:"started"`
	Outcome probes.Outcome `json:"outcome"`
}

// Change is one requirement that is not what it was. Old or New is null where a report does not have it.
type Change struct {
	ID    string       `json:"id"`
	Host  string       `json:"host,omitempty"`
	Level probes.Level `json:"level"`
	Kind  Kind         `json:"kind"`
	Old   *Verdict     `json:"old"`
	New   *Verdict     `json:"new"`
	// Guides are those of several that it changed for; empty: there is one, or all rest on it.
	Guides []string `json:"guides,omitempty"`
}

// Verdict is what a report says of a requirement.
type Verdict struct {
	Status  probes.Status `json:"status"`
	Cause   probes.Cause  `json:"cause"`
	Because string        `json:"because"`
}

// Kind is how a change is to be taken.
type Kind string

// The kinds, worst first.
const (
	Regressed Kind = "regression" // a Must got worse
	Worse     Kind = "worse"      // a should or may got worse
	Uncovered Kind = "uncovered"  // it fails, and could not be asked before
	Other     Kind = "changed"    // neither better nor worse
	Added     Kind = "added"
	Removed   Kind = "removed"
	Fixed     Kind = "fixed"
)

// Compare tells of every requirement that is not what it was.
func Compare(older, newer *report.Report) Diff {
	d := Diff{Schema: Schema, Old: sideOf(older), New: sideOf(newer), Changes: []Change{}, Guides: guidesOf(older, newer)}
	for _, p := range compare.Pairs(findings(older, newer), findings(newer, older)) {
		at := p.New
		if at == nil {
			at = p.Old
		}
		x := Change{ID: at.ID, Host: at.Host, Level: at.Level, Old: verdictOf(p.Old), New: verdictOf(p.New), Kind: kindOf(p), Guides: p.Guides}
		if x.Kind == Other && x.Old.Status == x.New.Status && x.Old.Cause == x.New.Cause && (p.Old.Waived == nil) == (p.New.Waived == nil) {
			continue
		}
		d.Regression = d.Regression || x.Kind == Regressed
		d.Changes = append(d.Changes, x)
	}
	return d
}

// guidesOf are the guides of two reports, of which one at least was judged by several.
func guidesOf(older, newer *report.Report) (all []Guide) {
	if len(older.Guides)+len(newer.Guides) == 0 {
		return nil
	}
	for _, g := range newer.EachGuide() {
		all = append(all, Guide{Name: g.Name, New: g.Outcome})
	}
	for _, g := range older.EachGuide() {
		i := slices.IndexFunc(all, func(o Guide) bool { return o.Name == g.Name })
		if i < 0 {
			i, all = len(all), append(all, Guide{Name: g.Name})
		}
		all[i].Old = g.Outcome
	}
	return all
}

// text is a guide whose outcome is another one.
func (g Guide) text() string {
	return fmt.Sprintf("%s: %s -> %s", g.Name, cmp.Or(string(g.Old), "not judged"), cmp.Or(string(g.New), "not judged"))
}

// findings are a report's. Where the other one was judged by several guides, those of an only guide name it.
func findings(r, other *report.Report) []probes.Finding {
	if len(r.Guides) > 0 || len(other.Guides) == 0 {
		return r.Findings
	}
	all := slices.Clone(r.Findings)
	for i := range all {
		all[i].AskedBy = []probes.Source{{Guide: r.Guide.Name}}
	}
	return all
}

func kindOf(p compare.Pair) Kind {
	kind := p.Kind()
	switch {
	case p.New == nil:
		return Removed
	case p.Old == nil && (kind != compare.Broken || p.New.Level != probes.Must):
		return Added
	case kind == compare.Fixed, kind == compare.Settled:
		return Fixed
	case kind == compare.Uncovered:
		return Uncovered
	case kind == compare.Same, kind == compare.Lost && compare.StateOf(p.Old) == compare.Fails: // nobody saw it hold
		return Other
	case p.New.Level == probes.Must:
		return Regressed
	}
	return Worse
}

func verdictOf(f *probes.Finding) *Verdict {
	if f == nil {
		return nil
	}
	return &Verdict{f.Status, f.Cause, f.Because}
}

func sideOf(r *report.Report) Side {
	return Side{r.Target.URL, r.Started.Format("2006-01-02T15:04:05Z07:00"), r.Outcome}
}

// Formats are the names of the formats that [Diff.Write] knows.
var Formats = []string{"text", "json", "markdown"}

// Write writes the changes in a format.
func (d Diff) Write(w io.Writer, format string) error {
	var b bytes.Buffer
	switch format {
	case "json":
		text, err := safetext.JSON(d, "  ")
		if err != nil {
			return err
		}
		b.Write(text)
	case "markdown":
		d.markdown(&b)
	default:
		d.text(&b)
	}
	_, err := safetext.NewWriter(w).Write(b.Bytes())
	return err
}

// summary says in a line what was fixed and what broke, and how much more is known to pass since. It names what its line tells in
// full, so that these changes need no line of their own.
func (d Diff) summary() (line string, told map[int]bool) {
	told = map[int]bool{}
	var fixed, broken []string
	more, fewer := 0, 0
	for i, c := range d.Changes {
		switch {
		case c.Kind == Fixed && c.Old.Status == probes.Failed:
			fixed = append(fixed, c.label())
			told[i] = true
		case c.Kind == Fixed && c.New.Status == probes.Passed:
			more++
			told[i] = true
		case c.New != nil && c.New.Status == probes.Blocked && (c.Kind == Regressed || c.Kind == Worse):
			fewer++
			told[i] = true
		case c.Kind == Regressed:
			broken = append(broken, c.label())
		}
	}
	var parts []string
	if len(broken) > 0 {
		parts = append(parts, "no longer holds: "+strings.Join(broken, ", "))
	}
	if fewer > 0 {
		parts = append(parts, fmt.Sprintf("%d can no longer be checked", fewer))
	}
	if len(fixed) > 0 {
		parts = append(parts, "fixed "+strings.Join(fixed, ", "))
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("%d more could now be checked and pass", more))
	}
	return strings.Join(parts, "; "), told
}

// text writes the changes for a person: what was fixed and broke in a line, then the others in report order.
func (d Diff) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s %s -> %s\n", safetext.Line(d.New.URL), d.Old.Outcome, d.New.Outcome)
	for _, g := range d.Guides {
		if g.Old != g.New {
			fmt.Fprintf(b, "%s\n", safetext.Line(g.text()))
		}
	}
	line, told := d.summary()
	if line != "" {
		fmt.Fprintf(b, "%s\n", safetext.Line(line))
	}
	for i, c := range d.Changes {
		if told[i] {
			continue
		}
		fmt.Fprintf(b, "%-10s  %s: %s -> %s\n", c.Kind, safetext.Line(c.label()), c.Old.words(), c.New.words())
		if c.New != nil && c.New.Because != "" {
			fmt.Fprintf(b, "            %s\n", safetext.Line(c.New.Because))
		}
	}
	if len(d.Changes) == 0 {
		b.WriteString("nothing changed\n")
	}
}

// markdown writes the changes as a list, for a ticket.
func (d Diff) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "# What changed: %s\n\n%s (%s) -> **%s** (%s)\n\n", safetext.Markdown(d.New.URL), d.Old.Outcome, d.Old.Started, d.New.Outcome, d.New.Started)
	if len(d.Changes) == 0 {
		b.WriteString("Nothing changed.\n")
		return
	}
	for _, g := range d.Guides {
		if g.Old != g.New {
			fmt.Fprintf(b, "%s\n\n", safetext.Markdown(g.text()))
		}
	}
	line, told := d.summary()
	if line != "" {
		fmt.Fprintf(b, "%s\n\n", safetext.Markdown(line))
	}
	for i, c := range d.Changes {
		if told[i] {
			continue
		}
		fmt.Fprintf(b, "- %s: %s, %s -> %s", c.Kind, safetext.Markdown(c.label()), safetext.Markdown(c.Old.words()), safetext.Markdown(c.New.words()))
		if c.New != nil && c.New.Because != "" {
			fmt.Fprintf(b, ". Seen: %s", safetext.Markdown(c.New.Because))
		}
		b.WriteByte('\n')
	}
}

// label is the requirement, and for whom it changed.
func (c Change) label() string {
	label := report.RequirementLabel(c.ID, c.Host)
	if len(c.Guides) > 0 {
		label += " (" + strings.Join(c.Guides, ", ") + ")"
	}
	return label
}

func (j *Verdict) words() string {
	if j == nil {
		return "absent"
	}
	if j.Cause == "" || j.Cause == probes.OK {
		return string(j.Status)
	}
	return fmt.Sprintf("%s (%s)", j.Status, safetext.Line(string(j.Cause)))
}
