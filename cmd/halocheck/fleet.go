package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/fleet"
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
	quiet    bool
	dryRun   bool
	schema   bool
}

func newFleet(w world) *cobra.Command {
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
				_, err := w.out.Write(fleet.SchemaFile)
				return result(err)
			}
			if len(args) == 0 {
				return usagef("no inventory was given; say which, as in `halocheck fleet customers.yaml`; --schema prints what it looks like")
			}
			r := &fleetRun{world: w, options: o, defaultTimeout: c.Flags().Changed("timeout")}
			if err := r.prepare(args[0]); err != nil {
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
	f.DurationVar(&o.timeout, "timeout", defaultTimeout, "for each instance whose entry does not say")
	f.DurationVar(&o.within, "within", 0, "for all instances together; what is not finished then is left to --resume")
	f.StringVar(&o.shard, "shard", "", "`I/N`: only the I-th of N parts of the fleet")
	f.IntVar(&o.shards, "shards", 0, "the number of parts where JOB_COMPLETION_INDEX says which (a Kubernetes Indexed Job)")
	f.StringVar(&o.format, "format", "text", "the summary on standard output: text or json")
	f.StringArrayVar(&o.outs, "out", nil, fleetOutUsage)
	f.StringVar(&o.metrics, "metrics", "", metricsUsage)
	f.BoolVar(&o.quiet, "quiet", false, "no line for each finished instance")
	f.BoolVar(&o.dryRun, "dry-run", false, "only read the inventory and name its instances")
	f.BoolVar(&o.schema, "schema", false, "print the JSON Schema of an inventory instead")
	c.AddCommand(newFleetMerge(w))
	return c
}

// perProcessor is how many instances are worked on at once for each processor: with a round trip of 50 ms that keeps it
// busy, and a check takes about a MiB of memory.
const perProcessor = 16

// fleetRun is one run over a fleet.
type fleetRun struct {
	world
	options        fleetOptions
	defaultTimeout bool // --timeout was typed

	schedule  fleet.Options
	shard     fleet.Shard
	shelf     *shelf
	inventory *fleet.Inventory
	mine      []fleet.Instance // of this shard
	left      []fleet.Instance // of them, those without a result
	older     *fleet.Older
	log       *fleet.Log
	tell      *fleetTeller
	outs      []*outFile
	exposed   []error       // secrets that every user of this machine can read
	missing   []fleet.Shard // of those that are joined
	joined    bool          // the results are those of earlier runs
}

// prepare reads and checks everything that can be before the first request.
func (r *fleetRun) prepare(file string) (err error) {
	o := r.options
	if err := r.checkFlags(); err != nil {
		return err
	}
	if r.shard, err = r.chooseShard(); err != nil {
		return err
	}
	r.shelf = newShelf(&fleet.Resolver{From: net.DefaultResolver})
	if r.inventory, err = fleet.Load(file); err != nil {
		return usagef("%w", err)
	}
	boundMemory()
	r.mine = r.shard.Select(r.inventory.Instances)
	r.left = r.mine
	for _, i := range r.mine {
		if err := r.validate(i); err != nil {
			return err
		}
	}
	if o.against != "" {
		if r.older, err = fleet.OpenOlder(o.against); err != nil {
			return usagef("--against: %w", err)
		}
	}
	return nil
}

// Memory that a fleet may take rather than spend time on collecting it, unless GOMEMLIMIT and GOGC say otherwise.
const (
	softMemory = 240 << 20 // bytes from which on it is given back rather than kept for later
	growth     = 400       // per cent of what is in use that may pile up below that; Go's own default is 100
)

// boundMemory also gives back what reading the inventory took.
func boundMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(softMemory)
	}
	if before := debug.SetGCPercent(growth); before != 100 {
		debug.SetGCPercent(before)
	}
	debug.FreeOSMemory()
}

