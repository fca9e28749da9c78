package probes_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
)

// TestWhoRunsTheInstance: what was typed goes before what was seen, and that before what the domain tells.
func TestWhoRunsTheInstance(t *testing.T) {
	for name, c := range map[string]struct {
		host  string
		typed probes.Hosting
		seen  bool
		want  probes.Hosting
	}{
		"nothing is known":         {"", "", false, probes.OnPremise},
		"seen":                     {"", "", true, probes.Hosted},
		"typed":                    {"", probes.Hosted, false, probes.Hosted},
		"typed against what shows": {"", probes.OnPremise, true, probes.OnPremise},
		"Halo's domain":            {"acme.halopsa.com", probes.Auto, false, probes.Hosted},
		"an own domain":            {"halo.example.test", probes.Auto, false, probes.OnPremise},
		"an own domain, and seen":  {"halo.example.test", probes.Auto, true, probes.Hosted},
		"typed against the domain": {"acme.halopsa.com", probes.OnPremise, false, probes.OnPremise},
	} {
		s := &probes.Session{Target: probes.Target{Hosting: c.typed}}
		if c.host != "" {
			s.Target.Resource = &url.URL{Scheme: "https", Host: c.host}
		}
		if c.seen {
			s.HostedSeen()
		}
		if got := s.Hosting(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestWhatSendsToAServerAwaitsWhoseItIs: a fail and an unknown do, a pass is told at once, and the one that tells waits for nobody.
func TestWhatSendsToAServerAwaitsWhoseItIs(t *testing.T) {
	firewall := probes.Remedy{Who: probes.NetworkAdmin, Do: "Open the firewall."}
	for name, c := range map[string]struct {
		verdict, telling probes.Verdict // of the finding, and of the one whose question shows the hosting
		asks             bool           // the run asks that question
		after            time.Duration
		remedy           string
	}{
		"a pass":             {probes.Pass("it is", true), probes.Pass("it is", true), true, 0, ""},
		"a fail":             {probes.Fail("shut", "it is").With(firewall), probes.Pass("it is", true), true, time.Hour, "Ask Halo's support"},
		"an unknown":         {probes.CannotTell("shut", "it is").With(firewall), probes.Pass("it is", true), true, time.Hour, "Ask Halo's support"},
		"and that one fails": {probes.Fail("shut", "it is").With(firewall), probes.Fail("shut", "it is"), true, time.Hour, "Ask Halo's support"},
		"nobody will tell":   {probes.Fail("shut", "it is").With(firewall), probes.Verdict{}, false, 0, "Open the firewall."},
	} {
		synctest.Test(t, func(t *testing.T) {
			var times atomic.Int64
			r := positive("a.one", ask("a", 1, &times))
			r.Judge = func(number) probes.Verdict { return c.verdict }
			tells := positive("product.answers", &probes.Probe[number]{Name: "product", Look: func(_ context.Context, s *probes.Session) (number, error) {
				time.Sleep(time.Hour)
				s.HostedSeen()
				return number{1}, nil
			}})
			tells.Judge = func(number) probes.Verdict { return c.telling }
			checks := []probes.Check{r}
			if c.asks {
				checks = append(checks, tells)
			}
			start, found := time.Now(), 0
			for f := range probes.Run(t.Context(), &probes.Session{}, checks) {
				if found++; f.ID != "a.one" {
					continue
				}
				if after := time.Since(start); after != c.after {
					t.Errorf("%s: told after %s", name, after)
				}
				if (f.Remedy != nil) != (c.remedy != "") || f.Remedy != nil && !strings.HasPrefix(f.Remedy.Do, c.remedy) {
					t.Errorf("%s: %+v", name, f.Remedy)
				}
			}
			if found != len(checks) {
				t.Errorf("%s: %d findings", name, found)
			}
		})
	}
}

// TestTheBaseIsTheURLUnlessHaloPSAAnswersElsewhere on the same host.
func TestTheBaseIsTheURLUnlessHaloPSAAnswersElsewhere(t *testing.T) {
	s := &probes.Session{Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: "halo.example.test", Path: "/halo"}}}
	if got := s.Base().String(); got != "https://halo.example.test/halo" {
		t.Error(got)
	}
	s.SetBase(&url.URL{Scheme: "https", Host: "halo.example.test"})
	if got := s.Base().String(); got != "https://halo.example.test" {
		t.Error(got)
	}
}

// TestEvidenceIsWhatWasAnswered: neither an error, nor what is put together again from other answers, nor what is on its way.
func TestEvidenceIsWhatWasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int64
		answered, derived := ask("answered", 1, &times), ask("derived", 1, &times)
		derived.Derived = true
		refused := &probes.Probe[number]{Name: "refused", Look: func(context.Context, *probes.Session) (number, error) {
			return number{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "no credentials"}
		}}
		slow := &probes.Probe[number]{Name: "slow", Look: func(context.Context, *probes.Session) (number, error) {
			time.Sleep(time.Hour)
			return number{1}, nil
		}}
		s := &probes.Session{}
		for _, p := range []*probes.Probe[number]{answered, derived, refused, slow} {
			probes.Begin(t.Context(), s, p)
		}
		synctest.Wait()
		evidence, err := s.Evidence()
		if len(evidence) != 1 || string(evidence["answered"]) != `{"n":1}` || err != nil {
			t.Errorf("%s, %v", evidence, err)
		}
		s.Kept = func(probe string) bool { return probe != "answered" }
		if evidence, err := s.Evidence(); len(evidence) != 0 || err != nil {
			t.Errorf("kept although nobody reads it: %s, %v", evidence, err)
		}
		time.Sleep(2 * time.Hour) // let the questions end
	})
}

