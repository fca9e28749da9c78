package probes_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
)

type number struct {
	N int `json:"n"`
}

// ask is a probe that answers n and counts how often it was asked.
func ask(name string, n int, times *atomic.Int64) *probes.Probe[number] {
	return &probes.Probe[number]{Name: name, Look: func(context.Context, *probes.Session) (number, error) {
		times.Add(1)
		return number{n}, nil
	}}
}

// positive is a requirement that fails for numbers below one.
func positive(id string, given *probes.Probe[number]) *probes.Requirement[number] {
	return &probes.Requirement[number]{
		ID: id, Level: probes.Must, Says: "It is positive.", Given: given,
		Remedy: probes.Remedy{Who: probes.Operator, Do: "Add one."},
		Judge: func(n number) probes.Verdict {
			if n.N < 1 {
				return probes.Fail("too_small", "it is not")
			}
			return probes.Pass("it is", true)
		},
	}
}

// behind is a probe that needs r first.
func behind[T any](name string, r *probes.Requirement[T]) *probes.Probe[number] {
	return &probes.Probe[number]{Name: name, Look: func(ctx context.Context, s *probes.Session) (number, error) {
		_, err := probes.Need(ctx, s, r)
		return number{1}, err
	}}
}

// shut is a probe that saw for itself that r does not hold.
func shut[T any](name string, r *probes.Requirement[T]) *probes.Probe[number] {
	return &probes.Probe[number]{Name: name, Look: func(context.Context, *probes.Session) (number, error) { return number{}, r.Unmet() }}
}

func run(ctx context.Context, s *probes.Session, checks ...probes.Check) []probes.Finding {
	return slices.Collect(probes.Run(ctx, s, checks))
}

// brief is what the tests compare.
type brief struct {
	ID        string
	Status    probes.Status
	Cause     probes.Cause
	BlockedBy string
}

func briefs(findings []probes.Finding) []brief {
	var out []brief
	for _, f := range findings {
		out = append(out, brief{f.ID, f.Status, f.Cause, f.BlockedBy})
	}
	return out
}

func TestAQuestionIsAskedOnceForAllWhoWantToKnow(t *testing.T) {
	var times atomic.Int64
	given := ask("a", 1, &times)
	var wg sync.WaitGroup
	s := &probes.Session{}
	for range 50 {
		wg.Go(func() {
			if v, err := probes.Look(t.Context(), s, given); err != nil || v.N != 1 {
				t.Errorf("Look() = %v, %v", v, err)
			}
		})
	}
	wg.Wait()
	if got := times.Load(); got != 1 {
		t.Errorf("asked %d times", got)
	}
}

func TestWhoeverWaitsIsLetGoWhenTheRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &probes.Probe[number]{Name: "slow", Look: func(ctx context.Context, _ *probes.Session) (number, error) {
			<-ctx.Done()
			time.Sleep(time.Hour) // a question that does not notice
			return number{}, ctx.Err()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s := &probes.Session{}
		go func() { _, _ = probes.Look(ctx, s, slow) }()
		synctest.Wait()
		start := time.Now()
		_, err := probes.Look(ctx, s, slow)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("err = %v after %v", err, time.Since(start))
		}
		time.Sleep(2 * time.Hour) // let the question end
	})
}

func TestNothingIsAskedAfterTheRunsEnd(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	stop(probes.ErrInterrupted)
	var times atomic.Int64
	for range 300 {
		if got := briefs(run(ctx, &probes.Session{}, positive("a.number", ask("a", 0, &times)))); got[0] != (brief{"a.number", probes.Unknown, "not_observed", ""}) {
			t.Fatalf("%+v", got)
		}
	}
	if got := times.Load(); got != 0 {
		t.Errorf("asked %d times", got)
	}
}

