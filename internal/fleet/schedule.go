package fleet

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options bounds a fleet run. The zero value of a field is its default.
type Options struct {
	Parallel  int           // active checks; default 32
	Waiting   int           // further checks that wait for a slow server; default 1024
	SlotTime  time.Duration // after this a check counts as waiting; default 1 s
	TotalRate Rate          // requests to all hosts together; default no limit
	HostRate  Rate          // requests to one host; default no limit
}

// Defaults of [Options].
const (
	defaultParallel = 32
	defaultWaiting  = 1024
	defaultSlotTime = time.Second
)

func (o Options) filled() Options {
	if o.Parallel == 0 {
		o.Parallel = defaultParallel
	}
	if o.Waiting == 0 {
		o.Waiting = defaultWaiting
	}
	if o.SlotTime == 0 {
		o.SlotTime = defaultSlotTime
	}
	return o
}

// Check checks one instance. It sets its own deadline.
type Check func(context.Context, Instance, *Permit) (*Result, error)

// CheckAll checks every instance and hands each result to done, one at a time. It stops at the first error of check or done, and
// when ctx ends: then what was not finished has no result, and the error is ctx's cause.
//
// Hosts take turns; an instance whose host has used up its rate waits. A check that runs longer than SlotTime frees its slot
// for the next one, so that a thousand silent servers delay the others by a few slot times, not by their deadlines. No slot is
// freed that way while this machine is overloaded.
func CheckAll(ctx context.Context, instances []Instance, o Options, check Check, done func(*Result) error) error {
	o = o.filled()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := newQueue(instances)
	limits := newRateLimits(o.TotalRate, o.HostRate)
	places, all := make(chan struct{}, o.Parallel), make(chan struct{}, o.Parallel+o.Waiting)
	var machine overloadDetector
	watching, rest := context.WithCancel(ctx)
	defer rest()
	go machine.watch(watching)
	var serial sync.Mutex
	var running sync.WaitGroup
	defer running.Wait()
	for {
		if !acquire(ctx, all) || !acquire(ctx, places) {
			break
		}
		i, pass, ok := queue.next(ctx, limits)
		if !ok {
			break
		}
		running.Go(func() {
			seat := &slot{slots: places, slotTime: o.SlotTime, overload: &machine}
			seat.startTimer()
			defer func() { seat.release(); <-all }()
			result, err := check(ctx, i, pass)
			serial.Lock()
			defer serial.Unlock()
			if ctx.Err() != nil {
				return // the end of ctx may have cut the result short
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

// slot is a check's place among the active ones.
type slot struct {
	slots    <-chan struct{}
	slotTime time.Duration
	overload *overloadDetector

	mu       sync.Mutex
	released bool
	timer    *time.Timer
}

// startTimer releases the slot after slotTime. On an overloaded machine it waits for another slotTime.
func (s *slot) startTimer() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.released {
		return
	}
	s.timer = time.AfterFunc(s.slotTime, func() {
		if s.overload.overloaded() {
			s.startTimer()
			return
		}
		s.release()
	})
}

// release frees the slot, once.
func (s *slot) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.released {
		return
	}
	s.released = true
	s.timer.Stop()
	<-s.slots
}

// acquire waits for a free slot; false where ctx ends first.
func acquire(ctx context.Context, room chan<- struct{}) bool {
	select {
	case room <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// queue holds the instances that were not started, by the host whose rate limit counts.
type queue struct {
	hosts    []*hostQueue // hosts with instances left
	position int
}

type hostQueue struct {
	host      string
	remaining []Instance
}

// newQueue groups the instances by host, in the order of the inventory.
func newQueue(instances []Instance) *queue {
	q := &queue{}
	byHost := map[string]*hostQueue{}
	for _, i := range instances {
		host := Host(i)
		t := byHost[host]
		if t == nil {
			t = &hostQueue{host: host}
			byHost[host] = t
			q.hosts = append(q.hosts, t)
		}
		t.remaining = append(t.remaining, i)
	}
	return q
}

// next waits for the first instance, host by host in turns, that gets a permit; false where none is left or ctx ended.
func (q *queue) next(ctx context.Context, l *rateLimits) (Instance, *Permit, bool) {
	for len(q.hosts) > 0 && ctx.Err() == nil {
		now, shortest := time.Now(), time.Duration(0)
		for range q.hosts {
			if q.position >= len(q.hosts) {
				q.position = 0
			}
			t := q.hosts[q.position]
			pass, wait := l.admit(t.host, prepaidHost, now)
			if pass == nil {
				if shortest == 0 || wait < shortest {
					shortest = wait
				}
				q.position++
				continue
			}
			i := t.remaining[0]
			if t.remaining = t.remaining[1:]; len(t.remaining) == 0 {
				q.hosts = append(q.hosts[:q.position], q.hosts[q.position+1:]...)
			} else {
				q.position++
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