// TestASessionCarriesOverWhatItIsTold: of an earlier session's answers those that came and are named; an error is asked again.
func TestASessionCarriesOverWhatItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asking sync.Mutex
		asked := map[string]int{}
		named := func(name string, takes time.Duration, err error) *probes.Probe[number] {
			return &probes.Probe[number]{Name: name, Look: func(context.Context, *probes.Session) (number, error) {
				time.Sleep(takes)
				asking.Lock()
				defer asking.Unlock()
				asked[name]++
				return number{1}, err
			}}
		}
		list := []*probes.Probe[number]{
			named("kept", 0, nil), named("not named", 0, nil), named("an error", 0, probes.ErrInterrupted), named("on its way", time.Hour, nil),
		}
		first, second := &probes.Session{}, &probes.Session{}
		first.HostedSeen()
		first.SetBase(&url.URL{Scheme: "https", Host: "halo.example.test"})
		for _, p := range list {
			probes.Begin(t.Context(), first, p)
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		second.CarryOver(first, func(name string) bool { return slices.Contains([]string{"kept", "an error", "on its way"}, name) })
		if second.Hosting() != probes.Hosted || second.Base().String() != "https://halo.example.test" {
			t.Errorf("%s at %s", second.Hosting(), second.Base())
		}
		for _, p := range list {
			_, _ = probes.Look(t.Context(), second, p)
		}
		if diff := cmp.Diff(map[string]int{"kept": 1, "not named": 2, "an error": 2, "on its way": 2}, asked); diff != "" {
			t.Error(diff)
		}
	})
}

// TestWhatAnErrorMeans of a question that could not be asked, in a run that goes on and in one that ended.
func TestWhatAnErrorMeans(t *testing.T) {
	interrupted, stop := context.WithCancelCause(t.Context())
	stop(probes.ErrInterrupted)
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	for name, c := range map[string]struct {
		ctx     context.Context
		err     error // nil: it panics
		status  probes.Status
		cause   probes.Cause
		because string
	}{
		"silence":                     {t.Context(), os.ErrDeadlineExceeded, probes.Unknown, probes.Timeout, ""},
		"a port that is closed":       {t.Context(), &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, probes.Unknown, probes.ConnectionRefused, ""},
		"nobody knows what":           {t.Context(), errors.New("oh"), probes.Broken, "", "oh"},
		"a panic":                     {t.Context(), nil, probes.Broken, "", "a: halocheck broke"},
		"interrupted":                 {interrupted, context.Canceled, probes.Unknown, probes.NotObserved, "the run was interrupted before it was asked"},
		"interrupted earlier":         {t.Context(), probes.ErrInterrupted, probes.Unknown, probes.NotObserved, "the run was interrupted before it was asked"},
		"too late":                    {late, context.DeadlineExceeded, probes.Unknown, probes.Timeout, "the time for the whole run was over before the answer came"},
		"no credentials, though":      {late, &probes.Unobserved{Cause: probes.NotObserved, Because: "no credentials"}, probes.Unknown, probes.NotObserved, "no credentials"},
		"interrupted after a panic":   {interrupted, nil, probes.Broken, "", "a: halocheck broke"},
		"interrupted after a refusal": {interrupted, &probes.Unmet{ID: "b.root"}, probes.Blocked, "", "b.root has to hold first"},
	} {
		for range 20 { // what came is never lost by chance
			r := positive("a.one", &probes.Probe[number]{Name: "a", Look: func(context.Context, *probes.Session) (number, error) {
				if c.err == nil {
					panic("oh")
				}
				return number{}, c.err
			}})
			s := &probes.Session{}
			_, _ = probes.Look(t.Context(), s, r.Given)
			f := run(c.ctx, s, r)[0]
			if f.Status != c.status || f.Cause != c.cause || c.because != "" && f.Because != c.because {
				t.Fatalf("%s: %s, %s: %s", name, f.Status, f.Cause, f.Because)
			}
		}
	}
}

// TestWhatWasTypedIsJudgedWhateverHappens: an interrupted run waits for an answer that needs no instance, and its finding has the
// remedy of its verdict.
func TestWhatWasTypedIsJudgedWhateverHappens(t *testing.T) {
	for n, want := range map[int]struct {
		status probes.Status
		remedy string
	}{0: {probes.Failed, "Add one."}, 1: {probes.Passed, ""}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancelCause(t.Context())
			stop(probes.ErrInterrupted)
			typed := positive("a.typed", &probes.Probe[number]{Name: "typed", AlwaysAnswers: true, Look: func(context.Context, *probes.Session) (number, error) {
				time.Sleep(time.Millisecond)
				return number{n}, nil
			}})
			f := run(ctx, &probes.Session{}, typed)[0]
			if f.Status != want.status || (f.Remedy != nil) != (want.remedy != "") || f.Remedy != nil && f.Remedy.Do != want.remedy {
				t.Errorf("%d: %s: %+v", n, f.Status, f.Remedy)
			}
		})
	}
}

// TestAStepIsShorterThanTheRun: six tenths of what is left at most, and without an end of the run its own bound.
func TestAStepIsShorterThanTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for _, c := range []struct {
			ctx        context.Context
			most, want time.Duration
		}{{run, 15 * time.Second, 6 * time.Second}, {run, time.Second, time.Second}, {t.Context(), 15 * time.Second, 15 * time.Second}} {
			step, end := probes.Step(c.ctx, c.most)
			if by, ok := step.Deadline(); !ok || time.Until(by) != c.want {
				t.Errorf("of %s: %s, %t", c.most, time.Until(by), ok)
			}
			end()
		}
	})
}
