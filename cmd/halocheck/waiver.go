package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/halocheck/halocheck/probes"
)

// waiver is an accepted deviation as a file states it.
type waiver struct {
	id string
	probes.Waiver
}

// waiverKeys are the fields of a waiver; expiry may be written expires.
var waiverKeys = []string{"id", "reason", "owner", "expiry", "expires"}

// readWaivers reads the file of --waive; without one there are none.
func readWaivers(file string, ids []string) ([]waiver, error) {
	if file == "" {
		return nil, nil
	}
	data, err := readBounded("--waive", file)
	if err != nil {
		return nil, err
	}
	return parseWaivers(file, data, ids)
}

// parseWaivers reads a YAML list. What is wrong with it is named with its line.
func parseWaivers(file string, data []byte, ids []string) ([]waiver, error) {
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlError(file, err)
	}
	var list []waiver
	for _, d := range doc.Docs {
		rows, err := waiverRows(file, d.Body)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			x, err := readWaiver(file, row, ids)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
	}
	return list, nil
}

// waiverRows are the entries of the list; an empty document has none.
func waiverRows(file string, body ast.Node) ([]ast.Node, error) {
	switch n := body.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return nil, nil
	case *ast.SequenceNode:
		return n.Values, nil
	}
	return nil, usagef("%s:%d: it is not a list of waivers; one looks like `- {id: trust.renewal, reason: …, owner: …, expiry: 2027-01-31}`", file, body.GetToken().Position.Line)
}

// readWaiver reads one entry.
func readWaiver(file string, row ast.Node, ids []string) (x waiver, err error) {
	entries, err := mappings(file, row)
	if err != nil {
		return x, err
	}
	line := row.GetToken().Position.Line
	for i, e := range entries {
		key := e.Key.GetToken()
		if i == 0 {
			line = key.Position.Line
		}
		if !slices.Contains(waiverKeys, key.Value) {
			return x, usagef("%s:%d: a waiver has no %q%s; it has id, reason, owner and expiry", file, key.Position.Line, key.Value, suggest(key.Value, waiverKeys, ""))
		}
		values, err := scalarValues(e.Value)
		if err == nil && len(values) != 1 {
			err = fmt.Errorf("it has one value, not %d", len(values))
		}
		if err != nil {
			return x, usagef("%s:%d: %s: %w", file, key.Position.Line, key.Value, err)
		}
		switch value := strings.TrimSpace(values[0]); key.Value {
		case "id":
			if !slices.Contains(ids, value) {
				return x, unknownID(fmt.Sprintf("%s:%d: ", file, key.Position.Line), value, ids)
			}
			x.id = value
		case "reason":
			x.Reason = value
		case "owner":
			x.Owner = value
		default:
			if _, err := time.Parse(time.DateOnly, value); err != nil {
				return x, usagef("%s:%d: %s: %q is not a day written YYYY-MM-DD", file, key.Position.Line, key.Value, value)
			}
			x.Until = value
		}
	}
	switch {
	case x.id == "":
		return x, usagef("%s:%d: the waiver says no id; `halocheck list` names the requirements", file, line)
	case x.Reason == "" || x.Owner == "":
		return x, usagef("%s:%d: the waiver of %s needs a reason and an owner", file, line, x.id)
	}
	return x, nil
}

// carriedWaivers are the waivers of a saved report, taken off its findings, and those of a file, which win.
func carriedWaivers(given []waiver, findings []probes.Finding) []waiver {
	list := slices.Clone(given)
	for i := range findings {
		f := &findings[i]
		for _, had := range []**probes.Waiver{&f.Waived, &f.WaiverEnded, &f.WaiverUnneeded} {
			if *had != nil && !slices.ContainsFunc(list, func(x waiver) bool { return x.id == f.ID }) {
				list = append(list, waiver{f.ID, **had})
			}
			*had = nil
		}
	}
	return list
}

// applyWaivers marks what is accepted: what fails and does not count for it, what counts again because the waiver is over, and
// what holds by now. The verdict itself stays. The last two are told on standard error as well.
func applyWaivers(env environment, waivers []waiver, findings []probes.Finding, now time.Time) {
	today := now.Format(time.DateOnly)
	for _, x := range waivers {
		over, fails, holds := x.Until != "" && x.Until < today, false, false
		for i := range findings {
			if f := &findings[i]; f.ID == x.id {
				fails, holds = fails || f.Status == probes.Failed, holds || f.Status == probes.Passed
			}
		}
		for i := range findings {
			f := &findings[i]
			switch {
			case f.ID != x.id:
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
			printMessage(env.err, fmt.Errorf("the waiver of %s by %s ended on %s and counts no more", x.id, x.Owner, x.Until))
		case holds && !fails:
			printMessage(env.err, fmt.Errorf("the waiver of %s by %s is no longer needed, since it holds", x.id, x.Owner))
		}
	}
}