func TestTheInnermostUnmetRequirementIsNamed(t *testing.T) {
	var times atomic.Int64
	root := positive("a.root", ask("a.root", 0, &times))
	middle := positive("b.middle", behind("b.middle", root))
	leaf := positive("c.leaf", behind("c.leaf", middle))
	other := positive("d.other", ask("d.other", 1, &times))
	findings := run(t.Context(), &probes.Session{}, root, middle, leaf, other)
	want := []brief{
		{"a.root", probes.Failed, "too_small", ""},
		{"b.middle", probes.Blocked, "", "a.root"},
		{"c.leaf", probes.Blocked, "", "a.root"},
		{"d.other", probes.Passed, "ok", ""},
	}
	if diff := cmp.Diff(want, briefs(findings)); diff != "" {
		t.Error(diff)
	}
	if findings[0].Remedy == nil || findings[1].Remedy != nil || findings[3].Remedy != nil {
		t.Error("a remedy belongs to what fails, and to nothing else")
	}
	sum := probes.Summarise(findings)
	if sum.Outcome != probes.NotConformant || sum.Exit != 1 || !slices.Equal(sum.RootCauses, []string{"a.root"}) {
		t.Errorf("sum = %+v", sum)
	}
}

func TestAPanicIsBrokenAndNeverAFail(t *testing.T) {
	var times atomic.Int64
	inJudge := positive("a.judge", ask("a.judge", 1, &times))
	inJudge.Judge = func(number) probes.Verdict { panic("oh") }
	inLook := positive("b.look", &probes.Probe[number]{Name: "b.look", Look: func(context.Context, *probes.Session) (number, error) { panic("oh") }})
	afterJudge := positive("c.after", behind("c.after", inJudge))
	afterLook := positive("d.after", behind("d.after", inLook))
	var heard atomic.Int64
	s := &probes.Session{OnPanic: func(string, any, []byte) { heard.Add(1) }}
	findings := run(t.Context(), s, inJudge, inLook, afterJudge, afterLook)
	want := []brief{
		{"a.judge", probes.Broken, "", ""},
		{"b.look", probes.Broken, "", ""},
		{"c.after", probes.Blocked, "", "a.judge"},
		{"d.after", probes.Blocked, "", "b.look"},
	}
	if diff := cmp.Diff(want, briefs(findings)); diff != "" {
		t.Error(diff)
	}
	if heard.Load() == 0 {
		t.Error("nobody heard of the panic")
	}
	if sum := probes.Summarise(findings); sum.Exit != probes.ExitBroken {
		t.Errorf("exit %d", sum.Exit)
	}
}

func TestWithoutCredentialsNothingIsBlocked(t *testing.T) {
	locked := positive("a.locked", &probes.Probe[number]{Name: "a", Look: func(context.Context, *probes.Session) (number, error) {
		return number{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "no credentials"}
	}})
	after := positive("b.after", behind("b", locked))
	findings := run(t.Context(), &probes.Session{}, locked, after)
	want := []brief{{"a.locked", probes.Unknown, "not_observed", ""}, {"b.after", probes.Unknown, "not_observed", ""}}
	if diff := cmp.Diff(want, briefs(findings)); diff != "" {
		t.Error(diff)
	}
	if sum := probes.Summarise(findings); sum.Exit != probes.ExitIncomplete || len(sum.RootCauses) != 0 {
		t.Errorf("sum = %+v", sum)
	}
}

func TestTheDeadlineAndAnInterruptionAreToldApart(t *testing.T) {
	hang := func() *probes.Requirement[number] {
		return positive("a.slow", &probes.Probe[number]{Name: "a", Look: func(ctx context.Context, _ *probes.Session) (number, error) {
			<-ctx.Done()
			return number{}, context.Cause(ctx)
		}})
	}
	late, cancelLate := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancelLate()
	if got := briefs(run(late, &probes.Session{}, hang())); got[0] != (brief{"a.slow", probes.Unknown, "timeout", ""}) {
		t.Errorf("deadline: %+v", got)
	}
	stopped, stop := context.WithCancelCause(t.Context())
	stop(probes.ErrInterrupted)
	if got := briefs(run(stopped, &probes.Session{}, hang())); got[0] != (brief{"a.slow", probes.Unknown, "not_observed", ""}) {
		t.Errorf("interruption: %+v", got)
	}
}

