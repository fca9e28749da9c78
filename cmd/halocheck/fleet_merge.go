package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/fleet"
)

func newFleetMerge(env environment) *cobra.Command {
	var o fleetFlags
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
			if folders != (runFolders{}) {
				if err := folders.check(args, o); err != nil {
					return err
				}
			}
			if err := o.checkOutputs(cmp.Or(o.Against, folders.pattern)); err != nil {
				return err
			}
			r := env.fleetRun(o)
			r.Shard = fleet.Unsharded
			if folders.pattern != "" {
				return r.MergeLast(c.Context(), folders.pattern, folders.keep)
			}
			return r.Merge(c.Context(), args)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.Results, "results", "", "the `file` for the joined results")
	f.StringVar(&folders.pattern, "runs", "", "a `pattern` of the runs' folders, such as '/results/nightly-*'; their names sort by time")
	f.IntVar(&folders.keep, "keep", 0, "with --runs: remove all but the newest `N` runs; 0: none")
	o.addJudging(f)
	o.addOutputs(f)
	return c
}

// runFolders is what --runs and --keep say.
type runFolders struct {
	pattern string
	keep    int
}

// check refuses what does not go together with --runs.
func (f runFolders) check(args []string, o fleetFlags) error {
	switch {
	case f.pattern == "":
		return usagef("--keep needs --runs, the folders to keep some of")
	case len(args) > 0 || o.Results != "" || o.Against != "":
		return usagef("--runs finds the results files by itself; leave out the files, --results and --against")
	case f.keep < 0 || f.keep == 1:
		return usagef("--keep: keep two runs at least, the last one and the one before, or 0 for all")
	}
	return nil
}