// checkFlags refuses what is wrong by itself.
func (r *fleetRun) checkFlags() (err error) {
	o := &r.options
	if err := oneOf("format", o.format, "text", "json"); err != nil {
		return err
	}
	if err := oneOf("fail-on", o.failOn, failOns...); err != nil {
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
	if r.schedule.All, err = fleet.ParseRate(o.rate); err != nil {
		return usagef("--rate: %w", err)
	}
	if r.schedule.Each, err = fleet.ParseRate(o.hostRate); err != nil {
		return usagef("--host-rate: %w", err)
	}
	if r.schedule.Parallel = o.parallel; o.parallel == 0 {
		r.schedule.Parallel = perProcessor * processors()
	}
	return nil
}

// chooseShard is the part of the fleet that is this run's.
func (r *fleetRun) chooseShard() (fleet.Shard, error) {
	o := r.options
	switch {
	case o.shard != "" && o.shards != 0:
		return fleet.Shard{}, usagef("--shard says the number of shards already; leave --shards out")
	case o.shard != "":
		s, err := fleet.ParseShard(o.shard)
		if err != nil {
			return s, usagef("--shard: %w", err)
		}
		return s, nil
	case o.shards == 0:
		return fleet.Whole, nil
	}
	index := r.getenv("JOB_COMPLETION_INDEX")
	i, err := strconv.Atoi(index)
	if err != nil {
		return fleet.Shard{}, usagef("--shards needs JOB_COMPLETION_INDEX, which an Indexed Job sets to a number; elsewhere use --shard I/N")
	}
	s, err := fleet.ParseShard(fmt.Sprintf("%d/%d", i+1, o.shards))
	if err != nil {
		return s, usagef("--shards %d: JOB_COMPLETION_INDEX is %d, and counts from 0 to one less than the shards", o.shards, i)
	}
	return s, nil
}

// open opens what results go to, before the first request.
func (r *fleetRun) open() error {
	o := r.options
	if o.reports != "" {
		if err := os.MkdirAll(o.reports, 0o700); err != nil {
			return usagef("--reports: %w", err)
		}
		probe, err := os.CreateTemp(o.reports, ".halocheck.*")
		if err != nil {
			return usagef("--reports: %w", err)
		}
		_ = probe.Close()
		_ = os.Remove(probe.Name())
	}
	if o.results == "" {
		return nil
	}
	run := fleet.Run{Version: toolVersion(), Inventory: r.inventory.Digest, Shard: r.shard, Started: time.Now().UTC()}
	for _, i := range r.mine {
		run.Names = append(run.Names, i.Name)
	}
	var err error
	if !o.resume {
		if r.log, err = fleet.Create(o.results, run); err != nil {
			return usagef("--results: %w", err)
		}
		return nil
	}
	done := map[string]string{}
	var tail fleet.Tail
	r.log, tail, err = fleet.Resume(o.results, run, func(name, digest string) { done[name] = digest })
	if err != nil {
		return usagef("--results: %w", err)
	}
	if tail.Torn > 0 {
		say(r.err, fmt.Errorf("%s: the last line was not finished and is cut off; its instance is checked again", o.results))
	}
	r.left = nil
	for _, i := range r.mine {
		if done[i.Name] != i.Digest() {
			r.left = append(r.left, i)
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
	defer func() { dropOuts(r.outs) }()
	if err := r.open(); err != nil {
		return err
	}
	r.sayExposed()
	defer func() { _ = r.closeLog() }() // where it matters, it is closed below
	if r.options.within > 0 {
		// It is no deadline of a check: with little time left a healthy server would seem slow.
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer time.AfterFunc(r.options.within, func() { cancel(errWithin) }).Stop()
		defer cancel(nil)
	}
	sums := newFleetSums(len(r.mine), r.older, r.outs)
	resumed := len(r.left) < len(r.mine)
	r.tell = newFleetTeller(r.world, len(r.left), r.options.quiet)
	started := time.Now()
	err = fleet.Go(ctx, r.left, r.schedule, r.check, func(result *fleet.Result) error {
		if result == nil {
			return nil // why was told
		}
		if err := r.keep(result); err != nil {
			return err
		}
		if !resumed {
			sums.add(result)
		}
		r.tell.finished(result)
		return nil
	})
	r.tell.erase()
	if closeErr := r.closeLog(); err == nil && closeErr != nil {
		err = unkept(r.options.results, closeErr)
	}
	var kept broken
	if errors.As(err, &kept) {
		return r.stopped(kept)
	}
	if resumed {
		if err := r.sumAll(sums); err != nil {
			return broken{err}
		}
	}
	return r.conclude(sums, started, err)
}

// errWithin is the cause of a run that --within ended.
var errWithin = errors.New("the time of --within was over")

// unkept is a results file that does not take any more.
func unkept(name string, err error) error {
	return broken{fmt.Errorf("%s could not be written: %w", name, err)}
}

// stopped is the clean end of a run whose results cannot be kept.
func (r *fleetRun) stopped(err broken) error {
	way := "nothing more was asked"
	if r.options.results != "" {
		way += "; make room and go on with --resume, nothing that was finished is lost"
	}
	return broken{fmt.Errorf("%w; %s", err.error, way)}
}

// keep writes a result where it is kept.
func (r *fleetRun) keep(result *fleet.Result) error {
	if r.log == nil {
		return nil
	}
	if err := r.log.Append(result); err != nil {
		return unkept(r.options.results, err)
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
func (r *fleetRun) sumAll(sums *fleetSums) error {
	m, err := fleet.Merge([]string{r.options.results})
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	for _, i := range r.mine {
		mine[i.Name] = true
	}
	return m.Each(func(result *fleet.Result) error {
		if mine[result.Name] {
			sums.add(result)
		}
		return nil
	})
}

// interrupted tells whether a run was ended by the user.
func interrupted(err error) bool { return errors.Is(err, probes.ErrInterrupted) }
