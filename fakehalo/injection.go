package fakehalo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/agnivade/levenshtein"
)

// Injection makes one operation misbehave until it is cleared: it answers Status, arrives late, or breaks off. The zero
// value of a field leaves that alone.
type Injection struct {
	Operation string            `json:"operation" yaml:"operation"` // as in Operations, such as "POST /api/Tickets"; "*" is every one
	Status    int               `json:"status,omitempty" yaml:"status"`
	Body      string            `json:"body,omitempty" yaml:"body"` // empty: what HaloPSA answers with that status
	Headers   map[string]string `json:"headers,omitempty" yaml:"headers"`
	Latency   *Latency          `json:"latency,omitempty" yaml:"latency"`
	Break     string            `json:"break,omitempty" yaml:"break"` // one of Breaks
	// Which calls of the operation it takes. None of them: all. Several: those that all of them take.
	First       int     `json:"first,omitempty" yaml:"first"`             // the first N
	Every       int     `json:"every,omitempty" yaml:"every"`             // the Nth, 2Nth, …
	Probability float64 `json:"probability,omitempty" yaml:"probability"` // above 0 up to 1
	Seed        uint64  `json:"seed,omitempty" yaml:"seed"`               // what probability and random latency are drawn from
}

// Latency delays an answer by a fixed time, one drawn evenly from Min to Max, or one drawn log-normally around Median.
type Latency struct {
	Fixed  Duration `json:"fixed,omitempty" yaml:"fixed"`
	Min    Duration `json:"min,omitempty" yaml:"min"`
	Max    Duration `json:"max,omitempty" yaml:"max"`
	Median Duration `json:"median,omitempty" yaml:"median"`
	Sigma  float64  `json:"sigma,omitempty" yaml:"sigma"` // of the logarithm; 0: always the median
}

// Duration is written as "150ms" or "2s".
type Duration time.Duration

// UnmarshalText reads what [time.ParseDuration] does; negative ones are refused.
func (d *Duration) UnmarshalText(raw []byte) error {
	parsed, err := time.ParseDuration(string(raw))
	if err != nil || parsed < 0 {
		return fmt.Errorf("%q is not a duration such as 150ms", raw)
	}
	*d = Duration(parsed)
	return nil
}

// MarshalText writes it as it is read.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Breaks are the ways in which an answer can break: the connection is closed or reset without one, half of the body comes,
// it comes byte by byte over Drip's time, or it is not what its Content-Type says.
var Breaks = []string{"drop", "reset", "truncate", "drip", "garbage"}

// dripTime is the duration of an answer that is sent byte by byte.
const dripTime = 2 * time.Second

// check refuses what cannot be meant.
func (j Injection) check() error {
	known := Operations()
	switch {
	case j.Operation != "*" && !slices.Contains(known, j.Operation):
		slices.SortStableFunc(known, func(a, b string) int {
			return levenshtein.ComputeDistance(j.Operation, a) - levenshtein.ComputeDistance(j.Operation, b)
		})
		return fmt.Errorf("there is no operation %q (did you mean %q?)", j.Operation, known[0])
	case j.Status != 0 && (j.Status < 200 || j.Status > 599):
		return fmt.Errorf("status is 200 to 599, not %d", j.Status)
	case j.Break != "" && !slices.Contains(Breaks, j.Break):
		return fmt.Errorf("break is one of %s, not %q", strings.Join(Breaks, ", "), j.Break)
	case j.First < 0 || j.Every < 0:
		return errors.New("first and every count from 1")
	case j.Probability < 0 || j.Probability > 1:
		return fmt.Errorf("probability is above 0 up to 1, not %v", j.Probability)
	case j.Status == 0 && j.Break == "" && j.Latency == nil:
		return errors.New("it says neither status nor latency nor break, so it does nothing")
	case j.Latency != nil && j.Latency.Max < j.Latency.Min:
		return errors.New("latency: max is below min")
	}
	return nil
}

// injections are those in force, with their counts.
type injections struct {
	mu   sync.Mutex
	list []*activeInjection
}

