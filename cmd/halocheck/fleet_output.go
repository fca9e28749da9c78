package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/metrics"
	"github.com/halocheck/halocheck/internal/fleet/overview"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/suggest"
)

// htmlFormat is the overview, one page that loads nothing.
const htmlFormat = "html"

// metricsFormat is that of --metrics, which is a file of its own and no --out.
const metricsFormat = "metrics"

const metricsUsage = "a `file` of gauges for the node exporter's textfile collector, such as customers.prom"

// fleetFormats are what --out of fleet takes.
var fleetFormats = []string{htmlFormat, "json", "text"}

const fleetOutUsage = "`FORMAT=FILE`, repeatable: html, an overview in one file, or the summary as json or text"

// checkFleetFormat refuses what is no format of a fleet's summary.
func checkFleetFormat(format string) error {
	if slices.Contains(fleetFormats, format) {
		return nil
	}
	return usagef("--out: there is no format %q%s; there are %s", format, suggest.Text(format, fleetFormats, ""), strings.Join(fleetFormats, ", "))
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
	_, err := io.WriteString(w, report.EscapeJSON(b.String()))
	return err
}

// openOuts opens every --out and --metrics before the first request.
func (r *fleetRun) openOuts() (err error) {
	if r.outs, err = output.OpenAll("--out", r.options.outs, checkFleetFormat); err != nil || r.options.metrics == "" {
		return err
	}
	f, err := output.Open("--metrics "+r.options.metrics, metricsFormat, r.options.metrics)
	if err == nil {
		err = f.Share() // the node exporter is another user
	}
	if other := f.SameAs(r.outs...); err == nil && other != nil {
		err = fmt.Errorf("%s is what --out %s goes to as well; give each its own file", f.Name, other.Format)
	}
	r.outs = append(r.outs, f)
	if err != nil {
		output.Discard(r.outs)
		return usagef("--metrics: %w", err)
	}
	return nil
}

// writeOuts writes every --out and --metrics. One that cannot be written keeps none of the others from it; the first error is
// returned, and further ones are told.
func (r *fleetRun) writeOuts(sum fleetSummary, s *fleetAggregates) error {
	var first error
	for _, o := range r.outs {
		err := o.Write(func(w io.Writer) error {
			switch o.Format {
			case metricsFormat:
				return s.metrics.Write(w, metrics.Whole{
					Fleet: metrics.FleetOf(o.Name), Version: toolVersion(), Shard: r.shard, Missing: len(r.missingShards), Tally: s.tally, Changes: s.changes,
				})
			case htmlFormat:
			default:
				return sum.write(w, o.Format)
			}
			whole := overview.Whole{Version: toolVersion(), Stopped: sum.Stopped, At: time.Now(), Tally: sum.Counts, Changes: sum.Changes}
			if sum.Shard != fleet.Whole.String() {
				whole.Shard = sum.Shard
			}
			for _, i := range r.instances {
				whole.Names = append(whole.Names, i.Name)
			}
			for _, s := range r.missingShards {
				whole.Missing = append(whole.Missing, s.String())
			}
			return s.page.Write(w, whole)
		})
		switch {
		case err == nil:
		case first == nil:
			first = internalError{err}
		default:
			printMessage(r.err, err)
		}
	}
	return first
}
