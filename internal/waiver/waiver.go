// Package waiver reads accepted deviations and marks the findings that they cover.
package waiver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/internal/yamlfile"
	"github.com/halocheck/halocheck/probes"
)

// Waiver is an accepted deviation as a file states it.
type Waiver struct {
	ID string // of the requirement
	probes.Waiver
}

// entryKeys are the fields of an entry; expiry may be written expires.
var entryKeys = []string{"id", "reason", "owner", "expiry", "expires"}

// Read reads a file of waivers; ids are the requirements that there are. Without a file there are none. The label is the
// setting that names the file, for the error.
func Read(ctx context.Context, label, file string, ids []string) ([]Waiver, error) {
	if file == "" {
		return nil, nil
	}
	data, err := yamlfile.Read(ctx, label, file)
	if err != nil {
		return nil, err
	}
	return Parse(file, data, ids)
}

// Parse reads a YAML list. What is wrong with it is named with its line.
func Parse(file string, data []byte, ids []string) ([]Waiver, error) {
	documents, err := yamlfile.Documents(file, data)
	if err != nil {
		return nil, err
	}
	var list []Waiver
	for _, body := range documents {
		rows, ok := yamlfile.Items(body)
		if !ok {
			return nil, fmt.Errorf("%s:%d: it is not a list of waivers; one looks like `- {id: trust.renewal, reason: …, owner: …, expiry: 2027-01-31}`", file, yamlfile.Line(body))
		}
		for _, row := range rows {
			w, err := readEntry(file, row, ids)
			if err != nil {
				return nil, err
			}
			list = append(list, w)
		}
	}
	return list, nil
}

// readEntry reads one entry.
func readEntry(file string, row ast.Node, ids []string) (x Waiver, err error) {
	line := yamlfile.Line(row)
	entries, ok := yamlfile.Entries(row)
	if !ok {
		return x, fmt.Errorf("%s:%d: it is not a map of settings; a line looks like `tenant: acme`", file, line)
	}
	for i, e := range entries {
		if i == 0 {
			line = e.Line
		}
		if !slices.Contains(entryKeys, e.Key) {
			return x, fmt.Errorf("%s:%d: a waiver has no %q%s; it has id, reason, owner and expiry", file, e.Line, e.Key, suggest.Text(e.Key, entryKeys, ""))
		}
		values, err := yamlfile.Scalars(e.Value)
		if err == nil && len(values) != 1 {
			err = fmt.Errorf("it has one value, not %d", len(values))
		}
		if err != nil {
			return x, fmt.Errorf("%s:%d: %s: %w", file, e.Line, e.Key, err)
		}
		switch value := strings.TrimSpace(values[0]); e.Key {
		case "id":
			if !slices.Contains(ids, value) {
				return x, fmt.Errorf("%s:%d: there is no requirement %q%s; `halocheck list` names them all", file, e.Line, value, suggest.Text(value, ids, ""))
			}
			x.ID = value
		case "reason":
			x.Reason = value
		case "owner":
			x.Owner = value
		default:
			if _, err := time.Parse(time.DateOnly, value); err != nil {
				return x, fmt.Errorf("%s:%d: %s: %q is not a day written YYYY-MM-DD", file, e.Line, e.Key, value)
			}
			x.Until = value
		}
	}
	switch {
	case x.ID == "":
		return x, fmt.Errorf("%s:%d: the waiver says no id; `halocheck list` names the requirements", file, line)
	case x.Reason == "" || x.Owner == "":
		return x, fmt.Errorf("%s:%d: the waiver of %s needs a reason and an owner", file, line, x.ID)
	}
	return x, nil
}

// FromFindings takes the waivers of a saved report off its findings and adds them to those of a file, which win.
func FromFindings(given []Waiver, findings []probes.Finding) []Waiver {
	list := slices.Clone(given)
	for i := range findings {
		f := &findings[i]
		for _, had := range []**probes.Waiver{&f.Waived, &f.WaiverEnded, &f.WaiverUnneeded} {
			if *had != nil && !slices.ContainsFunc(list, func(x Waiver) bool { return x.ID == f.ID }) {
				list = append(list, Waiver{f.ID, **had})
			}
			*had = nil
		}
	}
	return list
}

// Apply marks what is accepted: what fails and does not count for it, what counts again because the waiver is over, and
// what holds by now. The verdict itself stays. The result tells of the last two, a sentence each.
func Apply(waivers []Waiver, findings []probes.Finding, now time.Time) (notes []error) {
	today := now.Format(time.DateOnly)
	for _, x := range waivers {
		over, fails, holds := x.Until != "" && x.Until < today, false, false
		for i := range findings {
			if f := &findings[i]; f.ID == x.ID {
				fails, holds = fails || f.Status == probes.Failed, holds || f.Status == probes.Passed
			}
		}
		for i := range findings {
			f := &findings[i]
			switch {
			case f.ID != x.ID:
			case f.Status == probes.Failed && over:
				f.WaiverEnded = &x.Waiver
			case f.Status == probes.Failed:
				f.Waived = &x.Waiver
			case f.Status == probes.Passed && !fails:
				f.WaiverUnneeded = &x.Waiver
			}
		}
		switch {
		case over:
			notes = append(notes, fmt.Errorf("the waiver of %s by %s ended on %s and counts no more", x.ID, x.Owner, x.Until))
		case holds && !fails:
			notes = append(notes, fmt.Errorf("the waiver of %s by %s is no longer needed, since it holds", x.ID, x.Owner))
		}
	}
	return notes
}