type activeInjection struct {
	Injection
	calls  int
	random *rand.Rand
}

// Inject adds faults of operations. The error says what is wrong with the first one that cannot be meant; then none is
// added.
func (s *Server) Inject(list ...Injection) error {
	for n, j := range list {
		if err := j.check(); err != nil {
			return fmt.Errorf("injection %d: %w", n+1, err)
		}
	}
	s.injected.mu.Lock()
	defer s.injected.mu.Unlock()
	for _, j := range list {
		s.injected.list = append(s.injected.list, &activeInjection{Injection: j, random: rand.New(rand.NewPCG(j.Seed, 1))})
	}
	s.injecting.Store(len(s.injected.list) > 0)
	return nil
}

// Injected are the faults of operations in force.
func (s *Server) Injected() []Injection {
	s.injected.mu.Lock()
	defer s.injected.mu.Unlock()
	out := []Injection{}
	for _, a := range s.injected.list {
		out = append(out, a.Injection)
	}
	return out
}

// ClearInjected takes them all back.
func (s *Server) ClearInjected() {
	s.injected.mu.Lock()
	defer s.injected.mu.Unlock()
	s.injected.list = nil
	s.injecting.Store(false)
}

// injectionsFor are the injections that take this call of an operation, and how long they delay it together.
func (s *Server) injectionsFor(operation string) (taken []Injection, wait time.Duration) {
	s.injected.mu.Lock()
	defer s.injected.mu.Unlock()
	for _, a := range s.injected.list {
		if a.Operation != "*" && a.Operation != operation {
			continue
		}
		a.calls++
		if a.First > 0 && a.calls > a.First || a.Every > 0 && a.calls%a.Every != 0 || a.Probability > 0 && a.random.Float64() >= a.Probability {
			continue
		}
		taken = append(taken, a.Injection)
		if a.Latency != nil {
			wait += a.Latency.draw(a.random)
		}
	}
	return taken, wait
}

// draw is one delay.
func (l Latency) draw(random *rand.Rand) time.Duration {
	wait := time.Duration(l.Fixed + l.Min)
	if span := int64(l.Max - l.Min); span > 0 {
		wait += time.Duration(random.Int64N(span + 1))
	}
	if l.Median > 0 {
		wait += time.Duration(float64(l.Median) * math.Exp(l.Sigma*random.NormFloat64()))
	}
	return wait
}

// inject answers an operation as the injections say; own is the instance's answer, asked for only where one is needed.
func (s *Server) inject(ctx context.Context, operation string, own func() *reply) *reply {
	taken, wait := s.injectionsFor(operation)
	if wait > 0 {
		sleep(ctx, wait)
	}
	var out *reply
	for _, j := range taken {
		if j.Status != 0 {
			out = s.injectedReply(j)
		}
	}
	if out == nil {
		out = own()
	}
	for _, j := range taken {
		if j.Break != "" {
			out.broken = j.Break
			out.drop = out.drop || j.Break == "drop"
		}
	}
	return out
}

// injectedReply is the answer with an injected status; without a body of its own it is in HaloPSA's words.
func (s *Server) injectedReply(j Injection) *reply {
	var out *reply
	switch {
	case j.Body != "":
		out = &reply{status: j.Status, kind: jsonKind, body: j.Body}
	case slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusInternalServerError}, j.Status):
		out = s.live().refuse(j.Status)
	case j.Status == http.StatusTooManyRequests:
		limit := &limiter{most: cmp.Or(s.limiter.most, 700), window: s.limiter.window} // 700 in 5 minutes: halo-live §6
		out = limit.refusal(s.live(), s.now())
	default:
		out = exception(j.Status, "The injected answer "+http.StatusText(j.Status)+".")
	}
	if out.header == nil {
		out.header = http.Header{}
	}
	for name, value := range j.Headers {
		out.header.Set(name, value)
	}
	if kind := out.header.Get("Content-Type"); kind != "" {
		out.kind = kind
	}
	return out
}

// sleep waits, or less where the client goes away or the server closes.
func sleep(ctx context.Context, wait time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}
