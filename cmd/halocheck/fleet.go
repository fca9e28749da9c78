package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/batch"
	"github.com/halocheck/halocheck/internal/fleet/progress"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/terminal"
)

// fleetFlags are the flags of fleet and fleet merge.
type fleetFlags struct {
	batch.Options
	rate, hostRate string
	timeout        time.Duration
	shard          string
	shards         int
	quiet          bool
	schema         bool
}

func newFleet(env environment) *cobra.Command {
	var o fleetFlags
	c := &cobra.Command{
		Use:   "fleet INVENTORY.yaml",
		Short: "Check many instances",
		Long: `fleet checks every instance of an inventory and tells what does not hold, how often, and who has to act.

An inventory has defaults, groups and instances, each with the settings of check under their flags' names, and secrets by
reference only (file:PATH, env:NAME, keyring:NAME, credential:NAME; ` + "`halocheck help secrets`" + `); --schema prints its JSON
Schema. Files are relative to its folder.

Each finished result is one line of --results, written at once and made durable every second; --resume goes on where a run
was broken off. Ctrl-C ends a run and loses nothing that is finished.

Exit codes: 0 all conformant, 1 one or more not conformant, 2 usage, nothing was asked, 3 incomplete, or not all were
finished, 4 halocheck itself broke, or results could not be kept.`,
		Example: `  halocheck fleet customers.yaml --results tonight.jsonl --against lastnight.jsonl --fail-on new
  halocheck fleet customers.yaml --results part2.jsonl --shard 2/3
  halocheck fleet merge part1.jsonl part2.jsonl part3.jsonl --results all.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("fleet takes one inventory, and %d words were given", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if o.schema {
				_, err := env.out.Write(fleet.InventorySchema(env.settings()))
				return exit.Unwritten(err)
			}
			if len(args) == 0 {
				return usagef("no inventory was given; say which, as in `halocheck fleet customers.yaml`; --schema prints what it looks like")
			}
			if err := o.check(env); err != nil {
				return err
			}
			r := env.fleetRun(o)
			checker := &fleetChecker{environment: env, cache: &settings.Cache{}, tell: r.Say}
			if c.Flags().Changed("timeout") {
				checker.timeout = o.timeout.String()
			}
			r.Checker = checker
			if err := r.Load(c.Context(), args[0]); err != nil {
				return err
			}
			if !o.DryRun {
				checker.warnWorldReadable()
			}
			return r.Check(c.Context())
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.Results, "results", "", "the `file` that results are added to, one line of JSON each")
	f.BoolVar(&o.Resume, "resume", false, "go on with --results: what is there is not checked again")
	f.StringVar(&o.Reports, "reports", "", "a `folder` for the whole report of each instance, as NAME.json")
	o.addJudging(f)
	f.IntVar(&o.Schedule.Parallel, "parallel", 0, "instances that are worked on at once; default 16 for each processor")
	f.StringVar(&o.rate, "rate", "off", "`N/D` requests to all hosts together, such as 100/1s, or off")
	f.StringVar(&o.hostRate, "host-rate", "300/5m", "`N/D` requests to one host, or off")
	f.DurationVar(&o.timeout, "timeout", instanceTimeout, "for each instance whose entry does not say")
	f.DurationVar(&o.Within, "within", 0, "for all instances together; what is not finished then is left to --resume")
	f.StringVar(&o.shard, "shard", "", "`I/N`: only the I-th of N parts of the fleet")
	f.IntVar(&o.shards, "shards", 0, "the number of parts where JOB_COMPLETION_INDEX says which (a Kubernetes Indexed Job)")
	o.addOutputs(f)
	f.BoolVar(&o.quiet, "quiet", false, "no line for each finished instance")
	f.BoolVar(&o.DryRun, "dry-run", false, "only read the inventory and name its instances")
	f.BoolVar(&o.schema, "schema", false, "print the JSON Schema of an inventory instead")
	c.AddCommand(newFleetMerge(env))
	return c
}

// addJudging declares what ends in which exit code, as fleet and fleet merge have it.
func (o *fleetFlags) addJudging(f *pflag.FlagSet) {
	f.StringVar(&o.Against, "against", "", "the results `file` of an earlier run: tell what changed")
	f.StringVar(&o.FailOn, "fail-on", "any", "what ends in exit 1: any Must that fails, a new one (with --against), or none, where another step judges")
}

// addOutputs declares what both write.
func (o *fleetFlags) addOutputs(f *pflag.FlagSet) {
	f.StringVar(&o.Format, "format", "text", "the summary on standard output: text or json")
	f.StringArrayVar(&o.Outs, "out", nil, "`FORMAT=FILE`, repeatable: html, an overview in one file, or the summary as json or text")
	f.StringVar(&o.Metrics, "metrics", "", "a `file` of gauges for the node exporter's textfile collector, such as customers.prom")
	f.StringArrayVar(&o.Notify, "notify", nil, "`webhook=URL`: tell it at the end what changed; repeatable")
}

// instanceTimeout is that of one check.
const instanceTimeout = time.Minute

// fleetRun is a run with the streams of the command.
func (env environment) fleetRun(o fleetFlags) *batch.Run {
	return &batch.Run{
		Options: o.Options, Settings: env.settings(), Out: env.out, Tell: func(err error) { printMessage(env.err, err) },
		Progress: func(pending int) *progress.Progress {
			return progress.New(env.err, terminal.ProgressColumns(env.err, env.getenv), pending, o.quiet)
		},
	}
}

// check refuses what is wrong by itself.
func (o *fleetFlags) check(env environment) (err error) {
	if err := o.checkOutputs(o.Against); err != nil {
		return err
	}
	switch {
	case o.Resume && o.Results == "":
		return usagef("--resume needs --results, the file to go on with")
	case o.Schedule.Parallel < 0 || o.Schedule.Parallel > 10_000:
		return usagef("--parallel: %d is not from 1 to 10000", o.Schedule.Parallel)
	case o.timeout <= 0 || o.Within < 0:
		return usagef("--timeout and --within need some time, such as 60s")
	}
	if o.Schedule.TotalRate, err = fleet.ParseRate(o.rate); err != nil {
		return usagef("--rate: %w", err)
	}
	if o.Schedule.HostRate, err = fleet.ParseRate(o.hostRate); err != nil {
		return usagef("--host-rate: %w", err)
	}
	o.Shard, err = fleet.ChooseShard(o.shard, o.shards, env.getenv)
	return err
}

// checkOutputs refuses what is wrong with the flags that fleet and fleet merge share; before is what names the run before.
func (o *fleetFlags) checkOutputs(before string) error {
	if err := oneOf("format", o.Format, "text", "json"); err != nil {
		return err
	}
	if err := oneOf("fail-on", o.FailOn, summary.FailOn...); err != nil {
		return err
	}
	if o.FailOn == "new" && before == "" {
		return usagef("--fail-on new needs --against, the results of the run that it is new against")
	}
	return checkNotify(o.Notify)
}
