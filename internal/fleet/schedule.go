package fleet

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options is how a fleet is gone through. The zero value of a field is its default.
type Options struct {
	Parallel int           // checks that may be at work at once; default 32
	Waiting  int           // further ones that only wait for a slow server; default 1024
	Patience time.Duration // how long a check counts as being at work; default 1 s
	All      Rate          // requests to all hosts together; default no limit
	Each     Rate          // requests to one host; default no limit
}

// Defaults of [Options].
const (
	defaultParallel = 32
	defaultWaiting  = 1024
	defaultPatience = time.Second
)

func (o Options) filled() Options {
	if o.Parallel == 0 {
		o.Parallel = defaultParallel
	}
	if o.Waiting == 0 {
		o.Waiting = defaultWaiting
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	return o
}

// Check runs one instance. Its deadline is its own affair.
type Check func(context.Context, Instance, *Pass) (*Result, error)

// Go checks every instance and hands each result to done, one at a time. It stops at the first error of check or done, and
// when ctx ends: then what was not finished has no result, and the error is ctx's cause.
//
// The order is fair: hosts take turns, and an instance whose host has had its share of requests steps aside. A check that
// still runs after the patience is over gives its place to the next, so that a thousand servers that keep silent delay the
// others by some patience, not by their deadlines. While this machine itself is too slow nobody gives up a place.
func Go(ctx context.Context, instances []Instance, o Options, check Check, done func(*Result) error) error {
	o = o.filled()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := newQueue(instances)
	limits := newLimits(o.All, o.Each)
	places, all := make(chan struct{}, o.Parallel), make(chan struct{}, o.Parallel+o.Waiting)
	var machine pulse
	watching, rest := context.WithCancel(ctx)
	defer rest()
	go machine.feel(watching)
	var serial sync.Mutex
	var running sync.WaitGroup
	defer running.Wait()
	for {
		if !take(ctx, all) || !take(ctx, places) {
			break
		}
		i, pass, ok := queue.next(ctx, limits)
		if !ok {
			break
		}
		running.Go(func() {
			seat := &seat{places: places, patience: o.Patience, pulse: &machine}
			seat.wait()
			defer func() { seat.leave(); <-all }()
			result, err := check(ctx, i, pass)
			serial.Lock()
			defer serial.Unlock()
			if ctx.Err() != nil {
				return // what came too late may be cut short
			}
			if err == nil {
				err = done(result)
			}
			if err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// seat is a check's place among those that are at work.
type seat struct {
	places   <-chan struct{}
	patience time.Duration
	pulse    *pulse

	mu    sync.Mutex
	left  bool
	timer *time.Timer
}

// wait gives the place to the next after the patience, unless it is this machine that is slow: then after another one.
func (s *seat) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left {
		return
	}
	s.timer = time.AfterFunc(s.patience, func() {
		if s.pulse.overloaded() {
			s.wait()
			return
		}
		s.leave()
	})
}

// leave gives the place away, once.
func (s *seat) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left {
		return
	}
	s.left = true
	s.timer.Stop()
	<-s.places
}

// take is true once there is room.
func take(ctx context.Context, room chan<- struct{}) bool {
	select {
	case room <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// queue is what is left to do, by the host whose share of requests counts.
type queue struct {
	turns []*turn // hosts with something left
	at    int
}

type turn struct {
	host string
	left []Instance
}

// newQueue puts instances that share a host behind one another, in the order of the inventory.
func newQueue(instances []Instance) *queue {
	q := &queue{}
	byHost := map[string]*turn{}
	for _, i := range instances {
		host := Host(i)
		t := byHost[host]
		if t == nil {
			t = &turn{host: host}
			byHost[host] = t
			q.turns = append(q.turns, t)
		}
		t.left = append(t.left, i)
	}
	return q
}

// next waits for the first instance, host by host in turns, that may be let in; false where none is left or ctx ended.
func (q *queue) next(ctx context.Context, l *limits) (Instance, *Pass, bool) {
	for len(q.turns) > 0 && ctx.Err() == nil {
		now, shortest := time.Now(), time.Duration(0)
		for range q.turns {
			if q.at >= len(q.turns) {
				q.at = 0
			}
			t := q.turns[q.at]
			pass, wait := l.enter(t.host, now)
			if pass == nil {
				if shortest == 0 || wait < shortest {
					shortest = wait
				}
				q.at++
				continue
			}
			i := t.left[0]
			if t.left = t.left[1:]; len(t.left) == 0 {
				q.turns = append(q.turns[:q.at], q.turns[q.at+1:]...)
			} else {
				q.at++
			}
			return i, pass, true
		}
		pause(ctx, shortest)
	}
	return Instance{}, nil, false
}

// pause waits for d, or for the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(max(d, time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Host is where the limit of an instance counts: its Authorisation host where one was written, since customers may share
// that, else its Resource host. For a fake it is the instance's own name.
func Host(i Instance) string {
	for _, name := range []string{"auth-url", "url"} {
		text := i.first(name)
		if text == "" {
			continue
		}
		if !strings.Contains(text, "://") {
			text = "https://" + text
		}
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			return strings.TrimSuffix(strings.ToLower(u.Host), ":443")
		}
	}
	return i.Name
}
