package probes

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"path"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes/guide"
)

// Hosting says who runs the instance.
type Hosting string

// The hostings. Auto is resolved by [Target.Hosted].
const (
	Auto      Hosting = "auto"
	Hosted    Hosting = "hosted"
	OnPremise Hosting = "on-premise"
)

// Credentials are one application's client id and secret, as they were typed. The zero value means: none were given.
type Credentials struct {
	ID     secret.Text // not secret by itself, but worth no line in a log
	Secret secret.Text
}

// Given tells whether there are any.
func (c Credentials) Given() bool { return !c.ID.Empty() || !c.Secret.Empty() }

// Vantage is a place to look from whose egress address is known.
type Vantage struct {
	Name string // the guide's address that it claims to have, or any other name
	URL  string // socks5://, http:// or ssh://; may hold a password, so it is never printed
	// Look has a vantage agent there ask the host by itself; nil: connections run through URL. It asks for /api/authinfo, or
	// makes a handshake alone. An error is a fault of the agent's, and says nothing of the host.
	Look func(ctx context.Context, e wire.Endpoint, authinfo bool) (wire.Observation, error)
}

// Session is one run against one instance: the settings, the network, and every answer so far. Exported fields are set
// before the first question and only read afterwards.
type Session struct {
	Target      Target
	Guide       *guide.Guide   // what is asked for: of several, what any of them asks for
	Guides      []*guide.Guide // those to judge by, where there are several
	Planned     []string       // names of guides whose integrations are not connected yet
	Credentials Credentials
	Admin       Credentials // a second application with admin rights; used only to read roles and applications
	Vantages    []Vantage
	Teams       []string // teams that alerts go to; empty: any visible team will do
	Stable      string   // the current stable version, where the operator knows it
	Net         *wire.Net
	Clock       func() time.Time // nil: time.Now

	Profiles []Profile         // empty: every profile
	Only     []string          // globs over IDs; empty: all
	Skip     []string          // globs over IDs
	Attested map[string]string // requirement ID to reason

	// Kept tells whether a report holds what the probe of that name answered; nil: it holds every answer.
	Kept func(probe string) bool

	// OnPanic is told of halocheck's own faults, one after the other: where, the value, and the stack. It may be nil.
	OnPanic func(where string, what any, stack []byte)

	run     context.Context // the run's own, under which shared questions are asked
	panics  sync.Mutex      // held while OnPanic runs
	mu      sync.Mutex
	answers map[any]*answer
	locals  map[reflect.Type]any
	saved   map[string]json.RawMessage

	hostedSeen  bool
	asksHosting <-chan struct{} // closed once hostingShownBy is judged; nil where this run does not judge it
	base        *url.URL        // nil: Target.Resource

	verdicts sync.Map // of each *Requirement, a func() (Verdict, bool)
}

// JudgedBy are the guides to judge by: one at least.
func (s *Session) JudgedBy() []*guide.Guide {
	if len(s.Guides) > 0 {
		return s.Guides
	}
	return []*guide.Guide{s.Guide}
}

// errNotSaved means that a saved report has no answer of this probe.
var errNotSaved = errors.New("the saved report has no such answer")

// ErrInterrupted is the cause of a context that the user cancelled.
var ErrInterrupted = errors.New("interrupted")

// Replay makes every later Look return the answer saved under the probe's name instead of asking.
func (s *Session) Replay(evidence map[string]json.RawMessage) {
	if s.saved = evidence; s.saved == nil {
		s.saved = map[string]json.RawMessage{} // a report without evidence asks nothing either
	}
}

// begin sets what every question of a run is asked under; shown is closed once it is known who hosts the instance, where this
// run asks for that.
func (s *Session) begin(ctx context.Context, shown <-chan struct{}, asks bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run, s.asksHosting = ctx, nil; asks {
		s.asksHosting = shown
	}
}

// runContext is the context of the whole run, and ctx outside of one.
func (s *Session) runContext(ctx context.Context) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != nil {
		return s.run
	}
	return ctx
}

// Now is the session's clock.
func (s *Session) Now() time.Time {
	if s.Clock == nil {
		return time.Now()
	}
	return s.Clock()
}

// Local is one value of type T for each session, made when first asked for: a place for what must not be evidence,
// such as tokens and open connections. T must be safe for concurrent use.
func Local[T any](s *Session) *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locals == nil {
		s.locals = map[reflect.Type]any{}
	}
	key := reflect.TypeFor[T]()
	if s.locals[key] == nil {
		s.locals[key] = new(T)
	}
	return s.locals[key].(*T) //nolint:forcetypeassert // stored two lines up under its own type
}

