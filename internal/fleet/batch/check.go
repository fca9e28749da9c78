package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
)

// open opens what results go to, before the first request.
func (r *Run) open(ctx context.Context) error {
	if r.Reports != "" {
		if err := output.PrepareFolder(r.Reports); err != nil {
			return refuse("reports", err)
		}
	}
	if r.Results == "" {
		return nil
	}
	run := fleet.Run{Version: version.String(), Inventory: r.inventory.Digest, Shard: r.Shard, Started: time.Now().UTC()}
	for _, i := range r.instances {
		run.Names = append(run.Names, i.Name)
	}
	var err error
	if !r.Resume {
		r.resultsFile, err = fleet.CreateResults(r.Results, run)
		return refuse("results", err)
	}
	var torn bool
	if r.resultsFile, r.pending, torn, err = fleet.ResumeInstances(ctx, r.Results, run, r.instances); err != nil {
		return refuse("results", err)
	}
	if torn {
		r.Tell(fmt.Errorf("%s: the last line was not finished and is cut off; its instance is checked again", r.Results))
	}
	return nil
}

// Check checks what is left and tells the whole.
func (r *Run) Check(ctx context.Context) error {
	if r.DryRun {
		return r.list()
	}
	err := r.openOutputs()
	if err != nil {
		return err
	}
	defer func() { output.Discard(r.files) }()
	if err := r.open(ctx); err != nil {
		return err
	}
	defer func() { _ = r.resultsFile.Close() }() // where it matters, it is closed below
	if r.Within > 0 {
		// It is no deadline of a check: with little time left a healthy server would seem slow.
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer time.AfterFunc(r.Within, func() { cancel(errWithin) }).Stop()
		defer cancel(nil)
	}
	sums := r.aggregates(len(r.instances))
	resumed := len(r.pending) < len(r.instances)
	r.progress = r.Progress(len(r.pending))
	started := time.Now()
	err = fleet.CheckAll(ctx, r.pending, r.Schedule, r.check, func(result *fleet.Result) error {
		if result == nil {
			return nil // why was told
		}
		if err := r.resultsFile.Append(result); err != nil {
			return exit.Internal(unwritten(r.Results, err))
		}
		if !resumed {
			sums.Add(result)
		}
		r.progress.Finished(result)
		return nil
	})
	r.progress.Erase()
	if closeErr := r.resultsFile.Close(); err == nil && closeErr != nil {
		err = exit.Internal(unwritten(r.Results, closeErr))
	}
	var kept exit.InternalError
	if errors.As(err, &kept) {
		return r.stoppedError(kept.Err)
	}
	if resumed {
		if err := fleet.EachResult(r.Results, r.instances, sums.Add); err != nil {
			return exit.Internal(err)
		}
	}
	return r.finish(sums, started, err)
}

// errWithin is the cause of a run that Within ended.
var errWithin = errors.New("the time of --within was over")

// stoppedError is the clean end of a run whose results cannot be kept.
func (r *Run) stoppedError(err error) error {
	way := "nothing more was asked"
	if r.Results != "" {
		way += "; make room and go on with --resume, nothing that was finished is lost"
	}
	return exit.Internal(fmt.Errorf("%w; %s", err, way))
}

// check checks one instance. Without a result and without an error it could not be started; that was told.
func (r *Run) check(ctx context.Context, i fleet.Instance, pass *fleet.Permit) (*fleet.Result, error) {
	opts := []halocheck.Option{halocheck.WithLimiter(pass.Wait), halocheck.WithResolver(r.resolver)}
	if r.Reports == "" { // evidence that nobody reads is neither written nor looked through for secrets
		opts = append(opts, halocheck.WithSession(func(s *probes.Session) { s.Kept = fleet.Kept }))
	}
	rep, err := r.Checker.Check(ctx, i, opts...)
	var own exit.InternalError
	switch {
	case errors.As(err, &own):
		return nil, exit.Internal(fmt.Errorf("%s: %w", i.Name, own.Err))
	case err != nil:
		r.Say(err)
		return nil, nil //nolint:nilnil // one instance less, not the end of the run
	}
	if r.Reports != "" && !errors.Is(context.Cause(ctx), probes.ErrInterrupted) {
		name := filepath.Join(r.Reports, i.Name+".json")
		if err := output.WriteAtomic(name, func(f io.Writer) error { return report.JSON(f, rep) }); err != nil {
			return nil, exit.Internal(fmt.Errorf("--reports: %w", err))
		}
	}
	return fleet.ResultOf(i, rep), nil
}
