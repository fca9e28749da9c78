package probes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// A Probe asks one question. T is the answer: a plain value that survives JSON and has no field for a secret.
type Probe[T any] struct {
	Name string // "trust.chain"; also the key of its answer in a report
	Asks string // what goes over the wire, as a reader of the firewall's log needs it
	// Look asks. Being refused is an answer; an error means that it could not ask.
	Look func(context.Context, *Session) (T, error)
	// AlwaysAnswers says that Look returns at once and with a whole answer where its context ends: what was typed is known
	// whatever the instance says, so an interrupted run still judges it.
	AlwaysAnswers bool
	// Derived says that the answer is put together from those of other probes: it is not kept as evidence, and is put
	// together again where a saved report is judged.
	Derived bool
}

// Unmet means that a question cannot be asked until the requirement ID holds. ID is the root: the innermost one.
type Unmet struct{ ID string }

func (u *Unmet) Error() string { return u.ID + " has to hold first" }

// Unobserved means that nothing is wrong, yet the question could not be put: no credentials, no vantage point.
type Unobserved struct {
	Cause   Cause
	Because string
	Remedy  *Remedy
}

func (u *Unobserved) Error() string { return u.Because }

// ErrSameHost is returned for questions about an Authorisation host that is the Resource host: they were asked already.
var ErrSameHost = errors.New("the authorisation host is the resource host")

// errPanicked marks an error that is halocheck's own fault.
var errPanicked = errors.New("halocheck broke")

// answer is one question's slot: done is closed once value, err and took are set.
type answer struct {
	done  chan struct{}
	name  string // empty: it is not kept as evidence
	value any
	err   error
	took  time.Duration
}

// Look returns p's answer. A question is asked at most once in a session, under the context of the whole run, since the
// answer is shared. The caller waits no longer than ctx. A panic inside the question is an error for every caller. In a
// session made from a saved report the saved answer is returned; a question without one is not asked.
func Look[T any](ctx context.Context, s *Session, p *Probe[T]) (T, error) {
	var zero T
	a := begin(ctx, s, p)
	select {
	case <-a.done:
	case <-ctx.Done():
		select {
		case <-a.done: // an answer that came stays one
		default:
			return zero, context.Cause(ctx)
		}
	}
	if a.err != nil {
		return zero, a.err
	}
	v, _ := a.value.(T)
	return v, nil
}

// Seen is p's answer where the session has one, and asks nothing.
func Seen[T any](s *Session, p *Probe[T]) (v T, ok bool) {
	s.mu.Lock()
	a := s.answers[p]
	s.mu.Unlock()
	if a == nil {
		return v, false
	}
	select {
	case <-a.done:
		v, ok = a.value.(T)
		return v, ok && a.err == nil
	default:
		return v, false
	}
}

// Begin starts to ask p's question, unless it was asked already, and does not wait for the answer.
func Begin[T any](ctx context.Context, s *Session, p *Probe[T]) { begin(ctx, s, p) }

func begin[T any](ctx context.Context, s *Session, p *Probe[T]) *answer {
	name := p.Name
	if p.Derived {
		name = ""
	}
	a, mine := s.slot(p, name)
	if mine {
		go func() {
			start := time.Now()
			a.value, a.err = ask(s.runContext(ctx), s, p)
			a.took = time.Since(start)
			close(a.done)
		}()
	}
	return a
}

func ask[T any](ctx context.Context, s *Session, p *Probe[T]) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			what, stack := panicOrigin(r)
			s.onPanic(p.Name, what, stack)
			err = fmt.Errorf("%s: %w", p.Name, errPanicked)
		}
	}()
	if s.saved != nil && !p.Derived {
		raw, ok := s.saved[p.Name]
		if !ok {
			return v, errNotSaved
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			var zero T
			return zero, &Unobserved{Cause: NotObserved, Because: fmt.Sprintf("the answer that the report holds under %q cannot be read: it was edited, or comes from another version", p.Name)}
		}
		return v, nil
	}
	if ctx.Err() != nil && !p.Derived && !p.AlwaysAnswers { // nothing is asked after the run's end
		return v, context.Cause(ctx)
	}
	return p.Look(context.WithValue(ctx, askingKey{}, [2]string{p.Name, p.Asks}), s)
}

type askingKey struct{}

// Asking is the probe that asks under ctx, and what it says it asks; both are empty outside of a look.
func Asking(ctx context.Context) (name, asks string) {
	asking, _ := ctx.Value(askingKey{}).([2]string)
	return asking[0], asking[1]
}

// Need returns the answer that r judges if r holds, does not apply, or is unknown and was attested. Otherwise the error names the innermost unmet
// requirement: the one that r's own question already waits for, or r itself.
func Need[T any](ctx context.Context, s *Session, r *Requirement[T]) (T, error) {
	v, err := Look(ctx, s, r.Given)
	if err != nil {
		var unmet *Unmet
		var unobserved *Unobserved
		if errors.As(err, &unmet) || errors.As(err, &unobserved) || errors.Is(err, ErrSameHost) || errors.Is(err, errNotSaved) || ctx.Err() != nil {
			return v, err
		}
		return v, r.Unmet()
	}
	switch verdict, ok := r.judge(s, v); {
	case ok && (verdict.Status == Passed || verdict.Status == NotApplicable || verdict.Status == Unknown && s.Attested[r.ID] != ""):
		return v, nil
	default:
		return v, r.Unmet()
	}
}

// judge is the verdict on the session's answer, made once: same answer, same verdict. ok is false where Judge panicked.
func (r *Requirement[T]) judge(s *Session, v T) (verdict Verdict, ok bool) {
	once, _ := s.verdicts.LoadOrStore(r, sync.OnceValues(func() (Verdict, bool) { return r.judged(s, v) }))
	return once.(func() (Verdict, bool))() //nolint:forcetypeassert // stored in the line above
}

func (r *Requirement[T]) judged(s *Session, v T) (verdict Verdict, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			s.onPanic(r.ID, p, debug.Stack())
			verdict, ok = Verdict{}, false
		}
	}()
	return r.Judge(v), true
}
