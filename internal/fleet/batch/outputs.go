package batch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/notify"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
)

// openOutputs opens every further summary and the gauges before the first request.
func (r *Run) openOutputs() (err error) {
	check := func(format string) error { return refuse("out", summary.CheckFormat(format)) }
	if r.files, err = output.OpenAll("--out", r.Outs, check); err != nil || r.Metrics == "" {
		return err
	}
	f, err := output.Open("--metrics "+r.Metrics, summary.Metrics, r.Metrics)
	if err == nil {
		err = f.Share() // the node exporter is another user
	}
	if other := f.SameAs(r.files...); err == nil && other != nil {
		err = fmt.Errorf("%s is what --out %s goes to as well; give each its own file", f.Name, other.Format)
	}
	r.files = append(r.files, f)
	if err != nil {
		output.Discard(r.files)
	}
	return refuse("metrics", err)
}

// aggregates are those of a number of instances.
func (r *Run) aggregates(instances int) *summary.Aggregates {
	var formats []string
	for _, f := range r.files {
		formats = append(formats, f.Format)
	}
	return summary.New(instances, r.baseline, formats...)
}

// finish writes the summary, the files first, since the reader of standard output may be gone, and chooses the exit code.
func (r *Run) finish(sums *summary.Aggregates, started time.Time, stopped error) error {
	run := summary.Run{
		Version: version.String(), Shard: r.Shard, All: r.inventory.Instances, Earlier: len(r.instances) - len(r.pending),
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
	failed := r.writeFiles(sum)
	if len(r.Notify) > 0 { // also where the run was told to stop
		notify.SendAll(context.Background(), r.Notify, notify.OfFleet(cmp.Or(r.source, "fleet"), sum),
			func(err error) { r.Tell(fmt.Errorf("--notify: %w", err)) })
	}
	if err := exit.Unwritten(sum.Write(r.Out, r.Format, "")); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	if run.Stopped != "" && r.Results != "" && sum.Done < sum.Instances {
		r.Tell(fmt.Errorf("%s; nothing that was finished is lost, and --resume goes on", run.Stopped))
	}
	code := sum.ExitCode(r.FailOn)
	if interrupted {
		code = probes.ExitIncomplete
	}
	if code != probes.ExitConformant {
		return exit.Code(code)
	}
	return nil
}

// writeFiles writes every further summary and the gauges. One that cannot be written keeps none of the others from it; the first
// error is returned, and further ones are told.
func (r *Run) writeFiles(sum summary.Summary) error {
	var first error
	for _, f := range r.files {
		err := f.Write(func(w io.Writer) error { return sum.Write(w, f.Format, f.Name) })
		switch {
		case err == nil:
		case first == nil:
			first = exit.Internal(err)
		default:
			r.Tell(err)
		}
	}
	return first
}

// list names the instances of this shard, each on a line.
func (r *Run) list() error {
	var b bytes.Buffer
	for _, i := range r.instances {
		where := i.URL()
		if fakes := i.Get("fake"); len(fakes) > 0 {
			where = fmt.Sprintf("fake %v", fakes)
		}
		fmt.Fprintf(&b, "%s  %s\n", i.Name, safetext.Line(where))
	}
	_, err := r.Out.Write(b.Bytes())
	return exit.Unwritten(err)
}
