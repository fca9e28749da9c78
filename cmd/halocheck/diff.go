package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

func newDiff(env environment) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "diff OLD NEW", Short: "Say what changed between two reports",
		Long: `diff compares two saved reports or bundles, requirement by requirement, each by what it says itself.

It exits with 1 on a regression: a Must that held and now fails or cannot be judged, or that could not be judged and now
fails. A Must that was blocked and now fails is none: it is uncovered, and may have failed all along.`,
		Example: `  halocheck diff last-week.json today.json
  halocheck diff before.zip after.zip --format markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("diff takes two reports, the older one first")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json", "markdown"); err != nil {
				return err
			}
			older, err := readReport(args[0])
			if err != nil {
				return err
			}
			newer, err := readReport(args[1])
			if err != nil {
				return err
			}
			d := compare(older, newer)
			var b bytes.Buffer
			switch format {
			case "json":
				e := json.NewEncoder(&b)
				e.SetIndent("", "  ")
				e.SetEscapeHTML(false)
				err = e.Encode(d)
			case "markdown":
				d.markdown(&b)
			default:
				d.text(&b)
			}
			if err == nil {
				_, err = env.out.Write(b.Bytes())
			}
			if err := writeResult(err); err != nil {
				return err
			}
			if d.Regression {
				return exitError{probes.ExitNotConformant}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	return c
}

// diffSchema is the version of the JSON form; fields are only added.
const diffSchema = "halocheck.diff/v1"

// reportDiff is what changed between two reports.
type reportDiff struct {
	Schema     string       `json:"schema"`
	Old        diffSide     `json:"old"`
	New        diffSide     `json:"new"`
	Regression bool         `json:"regression"`
	Changes    []diffChange `json:"changes"`
}

// diffSide is one of the two reports.
type diffSide struct {
	URL     string         `json:"url"`
	Started string         `json:"started"`
	Outcome probes.Outcome `json:"outcome"`
}

// diffChange is one requirement that is not what it was. Old or New is null where a report does not have it.
type diffChange struct {
	ID    string       `json:"id"`
	Host  string       `json:"host,omitempty"`
	Level probes.Level `json:"level"`
	Kind  changeKind   `json:"kind"`
	Old   *diffVerdict `json:"old"`
	New   *diffVerdict `json:"new"`
}

// diffVerdict is what a report says of a requirement.
type diffVerdict struct {
	Status  probes.Status `json:"status"`
	Cause   probes.Cause  `json:"cause"`
	Because string        `json:"because"`
}

// changeKind is how a change is to be taken.
type changeKind string

// The kinds, worst first.
const (
	regressed changeKind = "regression" // a Must got worse
	worse     changeKind = "worse"      // a should or may got worse
	uncovered changeKind = "uncovered"  // it fails, and could not be asked before
	other     changeKind = "changed"    // neither better nor worse
	added     changeKind = "added"
	removed   changeKind = "removed"
	fixed     changeKind = "fixed"
)

// compare pairs the findings by their ID and, where there are two hosts, by their order: the Resource host comes first,
// and its name may have changed.
func compare(older, newer *report.Report) reportDiff {
	d := reportDiff{Schema: diffSchema, Old: sideOf(older), New: sideOf(newer), Changes: []diffChange{}}
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
		x := diffChange{ID: key.id, Host: b.Host, Level: b.Level}
		switch {
		case !hasIt:
			x.Kind, x.Host, x.Level, x.Old = removed, a.Host, a.Level, verdictOf(a)
		case !hadIt:
			x.Kind, x.New = added, verdictOf(b)
			if rank(b) == fails && b.Level == probes.Must {
				x.Kind = regressed
			}
		case a.Status == b.Status && a.Cause == b.Cause && (a.Waived == nil) == (b.Waived == nil):
			continue
		default:
			x.Kind, x.Old, x.New = kindOf(a, b), verdictOf(a), verdictOf(b)
		}
		d.Regression = d.Regression || x.Kind == regressed
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

func kindOf(a, b probes.Finding) changeKind {
	switch before, after := rank(a), rank(b); {
	case after == unjudged && before == fails:
		return other // nobody saw it hold
	case after < before:
		return fixed
	case after == before:
		return other
	case a.Status == probes.Blocked:
		return uncovered
	case b.Level == probes.Must:
		return regressed
	}
	return worse
}

// key is a requirement of one host, by the order of the hosts.
type key struct {
	id string
	n  int
}

func numbered(findings []probes.Finding) (map[key]probes.Finding, []key) {
	byKey := map[key]probes.Finding{}
	var order []key
	for _, f := range findings {
		k := key{id: f.ID}
		for slices.Contains(order, k) {
			k.n++
		}
		byKey[k] = f
		order = append(order, k)
	}
	return byKey, order
}

func verdictOf(f probes.Finding) *diffVerdict { return &diffVerdict{f.Status, f.Cause, f.Because} }

func sideOf(r *report.Report) diffSide {
	return diffSide{r.Target.URL, r.Started.Format("2006-01-02T15:04:05Z07:00"), r.Outcome}
}

// text writes the changes for a person, in report order.
func (d reportDiff) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s %s -> %s\n", report.Clean(d.New.URL), d.Old.Outcome, d.New.Outcome)
	for _, c := range d.Changes {
		fmt.Fprintf(b, "%-10s  %s: %s -> %s\n", c.Kind, report.Clean(requirementLabel(probes.Finding{ID: c.ID, Host: c.Host})), c.Old.words(), c.New.words())
		if c.New != nil && c.New.Because != "" {
			fmt.Fprintf(b, "            %s\n", report.Clean(c.New.Because))
		}
	}
	if len(d.Changes) == 0 {
		b.WriteString("nothing changed\n")
	}
}

// markdown writes the changes as a table, for a ticket.
func (d reportDiff) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "# What changed: %s\n\n%s (%s) -> **%s** (%s)\n\n", cell(d.New.URL), d.Old.Outcome, d.Old.Started, d.New.Outcome, d.New.Started)
	if len(d.Changes) == 0 {
		b.WriteString("Nothing changed.\n")
		return
	}
	b.WriteString("| | requirement | before | now | seen |\n|---|---|---|---|---|\n")
	for _, c := range d.Changes {
		seen := ""
		if c.New != nil {
			seen = c.New.Because
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", c.Kind, cell(requirementLabel(probes.Finding{ID: c.ID, Host: c.Host})), cell(c.Old.words()), cell(c.New.words()), report.Literal(seen))
	}
}

func (j *diffVerdict) words() string {
	if j == nil {
		return "absent"
	}
	if j.Cause == "" || j.Cause == probes.OK {
		return string(j.Status)
	}
	return fmt.Sprintf("%s (%s)", j.Status, report.Clean(string(j.Cause)))
}