// Evidence is every answer so far under its probe's name, in JSON, as far as [Session.Kept] has it. Questions that could not be
// asked are absent.
func (s *Session) Evidence() (map[string]json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]json.RawMessage{}
	for _, a := range s.answers {
		select {
		case <-a.done:
		default:
			continue
		}
		if a.err != nil || a.name == "" || s.Kept != nil && !s.Kept(a.name) {
			continue
		}
		raw, err := json.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		out[a.name] = raw
	}
	return out, nil
}

// slot is the answer kept for a probe; mine is true for the caller that has to fill it.
func (s *Session) slot(key any, name string) (a *answer, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a = s.answers[key]; a != nil {
		return a, false
	}
	if s.answers == nil {
		s.answers = map[any]*answer{}
	}
	a = &answer{done: make(chan struct{}), name: name}
	s.answers[key] = a
	return a, true
}

// CarryOver takes over answers of an earlier session with the same settings, by the name of their probes, so that they are not
// asked again. It is called before the first question.
func (s *Session) CarryOver(from *Session, carries func(name string) bool) {
	from.mu.Lock()
	defer from.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers = map[any]*answer{}
	}
	for key, a := range from.answers {
		select {
		case <-a.done:
			if a.err == nil && carries(a.name) {
				s.answers[key] = a
			}
		default:
		}
	}
	s.hostedSeen, s.base = from.hostedSeen, from.base
}

// took is how long key's question took; zero where it was not asked.
func (s *Session) took(key any) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.answers[key]; a != nil {
		select {
		case <-a.done:
			return a.took
		default:
		}
	}
	return 0
}

func (s *Session) onPanic(where string, what any, stack []byte) {
	if s.OnPanic != nil {
		s.panics.Lock()
		defer s.panics.Unlock()
		s.OnPanic(where, what, stack)
	}
}

// wants tells whether a profile was asked for.
func (s *Session) wants(p Profile) bool {
	return p == All || len(s.Profiles) == 0 || slices.Contains(s.Profiles, p)
}

// Hosting is who runs the instance: what was given, else what the instance itself was seen to say, else what its domain
// tells. A session without a target is nobody's.
func (s *Session) Hosting() Hosting {
	s.mu.Lock()
	seen := s.hostedSeen
	s.mu.Unlock()
	switch {
	case s.Target.Hosting == Hosted || s.Target.Hosting == OnPremise:
		return s.Target.Hosting
	case seen:
		return Hosted
	case s.Target.Resource == nil:
		return OnPremise
	}
	return s.Target.Host()
}

// HostedSeen notes that the instance said that Halo hosts it: contract §11.
func (s *Session) HostedSeen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hostedSeen = true
}

// hostingShownBy is the requirement whose question shows who hosts the instance.
const hostingShownBy = "product.answers"

// AwaitHosting waits until the instance had the chance to say who hosts it: only where this run asks it anyway, and nothing
// else tells.
func (s *Session) AwaitHosting(ctx context.Context) {
	s.mu.Lock()
	asks := s.asksHosting
	s.mu.Unlock()
	if asks == nil || s.hosted() || s.Target.Hosting == OnPremise {
		return
	}
	select {
	case <-asks:
	case <-ctx.Done():
	}
}

func (s *Session) hosted() bool { return s.Hosting() == Hosted }

// Base is the Resource Server that is asked: the URL as it was given, or its origin where HaloPSA was seen to answer there
// alone.
func (s *Session) Base() *url.URL {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base != nil {
		return s.base
	}
	return s.Target.Resource
}

// SetBase makes every later question go to another base on the same host.
func (s *Session) SetBase(base *url.URL) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = base
}

// Judges tells whether a finding of this requirement will be judged and reported: neither skipped, nor left out, nor of
// another profile.
func (s *Session) Judges(id string, p Profile) bool {
	return s.wants(p) && !s.skips(id) && s.reports(id)
}

func (s *Session) skips(id string) bool { return matchAny(s.Skip, id) }

func (s *Session) reports(id string) bool { return len(s.Only) == 0 || matchAny(s.Only, id) }

// matchAny tells whether one of the globs names the ID. The globs were checked when they were read.
func matchAny(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(g string) bool {
		ok, err := path.Match(g, id)
		return err == nil && ok
	})
}

// within is the shorter of most and share of the time that ctx has left: a bound for one step, so that a step fails
// before the whole run is over. Without a deadline it is most.
func within(ctx context.Context, most time.Duration, share float64) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return most
	}
	return min(most, time.Duration(float64(time.Until(deadline))*share))
}

// Step bounds one step of a run: at most most, and at most six tenths of the time left, so that a server that keeps
// silent is told from a run that was given too little time.
func Step(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, within(ctx, most, 0.6))
}
