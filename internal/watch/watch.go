// Package watch judges an instance again and again until it is conformant. While a root cause is open, a round asks only what
// that requirement needs, with everything before it carried over from the last whole run; once it holds, everything is asked.
package watch

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/compare"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// Most requests of a round while a root cause is open.
const roundRequests = 3

// Check is one run with further options; it returns a report, or why nothing was asked.
type Check func(ctx context.Context, more ...halocheck.Option) (*halocheck.Report, error)

// Options say how long and how often.
type Options struct {
	Every time.Duration // between two rounds
	For   time.Duration // for all of them
	Tell  func(Event)   // hears what changed; nil: nobody
}

// Event is something that changed.
type Event struct {
	Time   time.Time
	Fixed  []string          // IDs that hold now
	Broken []string          // IDs that held before and fail now
	Other  []probes.Finding  // what fails for another reason than before
	Next   string            // the root cause that is open; empty: none
	Report *halocheck.Report // the last whole run
}

// Run checks until the instance is conformant, the time is over, or ctx ends. It returns the first and the last whole report; an
// error means that there is none.
func Run(ctx context.Context, check Check, o Options) (first, last *halocheck.Report, err error) {
	l := &loop{check: check, tell: o.Tell, requests: &window{}}
	if l.tell == nil {
		l.tell = func(Event) {}
	}
	return l.run(ctx, o)
}

func (l *loop) run(ctx context.Context, o Options) (first, last *halocheck.Report, err error) {
	if first, err = l.everything(ctx); err != nil {
		return nil, nil, err
	}
	l.last = first
	l.tell(Event{Time: time.Now(), Next: open(first), Report: first})
	end := time.Now().Add(o.For)
	for l.last.Outcome != halocheck.Conformant {
		if !sleep(ctx, min(o.Every, time.Until(end))) {
			break
		}
		over := !time.Now().Before(end)
		if err := l.round(ctx, over); err != nil {
			return first, l.last, err
		}
		if over {
			break
		}
	}
	return first, l.last, nil
}

// loop is a watch that goes on.
type loop struct {
	check    Check
	tell     func(Event)
	requests *window
	last     *halocheck.Report // the last whole run
	session  *probes.Session   // of that run
	asked    time.Time         // when that run began
	saved    int               // requests that rounds were cut short of
}

// round asks what the open root cause needs, and everything where that holds or where this is the end.
func (l *loop) round(ctx context.Context, whole bool) error {
	root := open(l.last)
	if !whole && root != "" {
		state, err := l.ask(ctx, root)
		if err != nil {
			return err
		}
		l.saved += roundRequests
		whole = state == holds || time.Since(l.asked) >= halo.LimitWindow || state == cut && l.saved >= max(l.last.Requests, roundRequests)
	}
	if !whole && root != "" || ctx.Err() != nil {
		return nil
	}
	before := l.last
	r, err := l.everything(ctx)
	if err != nil || ctx.Err() != nil {
		return ignoreEnd(ctx, err)
	}
	l.last = r
	if e := changes(before, r); len(e.Fixed)+len(e.Broken)+len(e.Other) > 0 || r.Outcome != before.Outcome {
		l.tell(e)
	}
	return nil
}

// everything is a whole run, once there is room for its requests.
func (l *loop) everything(ctx context.Context) (*halocheck.Report, error) {
	if l.last != nil {
		if err := l.requests.wait(ctx, min(l.last.Requests+roundRequests, halo.RequestLimit)); err != nil {
			return nil, err
		}
	}
	l.saved, l.asked = 0, time.Now()
	var session *probes.Session
	r, err := l.check(ctx, halocheck.WithLimiter(l.requests.take), halocheck.WithSession(func(s *probes.Session) { session = s }))
	if r != nil && ctx.Err() == nil {
		l.session = session
	}
	return r, err
}

// state is what a round found out.
type state int

const (
	fails state = iota
	holds
	cut // more requests were needed than a round has
)

// errCut ends a round that would need more requests.
var errCut = errors.New("this round has no more requests")

// ask judges one requirement again, with what stands before it carried over.
func (l *loop) ask(ctx context.Context, root string) (state, error) {
	var sent atomic.Int32
	limit := func(ctx context.Context, host string) error {
		if sent.Add(1) > roundRequests {
			return errCut
		}
		return l.requests.take(ctx, host)
	}
	if err := l.requests.wait(ctx, roundRequests); err != nil {
		return fails, ignoreEnd(ctx, err)
	}
	r, err := l.check(ctx, halocheck.WithLimiter(limit), halocheck.WithSession(func(s *probes.Session) {
		s.Only = []string{root} // instead of what the user narrowed the check to, which holds the root cause
		if l.session != nil {
			answers, tokens := carried(root)
			halo.CarryOver(s, l.session, answers, tokens)
		}
	}))
	if err != nil || ctx.Err() != nil {
		return fails, ignoreEnd(ctx, err)
	}
	held := len(r.Findings) > 0
	for _, f := range r.Findings {
		held = held && f.ID == root && (f.Status == probes.Passed || f.Status == probes.NotApplicable)
	}
	switch {
	case held:
		return holds, nil
	case sent.Load() > roundRequests:
		return cut, nil
	}
	l.tellOther(r.Findings)
	return fails, nil
}

// tellOther tells of requirements that fail for another reason than in the last whole run.
func (l *loop) tellOther(findings []probes.Finding) {
	var other []probes.Finding
	for _, f := range findings {
		at := probes.IndexFinding(l.last.Findings, f)
		if at >= 0 && f.Status == probes.Failed && l.last.Findings[at].Cause != f.Cause {
			l.last.Findings[at] = f
			other = append(other, f)
		}
	}
	if len(other) > 0 {
		l.tell(Event{Time: time.Now(), Other: other, Next: open(l.last), Report: l.last})
	}
}

// open is the requirement to wait for: the first root cause, else the first Must that nobody could judge; empty: there is none.
func open(r *halocheck.Report) string {
	if len(r.RootCauses) > 0 {
		return r.RootCauses[0]
	}
	for _, f := range r.Findings {
		if f.Level == probes.Must && f.Waived == nil && (f.Status == probes.Unknown || f.Status == probes.Broken) {
			return f.ID
		}
	}
	return ""
}

// changes compares two whole runs. What could not be asked before and passes now was not fixed.
func changes(before, now *halocheck.Report) Event {
	e := Event{Time: time.Now(), Next: open(now), Report: now}
	for _, p := range compare.Pairs(before.Findings, now.Findings) {
		if p.Old == nil || p.New == nil {
			continue
		}
		switch kind := p.Kind(); {
		case kind == compare.Fixed, kind == compare.Settled && open(before) == p.New.ID:
			e.Fixed = appendNew(e.Fixed, p.New.ID)
		case kind == compare.Broken && compare.StateOf(p.Old) == compare.Holds:
			e.Broken = appendNew(e.Broken, p.New.ID)
		}
	}
	return e
}

func appendNew(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// ignoreEnd drops the error of a run that ended because ctx did.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// sleep waits, and tells whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
