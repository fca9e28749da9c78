package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/probes"
)

// MergeLast joins the last run into its folder and tells it against the one before. In the first run everything is new. pattern names
// the runs' folders; of more than keep the oldest are removed, of none where it is 0.
func (r *Run) MergeLast(ctx context.Context, pattern string, keep int) error {
	runs, err := fleet.FindRuns(pattern)
	if err != nil {
		return refuse("runs", err)
	}
	if r.Against = runs.Before; runs.Before == "" && r.FailOn == "new" {
		r.FailOn = "any"
	}
	if keep > 0 {
		if err := runs.Prune(keep); err != nil { // no reason to keep tonight's results from anybody
			r.Tell(err)
		}
	}
	r.Results = filepath.Join(runs.Last, fleet.MergedName)
	return r.Merge(ctx, runs.Parts)
}

// Merge joins results files, into Results where that is named, and tells the whole.
func (r *Run) Merge(ctx context.Context, files []string) error {
	if err := r.readBaseline(ctx); err != nil {
		return err
	}
	m, err := fleet.Merge(ctx, files)
	if err != nil {
		return err
	}
	if err := r.openOutputs(); err != nil {
		return err
	}
	defer func() { output.Discard(r.files) }()
	if err := r.writeMerged(m); err != nil {
		return err
	}
	r.tellMissing(m)
	sums := r.aggregates(len(m.Run.Names))
	if err := m.Each(func(result *fleet.Result) error { sums.Add(result); return nil }); err != nil {
		return exit.Internal(err)
	}
	r.inventory = &fleet.Inventory{}
	for _, name := range m.Run.Names {
		r.inventory.Instances = append(r.inventory.Instances, fleet.Instance{Name: name})
	}
	r.instances, r.pending, r.missingShards, r.joined = r.inventory.Instances, r.inventory.Instances, m.Missing, true
	err = r.finish(sums, time.Now(), nil)
	var code exit.Code
	if len(m.Missing) > 0 && (err == nil || errors.As(err, &code) && code != probes.ExitBroken) {
		return exit.Code(probes.ExitIncomplete)
	}
	return err
}

// writeMerged writes the joined results.
func (r *Run) writeMerged(m *fleet.MergedResults) error {
	if r.Results == "" {
		return nil
	}
	if _, err := output.ResolveRegular(r.Results); err != nil {
		return refuse("results", err)
	}
	if err := fleet.CheckUnlocked(r.Results); err != nil {
		return refuse("results", err)
	}
	file, err := output.Open(r.Results, "", r.Results)
	if err != nil {
		return refuse("results", err)
	}
	if err := file.Write(func(f io.Writer) error { _, err := m.WriteTo(f); return err }); err != nil {
		return exit.Internal(err)
	}
	return nil
}

// tellMissing names what is missing, double or torn.
func (r *Run) tellMissing(m *fleet.MergedResults) {
	for _, s := range m.Missing {
		r.Tell(fmt.Errorf("shard %s is missing: no file has its results", s))
	}
	if n := len(m.Unfinished); n > 0 {
		r.Tell(fmt.Errorf("%d instances have no result: %s", n, summary.FirstNames(m.Unfinished)))
	}
	for n, d := range m.Duplicates {
		if n == summary.MostLines {
			r.Tell(fmt.Errorf("%d more instances are in several files", len(m.Duplicates)-summary.MostLines))
			break
		}
		r.Tell(fmt.Errorf("%s is in %s; the result that was started last counts", d.Name, strings.Join(d.Files, " and ")))
	}
	for _, file := range m.Torn {
		r.Tell(fmt.Errorf("%s: its last line was not finished and is left out", file))
	}
}