func TestSkipOnlyAndProfiles(t *testing.T) {
	var times atomic.Int64
	a := positive("a.one", ask("a", 1, &times))
	b := positive("b.one", behind("b", a))
	c := positive("b.two", ask("c", 1, &times))
	c.Profile = probes.Billing
	s := &probes.Session{Only: []string{"b.*"}, Skip: []string{"b.one"}, Profiles: []probes.Profile{probes.Alerts}}
	want := []brief{{"b.one", probes.Skipped, "", ""}, {"b.two", probes.NotApplicable, "", ""}}
	if diff := cmp.Diff(want, briefs(run(t.Context(), s, a, b, c))); diff != "" {
		t.Error(diff)
	}
	if times.Load() != 0 {
		t.Error("a skipped requirement was asked")
	}
}

func TestAttestingTurnsUnknownIntoAPassAndNothingElse(t *testing.T) {
	var times atomic.Int64
	fails := positive("a.fails", ask("a", 0, &times))
	cannot := positive("b.cannot", ask("b", 0, &times))
	cannot.Judge = func(number) probes.Verdict { return probes.CannotTell(probes.NotObserved, "who knows") }
	s := &probes.Session{Attested: map[string]string{"a.fails": "I looked", "b.cannot": "I looked"}}
	findings := run(t.Context(), s, fails, cannot)
	want := []brief{{"a.fails", probes.Failed, "too_small", ""}, {"b.cannot", probes.Passed, "ok", ""}}
	if diff := cmp.Diff(want, briefs(findings)); diff != "" {
		t.Error(diff)
	}
	if findings[0].Attested != "" || findings[1].Attested != "I looked" {
		t.Error("the one who vouched is named where it counted, and only there")
	}
}

// Whoever vouches for a requirement does not open the door behind it.
func TestWhatWaitsForAnAttestedRequirementIsUnknown(t *testing.T) {
	var times atomic.Int64
	door := positive("network.door", ask("door", 1, &times))
	door.Judge = func(number) probes.Verdict { return probes.CannotTell("dropped", "it is shut here") }
	first := positive("product.first", shut("first", door))
	second := positive("product.second", shut("second", door))
	s := &probes.Session{Attested: map[string]string{"network.door": "the firewall's log"}}
	findings := run(t.Context(), s, door, first, second)
	want := []brief{
		{ID: "network.door", Status: probes.Passed, Cause: probes.OK},
		{ID: "product.first", Status: probes.Unknown, Cause: probes.NotObserved},
		{ID: "product.second", Status: probes.Blocked, BlockedBy: "product.first"},
	}
	if diff := cmp.Diff(want, briefs(findings)); diff != "" {
		t.Error(diff)
	}
	if findings[1].Remedy == nil {
		t.Error("nothing says what to do")
	}
	if sum := probes.Summarise(findings); sum.Outcome != probes.Incomplete || !slices.Equal(sum.RootCauses, []string{"product.first"}) {
		t.Errorf("%s, root causes %v", sum.Outcome, sum.RootCauses)
	}
}

func TestASavedAnswerIsJudgedAgain(t *testing.T) {
	var times atomic.Int64
	r := positive("a.one", ask("a.probe", 1, &times))
	s := &probes.Session{}
	run(t.Context(), s, r)
	evidence, err := s.Evidence()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(evidence["a.probe"]); got != `{"n":1}` {
		t.Errorf("evidence = %s", got)
	}
	evidence["a.probe"] = json.RawMessage(`{"n":-1}`)
	again := &probes.Session{}
	again.Replay(evidence)
	missing := positive("b.two", ask("b.probe", 1, &times))
	want := []brief{{"a.one", probes.Failed, "too_small", ""}, {"b.two", probes.Unknown, "not_observed", ""}}
	if diff := cmp.Diff(want, briefs(run(t.Context(), again, r, missing))); diff != "" {
		t.Error(diff)
	}
	for name, edited := range map[string]map[string]json.RawMessage{"none": nil, "of another kind": {"a.probe": json.RawMessage(`"x"`)}} {
		odd := &probes.Session{}
		odd.Replay(edited)
		want := []brief{{"a.one", probes.Unknown, "not_observed", ""}}
		if diff := cmp.Diff(want, briefs(run(t.Context(), odd, r))); diff != "" {
			t.Errorf("evidence %s: %s", name, diff)
		}
	}
	if times.Load() != 1 {
		t.Errorf("asked %d times", times.Load())
	}
}

