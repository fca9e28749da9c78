package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/notify"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
)

// Usages that fleet and fleet merge share.
const (
	notifyUsage   = "`webhook=URL`: tell it at the end what changed; repeatable"
	metricsUsage  = "a `file` of gauges for the node exporter's textfile collector, such as customers.prom"
	fleetOutUsage = "`FORMAT=FILE`, repeatable: html, an overview in one file, or the summary as json or text"
	failOnUsage   = "what ends in exit 1: any Must that fails, a new one (with --against), or none, where another step judges"
)

// openOutputs opens every --out and --metrics before the first request.
func (r *fleetRun) openOutputs() (err error) {
	check := func(format string) error {
		if err := summary.CheckFormat(format); err != nil {
			return usagef("--out: %w", err)
		}
		return nil
	}
	if err := checkNotify(r.options.notify); err != nil {
		return err
	}
	if r.files, err = output.OpenAll("--out", r.options.outs, check); err != nil || r.options.metrics == "" {
		return err
	}
	f, err := output.Open("--metrics "+r.options.metrics, summary.Metrics, r.options.metrics)
	if err == nil {
		err = f.Share() // the node exporter is another user
	}
	if other := f.SameAs(r.files...); err == nil && other != nil {
		err = fmt.Errorf("%s is what --out %s goes to as well; give each its own file", f.Name, other.Format)
	}
	r.files = append(r.files, f)
	if err != nil {
		output.Discard(r.files)
		return usagef("--metrics: %w", err)
	}
	return nil
}

// aggregates are those of a number of instances.
func (r *fleetRun) aggregates(instances int) *summary.Aggregates {
	var formats []string
	for _, f := range r.files {
		formats = append(formats, f.Format)
	}
	return summary.New(instances, r.baseline, formats...)
}

// finish writes the summary, the files first, since the reader of standard output may be gone, and chooses the exit code.
func (r *fleetRun) finish(sums *summary.Aggregates, started time.Time, stopped error) error {
	run := summary.Run{
		Version: version.String(), Shard: r.shard, All: r.inventory.Instances, Earlier: len(r.instances) - len(r.pending),
		Took: time.Since(started), Missing: r.missingShards, Joined: r.joined,
	}
	for _, i := range r.instances {
		run.Names = append(run.Names, i.Name)
	}
	interrupted := errors.Is(stopped, probes.ErrInterrupted)
	switch {
	case interrupted:
		run.Stopped = "interrupted"
	case stopped != nil:
		run.Stopped = stopped.Error()
	}
	sum := sums.Summary(run)
	unwritten := r.writeFiles(sum)
	if len(r.options.notify) > 0 {
		r.sendNotices(r.options.notify, notify.OfFleet(cmp.Or(r.source, "fleet"), sum))
	}
	if err := writeResult(sum.Write(r.out, r.options.format, "")); err != nil {
		return err
	}
	if unwritten != nil {
		return unwritten
	}
	if run.Stopped != "" && r.options.results != "" && sum.Done < sum.Instances {
		printMessage(r.err, fmt.Errorf("%s; nothing that was finished is lost, and --resume goes on", run.Stopped))
	}
	code := sum.ExitCode(r.options.failOn)
	if interrupted {
		code = probes.ExitIncomplete
	}
	if code != probes.ExitConformant {
		return exitError{code}
	}
	return nil
}

// writeFiles writes every --out and --metrics. One that cannot be written keeps none of the others from it; the first error is
// returned, and further ones are printed.
func (r *fleetRun) writeFiles(sum summary.Summary) error {
	var first error
	for _, f := range r.files {
		err := f.Write(func(w io.Writer) error { return sum.Write(w, f.Format, f.Name) })
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

// listInstances is --dry-run: the instances of this shard, each on a line.
func (r *fleetRun) listInstances() error {
	var b bytes.Buffer
	for _, i := range r.instances {
		where := i.URL()
		if fakes := i.Get("fake"); len(fakes) > 0 {
			where = fmt.Sprintf("fake %v", fakes)
		}
		fmt.Fprintf(&b, "%s  %s\n", i.Name, safetext.Line(where))
	}
	_, err := r.out.Write(b.Bytes())
	return writeResult(err)
}
