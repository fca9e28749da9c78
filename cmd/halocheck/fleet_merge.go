package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/probes"
)

func newFleetMerge(env environment) *cobra.Command {
	var out, against, failOn, format string
	var outs []string
	var metrics string
	c := &cobra.Command{
		Use:   "merge RESULTS...",
		Short: "Join the results of shards",
		Long: `merge joins the results files of the shards of one fleet, names the shards and instances that are missing, and tells the
whole. Where several files have an instance, the one that was started last counts, and it is named.

Exit codes as those of fleet; 3 when a shard or an instance is missing.`,
		Example: "  halocheck fleet merge part1.jsonl part2.jsonl part3.jsonl --results all.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("merge takes results files, one of each shard")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			r := &fleetRun{environment: env, options: fleetOptions{format: format, failOn: failOn, against: against, outs: outs, metrics: metrics}, shard: fleet.Whole}
			return r.merge(c.Context(), args, out)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&out, "results", "", "the `file` for the joined results")
	f.StringVar(&against, "against", "", "the results `file` of an earlier run: tell what changed")
	f.StringVar(&failOn, "fail-on", "any", failOnUsage)
	f.StringVar(&format, "format", "text", "the summary on standard output: text or json")
	f.StringArrayVar(&outs, "out", nil, fleetOutUsage)
	f.StringVar(&metrics, "metrics", "", metricsUsage)
	return c
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
func (r *fleetRun) reportMerge(m *fleet.Merged) {
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
