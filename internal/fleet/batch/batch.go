// Package batch is one run over a fleet: it reads an inventory, checks its instances, keeps each result as soon as it is there, and
// writes the summary. It also joins the results of runs over parts of a fleet.
package batch

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/progress"
	"github.com/halocheck/halocheck/internal/memory"
	"github.com/halocheck/halocheck/internal/output"
	"github.com/halocheck/halocheck/internal/settings"
)

// Options is what a run is asked for. A zero value is nothing; Shard, FailOn and Format are needed.
type Options struct {
	Results  string        // the file that each result is added to
	Resume   bool          // go on with Results
	Reports  string        // the folder for whole reports
	Schedule fleet.Options // Parallel 0: PerProcessor for each
	Within   time.Duration // for all instances together; 0: no limit
	Shard    fleet.Shard
	Against  string   // the results of an earlier run
	FailOn   string   // one of summary.FailOn
	Format   string   // of the summary on Out: text or json
	Outs     []string // further summaries, FORMAT=FILE
	Metrics  string   // the file of gauges
	Notify   []string // as notify.Parse reads them
	DryRun   bool     // only list the instances
}

// Checker checks the instances of an inventory.
type Checker interface {
	// Validate finds every mistake of an entry without asking anything.
	Validate(ctx context.Context, i fleet.Instance) error

	// Check asks one instance. An exit.InternalError ends the run; another error says why this one could not be started.
	Check(ctx context.Context, i fleet.Instance, opts ...halocheck.Option) (*halocheck.Report, error)
}

// Run is one run over a fleet.
type Run struct {
	Options
	Checker  Checker
	Settings settings.Table // what an entry may say
	Out      io.Writer      // gets the summary
	Tell     func(error)    // is told what is no result
	Progress func(pending int) *progress.Progress

	source        string // the inventory's file; empty: results are joined
	resolver      *fleet.Resolver
	inventory     *fleet.Inventory
	instances     []fleet.Instance // of this shard
	pending       []fleet.Instance // of them, those without a result
	baseline      *fleet.Baseline
	resultsFile   *fleet.ResultsFile
	progress      *progress.Progress
	files         []*output.File
	missingShards []fleet.Shard // of those that are joined
	joined        bool          // the results are those of earlier runs
}

// Memory is what a fleet may take before it collects garbage eagerly, in bytes.
const Memory = 240 << 20

// PerProcessor is how many instances are worked on at once for each processor: with a round trip of 50 ms that keeps it busy, and a
// check takes about a MiB of memory.
const PerProcessor = 16

// Load reads and checks everything that can be before the first request.
func (r *Run) Load(ctx context.Context, file string) (err error) {
	if r.Schedule.Parallel == 0 {
		r.Schedule.Parallel = PerProcessor * runtime.GOMAXPROCS(0)
	}
	r.source, r.resolver = filepath.Base(file), &fleet.Resolver{From: net.DefaultResolver}
	if r.inventory, err = fleet.Load(ctx, r.Settings, file); err != nil {
		return err
	}
	memory.Bound(Memory)
	debug.FreeOSMemory() // what reading the inventory took
	r.instances = r.Shard.Select(r.inventory.Instances)
	r.pending = r.instances
	for _, i := range r.instances {
		if err := r.Checker.Validate(ctx, i); err != nil {
			return err
		}
	}
	return r.readBaseline(ctx)
}

// readBaseline reads the results of the earlier run.
func (r *Run) readBaseline(ctx context.Context) (err error) {
	if r.Against != "" {
		r.baseline, err = fleet.ReadBaseline(ctx, r.Against)
	}
	return refuse("against", err)
}

// Say tells something that is no result; on a terminal above the line of progress.
func (r *Run) Say(err error) {
	if r.progress == nil {
		r.Tell(err)
		return
	}
	r.progress.Above(func(io.Writer) { r.Tell(err) })
}

// refuse is the error of a setting; nil stays nil.
func refuse(setting string, err error) error {
	if err == nil {
		return nil
	}
	return &halocheck.SettingError{Setting: setting, Problem: err}
}

// unwritten is a file that does not take any more.
func unwritten(name string, err error) error {
	return fmt.Errorf("%s could not be written: %w", name, err)
}
