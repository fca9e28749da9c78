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

func newDiff(w world) *cobra.Command {
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
				_, err = w.out.Write(b.Bytes())
			}
			if err := result(err); err != nil {
				return err
			}
			if d.Regression {
				return exit{probes.ExitNotConformant}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	return c
}

// diffSchema is the version of the JSON form; fields are only added.
const diffSchema = "halocheck.diff/v1"

// difference is what changed between two reports.
type difference struct {
	Schema     string   `json:"schema"`
	Old        side     `json:"old"`
	New        side     `json:"new"`
	Regression bool     `json:"regression"`
	Changes    []change `json:"changes"`
}

// side is one of the two reports.
type side struct {
	URL     string         `json:"url"`
	Started string         `json:"started"`
	Outcome probes.Outcome `json:"outcome"`
}

// change is one requirement that is not what it was. Old or New is null where a report does not have it.
type change struct {
	ID    string       `json:"id"`
	Host  string       `json:"host,omitempty"`
	Level probes.Level `json:"level"`
	Kind  kind         `json:"kind"`
	Old   *judged      `json:"old"`
	New   *judged      `json:"new"`
}

// judged is what a report says of a requirement.
type judged struct {
	Status  probes.Status `json:"status"`
	Cause   probes.Cause  `json:"cause"`
	Because string        `json:"because"`
}

// kind is how a change is to be taken.
type kind string

// The kinds, worst first.
const (
	regressed kind = "regression" // a Must got worse
	worse     kind = "worse"      // a should or may got worse
	uncovered kind = "uncovered"  // it fails, and could not be asked before
	other     kind = "changed"    // neither better nor worse
	added     kind = "added"
	removed   kind = "removed"
	fixed     kind = "fixed"
)

// compare pairs the findings by their ID and, where there are two hosts, by their order: the Resource host comes first,
// and its name may have changed.
func compare(older, newer *report.Report) difference {
	d := difference{Schema: diffSchema, Old: sideOf(older), New: sideOf(newer), Changes: []change{}}
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
		x := change{ID: key.id, Host: b.Host, Level: b.Level}
		switch {
		case !hasIt:
			x.Kind, x.Host, x.Level, x.Old = removed, a.Host, a.Level, said(a)
		case !hadIt:
			x.Kind, x.New = added, said(b)
			if rank(b) == fails && b.Level == probes.Must {
				x.Kind = regressed
			}
		case a.Status == b.Status && a.Cause == b.Cause && (a.Waived == nil) == (b.Waived == nil):
			continue
		default:
			x.Kind, x.Old, x.New = kindOf(a, b), said(a), said(b)
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

func kindOf(a, b probes.Finding) kind {
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

func said(f probes.Finding) *judged { return &judged{f.Status, f.Cause, f.Because} }

func sideOf(r *report.Report) side {
	return side{r.Target.URL, r.Started.Format("2006-01-02T15:04:05Z07:00"), r.Outcome}
}

// text writes the changes for a person, in report order.
func (d difference) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s %s -> %s\n", report.Clean(d.New.URL), d.Old.Outcome, d.New.Outcome)
	for _, c := range d.Changes {
		fmt.Fprintf(b, "%-10s  %s: %s -> %s\n", c.Kind, report.Clean(placeOf(probes.Finding{ID: c.ID, Host: c.Host})), c.Old.words(), c.New.words())
		if c.New != nil && c.New.Because != "" {
			fmt.Fprintf(b, "            %s\n", report.Clean(c.New.Because))
		}
	}
	if len(d.Changes) == 0 {
		b.WriteString("nothing changed\n")
	}
}

// markdown writes the changes as a table, for a ticket.
func (d difference) markdown(b *bytes.Buffer) {
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
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", c.Kind, cell(placeOf(probes.Finding{ID: c.ID, Host: c.Host})), cell(c.Old.words()), cell(c.New.words()), report.Literal(seen))
	}
}

func (j *judged) words() string {
	if j == nil {
		return "absent"
	}
	if j.Cause == "" || j.Cause == probes.OK {
		return string(j.Status)
	}
	return fmt.Sprintf("%s (%s)", j.Status, report.Clean(string(j.Cause)))
}
