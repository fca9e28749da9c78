package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/probes"
)

// fleetRun is one run over a fleet.
type fleetRun struct {
	environment
	options        fleetOptions
	defaultTimeout bool // --timeout was typed

	schedule      fleet.Options
	shard         fleet.Shard
	cache         *sharedCache
	inventory     *fleet.Inventory
	instances     []fleet.Instance // of this shard
	pending       []fleet.Instance // of them, those without a result
	older         *fleet.Baseline
	log           *fleet.ResultsFile
	progress      *fleetProgress
	outs          []*output.File
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
	run := fleet.Run{Version: toolVersion(), Inventory: r.inventory.Digest, Shard: r.shard, Started: time.Now().UTC()}
	for _, i := range r.instances {
		run.Names = append(run.Names, i.Name)
	}
	var err error
	if !o.resume {
		if r.log, err = fleet.CreateResults(o.results, run); err != nil {
			return usagef("--results: %w", err)
		}
		return nil
	}
	done := map[string]string{}
	var tail fleet.Tail
	r.log, tail, err = fleet.ResumeResults(ctx, o.results, run, func(name, digest string) { done[name] = digest })
	if err != nil {
		return usagef("--results: %w", err)
	}
	if tail.Torn > 0 {
		printMessage(r.err, fmt.Errorf("%s: the last line was not finished and is cut off; its instance is checked again", o.results))
	}
	r.pending = nil
	for _, i := range r.instances {
		if done[i.Name] != i.Digest() {
			r.pending = append(r.pending, i)
		}
	}
	return nil
}

// run checks what is left and tells the whole.
func (r *fleetRun) run(ctx context.Context) error {
	if r.options.dryRun {
		return r.listInstances()
	}
	var err error
	if err = r.openOuts(); err != nil {
		return err
	}
	defer func() { output.Discard(r.outs) }()
	if err := r.open(ctx); err != nil {
		return err
	}
	r.warnWorldReadable()
	defer func() { _ = r.closeLog() }() // where it matters, it is closed below
	if r.options.within > 0 {
		// It is no deadline of a check: with little time left a healthy server would seem slow.
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer time.AfterFunc(r.options.within, func() { cancel(errWithin) }).Stop()
		defer cancel(nil)
	}
	sums := newFleetAggregates(len(r.instances), r.older, r.outs)
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
			sums.add(result)
		}
		r.progress.finished(result)
		return nil
	})
	r.progress.erase()
	if closeErr := r.closeLog(); err == nil && closeErr != nil {
		err = writeFailed(r.options.results, closeErr)
	}
	var kept internalError
	if errors.As(err, &kept) {
		return r.stoppedError(kept)
	}
	if resumed {
		if err := r.sumAll(sums); err != nil {
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
	if r.log == nil {
		return nil
	}
	if err := r.log.Append(result); err != nil {
		return writeFailed(r.options.results, err)
	}
	return nil
}

func (r *fleetRun) closeLog() error {
	if r.log == nil {
		return nil
	}
	return r.log.Close()
}

// sumAll sums up the results file, where some of it is older than this run.
func (r *fleetRun) sumAll(sums *fleetAggregates) error {
	m, err := fleet.Merge(context.Background(), []string{r.options.results})
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	for _, i := range r.instances {
		mine[i.Name] = true
	}
	return m.Each(func(result *fleet.Result) error {
		if mine[result.Name] {
			sums.add(result)
		}
		return nil
	})
}

// isInterrupted tells whether a run was ended by the user.
func isInterrupted(err error) bool { return errors.Is(err, probes.ErrInterrupted) }
