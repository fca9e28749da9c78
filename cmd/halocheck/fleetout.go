package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/probes/fleet"
	"github.com/halocheck/halocheck/probes/fleet/overview"
	"github.com/halocheck/halocheck/probes/report"
)

// htmlFormat is the overview, one page that loads nothing.
const htmlFormat = "html"

// fleetFormats are what --out of fleet takes.
var fleetFormats = []string{htmlFormat, "json", "text"}

const fleetOutUsage = "`FORMAT=FILE`, repeatable: html, an overview in one file, or the summary as json or text"

// checkFleetFormat refuses what is no format of a fleet's summary.
func checkFleetFormat(flag, format string) error {
	if slices.Contains(fleetFormats, format) {
		return nil
	}
	return usagef("--%s: there is no format %q%s; there are %s", flag, format, near(format, fleetFormats, ""), strings.Join(fleetFormats, ", "))
}

// write writes the summary as text or as JSON.
func (s fleetSummary) write(w io.Writer, format string) error {
	var b bytes.Buffer
	if format == "json" {
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			return err
		}
	} else {
		s.text(&b)
	}
	_, err := io.WriteString(w, report.Escaped(b.String()))
	return err
}

// writeOuts writes every --out.
func (r *fleetRun) writeOuts(sum fleetSummary, page *overview.Page) error {
	for _, o := range r.outs {
		err := o.write(func(w io.Writer) error {
			if o.format != htmlFormat {
				return sum.write(w, o.format)
			}
			whole := overview.Whole{Version: toolVersion(), Stopped: sum.Stopped, At: time.Now(), Tally: sum.Tally, Changes: sum.Changes}
			if sum.Shard != fleet.Whole.String() {
				whole.Shard = sum.Shard
			}
			for _, i := range r.mine {
				whole.Names = append(whole.Names, i.Name)
			}
			for _, s := range r.missing {
				whole.Missing = append(whole.Missing, s.String())
			}
			return page.Write(w, whole)
		})
		if err != nil {
			return broken{err}
		}
	}
	return nil
}
