package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/settings"
)

// perHost is how many entries of one host are checked at once.
const perHost = 4

// hostTaken is how long a job waits whose host is asked by another.
const hostTaken = 5 * time.Second

// worker works on the jobs that check.
type worker struct {
	river.WorkerDefaults[CheckArgs]
	Options
	ending   context.Context // of the whole worker: after its end no check is started
	limits   *fleet.Limits
	resolver *fleet.Resolver
}

// errSlice: the rest is for the job's next turn.
var errSlice = errors.New("the job's turn is over")

// Work checks the host's entries that have no result in this run.
func (w *worker) Work(ctx context.Context, job *river.Job[CheckArgs]) error {
	entries, err := w.Store.Inventory(ctx, job.Args.Host)
	if err != nil {
		return err
	}
	holder := strconv.FormatInt(job.ID, 10)
	held, err := w.takeHost(ctx, job.Args.Host, holder)
	if err != nil {
		return err
	}
	if !held {
		return river.JobSnooze(hostTaken)
	}
	turn, over := context.WithTimeoutCause(ctx, slice, errSlice)
	defer over()
	defer context.AfterFunc(w.ending, over)()
	left := false
	var checks errgroup.Group
	checks.SetLimit(perHost)
	for _, i := range entries {
		id := RunID(job.Args.Run, i.Name)
		done, err := w.Store.HasRun(ctx, id)
		if err != nil {
			return errors.Join(err, checks.Wait())
		}
		if done {
			continue
		}
		permit, err := w.limits.Admit(turn, i)
		if err != nil {
			left = true
			break
		}
		checks.Go(func() error { return w.check(ctx, id, i, permit) })
	}
	if err := errors.Join(checks.Wait(), context.Cause(ctx)); err != nil {
		return err // the host counts as asked as often as may be
	}
	if err := w.Store.LeaveHost(ctx, job.Args.Host, holder, w.Now().Add(w.limits.Full(job.Args.Host))); err != nil {
		return err
	}
	if left {
		return river.JobSnooze(0)
	}
	return nil
}

// takeHost takes the host for a job, and its rate where the last job left it; false: another job asks this host, be it of
// another run. Until the job says how much of the rate it used, it counts as all.
func (w *worker) takeHost(ctx context.Context, host, holder string) (bool, error) {
	full, held, err := w.Store.HoldHost(ctx, host, holder, w.Now(), w.rescue, w.limits.Most())
	if err == nil && held {
		w.limits.Start(host, full.Sub(w.Now()))
	}
	return held, err
}

// RunID is the name under which an entry's result is kept.
func RunID(run, entry string) string { return run + "-" + strings.ToLower(entry) }

// check checks one entry and keeps its result. What cannot be checked is told; the others are.
func (w *worker) check(ctx context.Context, id string, i fleet.Instance, permit *fleet.Permit) error {
	a, err := Arguments(ctx, i, w.Table, w.Source)
	if err != nil {
		w.Tell(err)
		return nil
	}
	r, err := halocheck.Run(ctx, a.Target, slices.Concat(a.Options, []halocheck.Option{
		halocheck.WithLimiter(permit.Wait), halocheck.WithResolver(w.resolver), halocheck.WithSession(w.Session),
		halocheck.WithPanicHandler(func(where, what, _ string) {
			w.Tell(fmt.Errorf("%s: it broke in %s, which is its own fault: %s", i.Name, where, what))
		}),
	})...)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx) // its end may have cut the result short
	case err != nil:
		w.Tell(i.Errorf("", "%s", err))
		return nil
	}
	_, err = w.Store.SaveFor(ctx, id, "worker", r)
	return err
}

// Arguments are what an entry says for a check. It asks nothing.
func Arguments(ctx context.Context, i fleet.Instance, table settings.Table, source settings.Source) (*settings.Arguments, error) {
	v := settings.NewValues(table, settings.Inventory)
	if err := i.Fill(v); err != nil {
		return nil, err
	}
	getenv, err := i.FillSecrets(v, source.Getenv)
	if err != nil {
		return nil, err
	}
	source.Getenv = getenv
	if err := v.Validate(); err != nil {
		return nil, i.Errorf("", "%s", err)
	}
	a, err := v.Arguments(ctx, source)
	if err != nil {
		return nil, i.Errorf("", "%s", err)
	}
	return a, nil
}

// Validate refuses an entry that no job can check. It asks nothing, and looks at no secret: those are with the workers.
func Validate(i fleet.Instance, table settings.Table) error {
	if len(i.Get("fake")) > 0 {
		return i.Errorf("fake", "a fake is checked with `halocheck fleet` alone")
	}
	v := settings.NewValues(table, settings.Inventory)
	if err := i.Fill(v); err != nil {
		return err
	}
	if err := v.Validate(); err != nil {
		return i.Errorf("", "%s", err)
	}
	if v.Duration("timeout") > MaxTimeout {
		return i.Errorf("timeout", "a worker gives a check %s at most", MaxTimeout)
	}
	return nil
}