func TestOnlyAMustDecidesTheOutcome(t *testing.T) {
	finding := func(level probes.Level, status probes.Status) probes.Finding {
		return probes.Finding{ID: "a.b", Level: level, Status: status}
	}
	waived := finding(probes.Must, probes.Failed)
	waived.Waived = &probes.Waiver{Reason: "known"}
	for _, c := range []struct {
		name    string
		finding probes.Finding
		outcome probes.Outcome
		exit    int
	}{
		{"must pass", finding(probes.Must, probes.Passed), probes.Conformant, 0},
		{"must fail", finding(probes.Must, probes.Failed), probes.NotConformant, 1},
		{"must unknown", finding(probes.Must, probes.Unknown), probes.Incomplete, 3},
		{"must blocked", finding(probes.Must, probes.Blocked), probes.Incomplete, 3},
		{"must skipped, and nothing else judged", finding(probes.Must, probes.Skipped), probes.Incomplete, 3},
		{"must not applicable, and nothing else judged", finding(probes.Must, probes.NotApplicable), probes.Incomplete, 3},
		{"should fail", finding(probes.Should, probes.Failed), probes.Conformant, 0},
		{"may unknown, and nothing else judged", finding(probes.May, probes.Unknown), probes.Incomplete, 3},
		{"waived fail", waived, probes.Conformant, 0},
		{"broken", finding(probes.Must, probes.Broken), probes.Incomplete, 4},
	} {
		if got := probes.Summarise([]probes.Finding{c.finding}); got.Outcome != c.outcome || got.Exit != c.exit {
			t.Errorf("%s: %s, exit %d; want %s, exit %d", c.name, got.Outcome, got.Exit, c.outcome, c.exit)
		}
	}
}

func TestUnknownMustsThatBlockOthersAreRootCauses(t *testing.T) {
	findings := []probes.Finding{
		{ID: "a.a", Level: probes.Must, Status: probes.Unknown},
		{ID: "a.b", Level: probes.Must, Status: probes.Unknown},
		{ID: "a.c", Level: probes.Must, Status: probes.Blocked, BlockedBy: "a.b"},
	}
	if got := probes.Summarise(findings).RootCauses; !slices.Equal(got, []string{"a.b"}) {
		t.Errorf("root causes %v", got)
	}
}

// TestAPanicBesideIsAFinding: a part of a question that runs in a goroutine of its own breaks no more than the question.
func TestAPanicBesideIsAFinding(t *testing.T) {
	var where, stack string
	var what any
	s := &probes.Session{}
	s.OnPanic = func(at string, r any, trace []byte) { where, what, stack = at, r, string(trace) }
	done := false
	question := &probes.Probe[int]{Name: "test.beside", Look: func(context.Context, *probes.Session) (int, error) {
		var parts probes.Group
		parts.Go(func() { breakInPart() })
		parts.Go(func() { done = true })
		parts.Wait()
		return 1, nil
	}}
	r := &probes.Requirement[int]{ID: "test.beside", Level: probes.Must, Says: "It holds.", Given: question, Judge: func(int) probes.Verdict { return probes.Pass("seen", true) }}
	findings := slices.Collect(probes.Run(t.Context(), s, []probes.Check{r}))
	if len(findings) != 1 || findings[0].Status != probes.Broken {
		t.Fatalf("%+v", findings)
	}
	if where != "test.beside" || what != "a part broke" || !strings.Contains(stack, "breakInPart") || !done {
		t.Errorf("%q, %v, done %t, in\n%s", where, what, done, stack)
	}
}

//go:noinline
func breakInPart() { panic("a part broke") }
