package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/probes"
)

// The bounds of a job. Whoever is killed at work has its job taken over after rescueAfter.
const (
	slice       = 30 * time.Second // a job starts no check after this; what is left is worked on in its next turn
	MaxTimeout  = 90 * time.Second // of one entry
	jobTimeout  = slice + MaxTimeout + 15*time.Second
	rescueAfter = jobTimeout + 15*time.Second
	kept        = 7 * 24 * time.Hour // finished jobs
	lookEvery   = time.Minute        // whether a night has begun
)

// ShutdownTimeout is how long a worker may take to end: whoever stops it should wait that long.
const ShutdownTimeout = jobTimeout

// The priorities: what somebody waits for goes before the night.
const (
	onDemand = 1
	nightly  = 3
)

// Options are how a worker works.
type Options struct {
	Store    *store.Store
	Database string        // as for [store.Open]
	Night    time.Duration // when a night begins, after midnight UTC; negative: nothing is checked but on demand
	Parallel int           // jobs at once
	HostRate fleet.Rate    // requests to one host
	Table    settings.Table
	Source   settings.Source
	Tell     func(error)           // what is no result
	Session  func(*probes.Session) // called with the session of each check; it may be nil
	Now      func() time.Time
	rescue   time.Duration // 0: rescueAfter
}

// CheckArgs are a job: the entries of a host, in a run of its own name.
type CheckArgs struct {
	Host string `json:"host" river:"unique"`
	Run  string `json:"run" river:"unique"` // the night's date, or a word of its own
}

// Kind is the name of such jobs.
func (CheckArgs) Kind() string { return "check" }

// lookArgs are the job that makes the jobs of a night.
type lookArgs struct{}

func (lookArgs) Kind() string { return "night" }

// opts of a check: one job for a host and a run, whatever became of it.
func opts(priority int) *river.InsertOpts {
	return &river.InsertOpts{Priority: priority, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: rivertype.JobStates()}}
}

// Enqueue makes a job for every host of the inventory, before those of the night, and returns the name of the run and their number.
func Enqueue(ctx context.Context, s *store.Store, database string) (run string, n int, err error) {
	run = "demand-" + time.Now().UTC().Format("20060102-150405.000")
	err = onDriver(ctx, s, database, func(c client) error {
		n, err = insert(ctx, s, c, run, onDemand)
		return err
	})
	return run, n, err
}

// insert makes the jobs of a run that are not there.
func insert(ctx context.Context, s *store.Store, c inserter, run string, priority int) (int, error) {
	hosts, err := s.InventoryHosts(ctx)
	if err != nil || len(hosts) == 0 {
		return 0, err
	}
	var list []river.InsertManyParams
	for _, host := range hosts {
		list = append(list, river.InsertManyParams{Args: CheckArgs{host, run}, InsertOpts: opts(priority)})
	}
	made, err := c.InsertMany(ctx, list)
	n := 0
	for _, one := range made {
		if !one.UniqueSkippedAsDuplicate {
			n++
		}
	}
	return n, err
}

// Work works on jobs until ctx ends, and then finishes the checks that are under way.
func Work(ctx context.Context, o Options) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.rescue == 0 {
		o.rescue = rescueAfter
	}
	if o.Session == nil {
		o.Session = func(*probes.Session) {}
	}
	w := &worker{Options: o, ending: ctx, limits: fleet.NewLimits(o.HostRate), resolver: &fleet.Resolver{From: net.DefaultResolver}}
	workers := river.NewWorkers()
	river.AddWorker(workers, w)
	river.AddWorker(workers, &look{worker: w})
	err := onDriverWith(ctx, o.Store, o.Database, w.config(workers), func(c client) error {
		// It goes on with what is under way when ctx ends, and no database is needed for the wait.
		if err := c.Start(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		<-ctx.Done()
		return c.Stop(context.WithoutCancel(ctx))
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil // it was told to end before it had begun
	}
	return err
}

// config is the client of a worker.
func (w *worker) config(workers *river.Workers) *river.Config {
	config := &river.Config{
		Logger: slog.New(slog.DiscardHandler), Workers: workers, JobTimeout: min(jobTimeout, w.rescue), RescueStuckJobsAfter: w.rescue,
		CompletedJobRetentionPeriod: kept, CancelledJobRetentionPeriod: kept, DiscardedJobRetentionPeriod: kept,
		Queues:          map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: w.Parallel}},
		ErrorHandler:    w,
		SoftStopTimeout: jobTimeout,
	}
	if w.Night >= 0 {
		config.PeriodicJobs = []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(lookEvery), func() (river.JobArgs, *river.InsertOpts) {
			return lookArgs{}, &river.InsertOpts{Priority: onDemand, UniqueOpts: river.UniqueOpts{ByPeriod: lookEvery}}
		}, &river.PeriodicJobOpts{RunOnStart: true})}
	}
	return config
}

// client is River's, on either driver.
type client interface {
	inserter
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

type inserter interface {
	InsertMany(ctx context.Context, list []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
}

func onDriver(ctx context.Context, s *store.Store, database string, f func(client) error) error {
	return onDriverWith(ctx, s, database, &river.Config{Logger: slog.New(slog.DiscardHandler)}, f)
}

// onDriverWith hands f a client of the database, whose tables of River are brought up to date.
func onDriverWith(ctx context.Context, s *store.Store, database string, config *river.Config, f func(client) error) error {
	db, postgres := s.DB()
	if !postgres {
		config.PollOnly = true
		return on[*sql.Tx](ctx, riversqlite.New(db), config, f)
	}
	pool, err := pgxpool.New(context.WithoutCancel(ctx), database)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	defer pool.Close()
	return on[pgx.Tx](ctx, riverpgxv5.New(pool), config, f)
}

func on[TTx any](ctx context.Context, driver riverdriver.Driver[TTx], config *river.Config, f func(client) error) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: config.Logger})
	if err == nil {
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	var c *river.Client[TTx]
	if err == nil {
		c, err = river.NewClient(driver, config)
	}
	if err == nil {
		err = f(c)
	}
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// HandleError tells of a job that failed; River tries it again.
func (w *worker) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	w.Tell(fmt.Errorf("job %d is tried again: %w", job.ID, err))
	return nil
}

// HandlePanic does the same for one that broke.
func (w *worker) HandlePanic(_ context.Context, job *rivertype.JobRow, what any, _ string) *river.ErrorHandlerResult {
	w.Tell(fmt.Errorf("job %d broke, which is halocheck's own fault: %v", job.ID, what))
	return nil
}

// look makes the jobs of the night that has begun.
type look struct {
	river.WorkerDefaults[lookArgs]
	worker *worker
}

// Work makes them once a night, be it late.
func (l *look) Work(ctx context.Context, _ *river.Job[lookArgs]) error {
	c := inserterFrom(ctx)
	if c == nil {
		return errors.New("there is no client")
	}
	night := l.worker.Now().UTC().Add(-l.worker.Night).Format(time.DateOnly)
	_, err := insert(ctx, l.worker.Store, c, night, nightly)
	return err
}

// inserterFrom is the client that works on a job.
func inserterFrom(ctx context.Context) inserter {
	if c, err := river.ClientFromContextSafely[pgx.Tx](ctx); err == nil {
		return c
	}
	if c, err := river.ClientFromContextSafely[*sql.Tx](ctx); err == nil {
		return c
	}
	return nil
}
