package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/progress"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/version"
)

// fleetRun is one run over a fleet.
type fleetRun struct {
	environment
	options        fleetOptions
	defaultTimeout bool   // --timeout was typed
	source         string // the inventory's file; empty: results are joined

	schedule      fleet.Options
	shard         fleet.Shard
	cache         *settings.Cache
	resolver      *fleet.Resolver
	inventory     *fleet.Inventory
	instances     []fleet.Instance // of this shard
	pending       []fleet.Instance // of them, those without a result
	baseline      *fleet.Baseline
	resultsFile   *fleet.ResultsFile
	progress      *progress.Progress
	files         []*output.File
	worldReadable []error       // secrets that every user of this machine can read
	missingShards []fleet.Shard // of those that are joined
	joined        bool          // the results are those of earlier runs
}

// open opens what results go to, before the first request.
func (r *fleetRun) open(ctx context.Context) error {
	o := r.options
	if o.reports != "" {
		if err := output.PrepareFolder(o.reports); err != nil {
			return usagef("--reports: %w", err)
		}
	}
	if o.results == "" {
		return nil
	}
	run := fleet.Run{Version: version.String(), Inventory: r.inventory.Digest, Shard: r.shard, Started: time.Now().UTC()}
	for _, i := range r.instances {
		run.Names = append(run.Names, i.Name)
	}
	var err error
	if !o.resume {
		if r.resultsFile, err = fleet.CreateResults(o.results, run); err != nil {
			return usagef("--results: %w", err)
		}
		return nil
	}
	var torn bool
	if r.resultsFile, r.pending, torn, err = fleet.ResumeInstances(ctx, o.results, run, r.instances); err != nil {
		return usagef("--results: %w", err)
	}
	if torn {
		printMessage(r.err, fmt.Errorf("%s: the last line was not finished and is cut off; its instance is checked again", o.results))
	}
	return nil
}

// run checks what is left and tells the whole.
func (r *fleetRun) run(ctx context.Context) error {
	if r.options.dryRun {
		return r.listInstances()
	}
	var err error
	if err = r.openOutputs(); err != nil {
		return err
	}
	defer func() { output.Discard(r.files) }()
	if err := r.open(ctx); err != nil {
		return err
	}
	r.warnWorldReadable()
	defer func() { _ = r.resultsFile.Close() }() // where it matters, it is closed below
	if r.options.within > 0 {
		// It is no deadline of a check: with little time left a healthy server would seem slow.
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer time.AfterFunc(r.options.within, func() { cancel(errWithin) }).Stop()
		defer cancel(nil)
	}
	sums := r.aggregates(len(r.instances))
	resumed := len(r.pending) < len(r.instances)
	r.progress = newFleetProgress(r.environment, len(r.pending), r.options.quiet)
	started := time.Now()
	err = fleet.CheckAll(ctx, r.pending, r.schedule, r.check, func(result *fleet.Result) error {
		if result == nil {
			return nil // why was told
		}
		if err := r.appendResult(result); err != nil {
			return err
		}
		if !resumed {
			sums.Add(result)
		}
		r.progress.Finished(result)
		return nil
	})
	r.progress.Erase()
	if closeErr := r.resultsFile.Close(); err == nil && closeErr != nil {
		err = writeFailed(r.options.results, closeErr)
	}
	var kept internalError
	if errors.As(err, &kept) {
		return r.stoppedError(kept)
	}
	if resumed {
		if err := fleet.EachResult(r.options.results, r.instances, sums.Add); err != nil {
			return internalError{err}
		}
	}
	return r.finish(sums, started, err)
}

// errWithin is the cause of a run that --within ended.
var errWithin = errors.New("the time of --within was over")

// writeFailed is a results file that does not take any more.
func writeFailed(name string, err error) error {
	return internalError{fmt.Errorf("%s could not be written: %w", name, err)}
}

// stoppedError is the clean end of a run whose results cannot be kept.
func (r *fleetRun) stoppedError(err internalError) error {
	way := "nothing more was asked"
	if r.options.results != "" {
		way += "; make room and go on with --resume, nothing that was finished is lost"
	}
	return internalError{fmt.Errorf("%w; %s", err.error, way)}
}

// appendResult writes a result where it is kept.
func (r *fleetRun) appendResult(result *fleet.Result) error {
	if err := r.resultsFile.Append(result); err != nil {
		return writeFailed(r.options.results, err)
	}
	return nil
}
