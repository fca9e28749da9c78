// Package diff compares two reports, requirement by requirement.
package diff

import (
	"bytes"
	"fmt"
	"io"
	"strings"

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

// Compare pairs the findings by their ID and, where there are two hosts, by their order: the Resource host comes first,
// and its name may have changed.
func Compare(older, newer *report.Report) Diff {
	d := Diff{Schema: Schema, Old: sideOf(older), New: sideOf(newer), Changes: []Change{}}
	was, order := numbered(older.Findings)
	is, now := numbered(newer.Findings)
	for _, key := range order {
		if _, ok := is[key]; !ok {
			now = append(now, key)
		}
	}
	for _, key := range now {
		a, hadIt := was[key]
		b, hasIt := is[key]
		x := Change{ID: key.id, Host: b.Host, Level: b.Level}
		switch {
		case !hasIt:
			x.Kind, x.Host, x.Level, x.Old = Removed, a.Host, a.Level, verdictOf(a)
		case !hadIt:
			x.Kind, x.New = Added, verdictOf(b)
			if rank(b) == fails && b.Level == probes.Must {
				x.Kind = Regressed
			}
		case a.Status == b.Status && a.Cause == b.Cause && (a.Waived == nil) == (b.Waived == nil):
			continue
		default:
			x.Kind, x.Old, x.New = kindOf(a, b), verdictOf(a), verdictOf(b)
		}
		d.Regression = d.Regression || x.Kind == Regressed
		d.Changes = append(d.Changes, x)
	}
	return d
}

// How bad a finding is.
const (
	holds = iota
	unjudged
	fails
)

func rank(f probes.Finding) int {
	switch f.Status {
	case probes.Failed:
		if f.Waived != nil {
			return holds
		}
		return fails
	case probes.Unknown, probes.Blocked, probes.Broken:
		return unjudged
	case probes.Passed, probes.NotApplicable, probes.Skipped:
	}
	return holds
}

func kindOf(a, b probes.Finding) Kind {
	switch before, after := rank(a), rank(b); {
	case after == unjudged && before == fails:
		return Other // nobody saw it hold
	case after < before:
		return Fixed
	case after == before:
		return Other
	case a.Status == probes.Blocked:
		return Uncovered
	case b.Level == probes.Must:
		return Regressed
	}
	return Worse
}

// key is a requirement of one host, by the order of the hosts.
type key struct {
	id string
	n  int
}

func numbered(findings []probes.Finding) (map[key]probes.Finding, []key) {
	byKey := map[key]probes.Finding{}
	count := map[string]int{}
	var order []key
	for _, f := range findings {
		k := key{f.ID, count[f.ID]}
		count[f.ID]++
		byKey[k] = f
		order = append(order, k)
	}
	return byKey, order
}

func verdictOf(f probes.Finding) *Verdict { return &Verdict{f.Status, f.Cause, f.Because} }

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
func (d Diff) summary() (line string, told map[Change]bool) {
	told = map[Change]bool{}
	var fixed, broken []string
	more, fewer := 0, 0
	for _, c := range d.Changes {
		switch {
		case c.Kind == Fixed && c.Old.Status == probes.Failed:
			fixed = append(fixed, report.RequirementLabel(c.ID, c.Host))
			told[c] = true
		case c.Kind == Fixed && c.New.Status == probes.Passed:
			more++
			told[c] = true
		case c.New != nil && c.New.Status == probes.Blocked && (c.Kind == Regressed || c.Kind == Worse):
			fewer++
			told[c] = true
		case c.Kind == Regressed:
			broken = append(broken, report.RequirementLabel(c.ID, c.Host))
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
	line, told := d.summary()
	if line != "" {
		fmt.Fprintf(b, "%s\n", safetext.Line(line))
	}
	for _, c := range d.Changes {
		if told[c] {
			continue
		}
		fmt.Fprintf(b, "%-10s  %s: %s -> %s\n", c.Kind, safetext.Line(report.RequirementLabel(c.ID, c.Host)), c.Old.words(), c.New.words())
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
	line, told := d.summary()
	if line != "" {
		fmt.Fprintf(b, "%s\n\n", safetext.Markdown(line))
	}
	for _, c := range d.Changes {
		if told[c] {
			continue
		}
		fmt.Fprintf(b, "- %s: %s, %s -> %s", c.Kind, safetext.Markdown(report.RequirementLabel(c.ID, c.Host)), safetext.Markdown(c.Old.words()), safetext.Markdown(c.New.words()))
		if c.New != nil && c.New.Because != "" {
			fmt.Fprintf(b, ". Seen: %s", safetext.Markdown(c.New.Because))
		}
		b.WriteByte('\n')
	}
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
