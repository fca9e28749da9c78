package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/probes"
)

func newFleetMerge(env environment) *cobra.Command {
	var o fleetOptions
	var folders runFolders
	c := &cobra.Command{
		Use:   "merge RESULTS...",
		Short: "Join the results of shards",
		Long: `merge joins the results files of the shards of one fleet, names the shards and instances that are missing, and tells the
whole. Where several files have an instance, the one that was started last counts, and it is named.

With --runs each run has a folder of its own, as the shards of a nightly job do: the last one is joined into its all.jsonl and
told against the joined results of the run before.

Exit codes as those of fleet; 3 when a shard or an instance is missing.`,
		Example: `  halocheck fleet merge part1.jsonl part2.jsonl part3.jsonl --results all.jsonl
  halocheck fleet merge --runs '/results/nightly-*' --keep 30 --fail-on new`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 && folders == (runFolders{}) {
				return usagef("merge takes results files, one of each shard")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			r := &fleetRun{environment: env, options: o, shard: fleet.Whole}
			if folders != (runFolders{}) {
				if err := folders.check(args, o); err != nil {
					return err
				}
				return r.mergeLast(c.Context(), folders)
			}
			return r.merge(c.Context(), args, o.results)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.results, "results", "", "the `file` for the joined results")
	f.StringVar(&folders.pattern, "runs", "", "a `pattern` of the runs' folders, such as '/results/nightly-*'; their names sort by time")
	f.IntVar(&folders.keep, "keep", 0, "with --runs: remove all but the newest `N` runs; 0: none")
	f.StringVar(&o.against, "against", "", "the results `file` of an earlier run: tell what changed")
	f.StringVar(&o.failOn, "fail-on", "any", failOnUsage)
	f.StringVar(&o.format, "format", "text", "the summary on standard output: text or json")
	f.StringArrayVar(&o.outs, "out", nil, fleetOutUsage)
	f.StringVar(&o.metrics, "metrics", "", metricsUsage)
	f.StringArrayVar(&o.notify, "notify", nil, notifyUsage)
	return c
}

// runFolders is what --runs and --keep say.
type runFolders struct {
	pattern string
	keep    int
}

// check refuses what does not go together with --runs.
func (f runFolders) check(args []string, o fleetOptions) error {
	switch {
	case f.pattern == "":
		return usagef("--keep needs --runs, the folders to keep some of")
	case len(args) > 0 || o.results != "" || o.against != "":
		return usagef("--runs finds the results files by itself; leave out the files, --results and --against")
	case f.keep < 0 || f.keep == 1:
		return usagef("--keep: keep two runs at least, the last one and the one before, or 0 for all")
	}
	return nil
}

// mergeLast joins the last run into its folder and tells it against the one before. In the first run everything is new.
func (r *fleetRun) mergeLast(ctx context.Context, f runFolders) error {
	runs, err := fleet.FindRuns(f.pattern)
	if err != nil {
		return usagef("--runs: %w", err)
	}
	if r.options.against = runs.Before; runs.Before == "" && r.options.failOn == "new" {
		r.options.failOn = "any"
	}
	if f.keep > 0 {
		if err := runs.Prune(f.keep); err != nil { // no reason to keep tonight's results from anybody
			printMessage(r.err, err)
		}
	}
	return r.merge(ctx, runs.Parts, filepath.Join(runs.Last, fleet.WholeName))
}

// merge joins results files.
func (r *fleetRun) merge(ctx context.Context, files []string, out string) (err error) {
	if err := oneOf("format", r.options.format, "text", "json"); err != nil {
		return err
	}
	if err := oneOf("fail-on", r.options.failOn, summary.FailOn...); err != nil {
		return err
	}
	if r.options.failOn == "new" && r.options.against == "" {
		return usagef("--fail-on new needs --against, the results of the run that it is new against")
	}
	if r.options.against != "" {
		if r.baseline, err = fleet.ReadBaseline(ctx, r.options.against); err != nil {
			return usagef("--against: %w", err)
		}
	}
	m, err := fleet.Merge(ctx, files)
	if err != nil {
		return usagef("%w", err)
	}
	if err = r.openOutputs(); err != nil {
		return err
	}
	defer func() { output.Discard(r.files) }()
	if out != "" {
		if _, err := output.ResolveRegular(out); err != nil {
			return usagef("--results: %w", err)
		}
		if err := fleet.CheckUnlocked(out); err != nil {
			return usagef("--results: %w", err)
		}
		file, err := output.Open(out, "", out)
		if err != nil {
			return usagef("--results: %w", err)
		}
		if err := file.Write(func(f io.Writer) error { _, err := m.WriteTo(f); return err }); err != nil {
			return internalError{err}
		}
	}
	r.reportMerge(m)
	sums := r.aggregates(len(m.Run.Names))
	if err := m.Each(func(result *fleet.Result) error { sums.Add(result); return nil }); err != nil {
		return internalError{err}
	}
	r.inventory = &fleet.Inventory{}
	for _, name := range m.Run.Names {
		r.inventory.Instances = append(r.inventory.Instances, fleet.Instance{Name: name})
	}
	r.instances, r.pending, r.missingShards, r.joined = r.inventory.Instances, r.inventory.Instances, m.Missing, true
	err = r.finish(sums, time.Now(), nil)
	if code, ok := err.(exitError); len(m.Missing) > 0 && (err == nil || ok && code.code != probes.ExitBroken) { //nolint:errorlint // finish returns it as it is
		return exitError{probes.ExitIncomplete}
	}
	return err
}

// reportMerge names what is missing, double or torn.
func (r *fleetRun) reportMerge(m *fleet.MergedResults) {
	for _, s := range m.Missing {
		printMessage(r.err, fmt.Errorf("shard %s is missing: no file has its results", s))
	}
	if n := len(m.Unfinished); n > 0 {
		printMessage(r.err, fmt.Errorf("%d instances have no result: %s", n, summary.FirstNames(m.Unfinished)))
	}
	for n, d := range m.Duplicates {
		if n == summary.MostLines {
			printMessage(r.err, fmt.Errorf("%d more instances are in several files", len(m.Duplicates)-summary.MostLines))
			break
		}
		printMessage(r.err, fmt.Errorf("%s is in %s; the result that was started last counts", d.Name, strings.Join(d.Files, " and ")))
	}
	for _, file := range m.Torn {
		printMessage(r.err, fmt.Errorf("%s: its last line was not finished and is left out", file))
	}
}
