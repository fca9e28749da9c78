package main

import (
	"context"
	"net"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/memory"
	"github.com/halocheck/halocheck/internal/settings"
)

// fleetOptions are the flags of fleet as they were typed.
type fleetOptions struct {
	results  string
	resume   bool
	reports  string
	parallel int
	rate     string
	hostRate string
	timeout  time.Duration
	within   time.Duration
	shard    string
	shards   int
	against  string
	failOn   string
	format   string
	outs     []string
	metrics  string
	notify   []string
	quiet    bool
	dryRun   bool
	schema   bool
}

func newFleet(env environment) *cobra.Command {
	var o fleetOptions
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
				return writeResult(err)
			}
			if len(args) == 0 {
				return usagef("no inventory was given; say which, as in `halocheck fleet customers.yaml`; --schema prints what it looks like")
			}
			r := &fleetRun{environment: env, options: o, source: filepath.Base(args[0]), defaultTimeout: c.Flags().Changed("timeout")}
			if err := r.prepare(c.Context(), args[0]); err != nil {
				return err
			}
			return r.run(c.Context())
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.results, "results", "", "the `file` that results are added to, one line of JSON each")
	f.BoolVar(&o.resume, "resume", false, "go on with --results: what is there is not checked again")
	f.StringVar(&o.reports, "reports", "", "a `folder` for the whole report of each instance, as NAME.json")
	f.StringVar(&o.against, "against", "", "the results `file` of an earlier run: tell what changed")
	f.StringVar(&o.failOn, "fail-on", "any", failOnUsage)
	f.IntVar(&o.parallel, "parallel", 0, "instances that are worked on at once; default 16 for each processor")
	f.StringVar(&o.rate, "rate", "off", "`N/D` requests to all hosts together, such as 100/1s, or off")
	f.StringVar(&o.hostRate, "host-rate", "300/5m", "`N/D` requests to one host, or off")
	f.DurationVar(&o.timeout, "timeout", instanceTimeout, "for each instance whose entry does not say")
	f.DurationVar(&o.within, "within", 0, "for all instances together; what is not finished then is left to --resume")
	f.StringVar(&o.shard, "shard", "", "`I/N`: only the I-th of N parts of the fleet")
	f.IntVar(&o.shards, "shards", 0, "the number of parts where JOB_COMPLETION_INDEX says which (a Kubernetes Indexed Job)")
	f.StringVar(&o.format, "format", "text", "the summary on standard output: text or json")
	f.StringArrayVar(&o.outs, "out", nil, fleetOutUsage)
	f.StringVar(&o.metrics, "metrics", "", metricsUsage)
	f.StringArrayVar(&o.notify, "notify", nil, notifyUsage)
	f.BoolVar(&o.quiet, "quiet", false, "no line for each finished instance")
	f.BoolVar(&o.dryRun, "dry-run", false, "only read the inventory and name its instances")
	f.BoolVar(&o.schema, "schema", false, "print the JSON Schema of an inventory instead")
	c.AddCommand(newFleetMerge(env))
	return c
}

// fleetMemory is what a fleet may take before it collects garbage eagerly, in bytes.
const fleetMemory = 240 << 20

// instanceTimeout is that of one check.
const instanceTimeout = time.Minute

// prepare reads and checks everything that can be before the first request.
func (r *fleetRun) prepare(ctx context.Context, file string) (err error) {
	o := r.options
	if err := r.checkFlags(); err != nil {
		return err
	}
	if r.shard, err = fleet.ChooseShard(o.shard, o.shards, r.getenv); err != nil {
		return err
	}
	r.cache, r.resolver = &settings.Cache{}, &fleet.Resolver{From: net.DefaultResolver}
	if r.inventory, err = fleet.Load(ctx, r.settings(), file); err != nil {
		return usagef("%w", err)
	}
	memory.Bound(fleetMemory)
	debug.FreeOSMemory() // what reading the inventory took
	r.instances = r.shard.Select(r.inventory.Instances)
	r.pending = r.instances
	for _, i := range r.instances {
		if err := r.validate(ctx, i); err != nil {
			return err
		}
	}
	if o.against != "" {
		if r.baseline, err = fleet.ReadBaseline(ctx, o.against); err != nil {
			return usagef("--against: %w", err)
		}
	}
	return nil
}

// perProcessor is how many instances are worked on at once for each processor: with a round trip of 50 ms that keeps it
// busy, and a check takes about a MiB of memory.
const perProcessor = 16

// checkFlags refuses what is wrong by itself.
func (r *fleetRun) checkFlags() (err error) {
	o := &r.options
	if err := oneOf("format", o.format, "text", "json"); err != nil {
		return err
	}
	if err := oneOf("fail-on", o.failOn, summary.FailOn...); err != nil {
		return err
	}
	switch {
	case o.failOn == "new" && o.against == "":
		return usagef("--fail-on new needs --against, the results of the run that it is new against")
	case o.resume && o.results == "":
		return usagef("--resume needs --results, the file to go on with")
	case o.parallel < 0 || o.parallel > 10_000:
		return usagef("--parallel: %d is not from 1 to 10000", o.parallel)
	case o.timeout <= 0 || o.within < 0:
		return usagef("--timeout and --within need some time, such as 60s")
	}
	if r.schedule.TotalRate, err = fleet.ParseRate(o.rate); err != nil {
		return usagef("--rate: %w", err)
	}
	if r.schedule.HostRate, err = fleet.ParseRate(o.hostRate); err != nil {
		return usagef("--host-rate: %w", err)
	}
	if r.schedule.Parallel = o.parallel; o.parallel == 0 {
		r.schedule.Parallel = perProcessor * processors()
	}
	return nil
}
