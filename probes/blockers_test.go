package probes_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
)

// TestNothingWaitsForWhatHolds: a requirement that passes, does not apply, was attested or skipped blocks nothing; the first
// finding behind it is unknown, and the others wait for that one.
func TestNothingWaitsForWhatHolds(t *testing.T) {
	var times atomic.Int64
	stand := []brief{{ID: "b.first", Status: probes.Unknown, Cause: probes.NotObserved}, {ID: "c.second", Status: probes.Blocked, BlockedBy: "b.first"}}
	waits := []brief{{ID: "b.first", Status: probes.Blocked, BlockedBy: "a.door"}, {ID: "c.second", Status: probes.Blocked, BlockedBy: "a.door"}}
	for name, c := range map[string]struct {
		verdict probes.Verdict
		session *probes.Session
		want    []brief
		says    string
	}{
		"passes":              {probes.Pass("it is open", true), &probes.Session{}, stand, "nothing is wrong with a.door"},
		"does not apply":      {probes.DoesNotApply("nobody asks"), &probes.Session{}, stand, "nothing is wrong with a.door"},
		"another profile's":   {probes.Fail("shut", "it is shut"), &probes.Session{Profiles: []probes.Profile{probes.Alerts}}, stand, "nothing is wrong with a.door"},
		"attested":            {probes.CannotTell("who_knows", "who knows"), &probes.Session{Attested: map[string]string{"a.door": "I looked"}}, stand, "somebody vouched for a.door"},
		"skipped":             {probes.Fail("shut", "it is shut"), &probes.Session{Skip: []string{"a.*"}}, stand, "a.door was skipped; it does not hold"},
		"not reported":        {probes.Pass("it is open", true), &probes.Session{Only: []string{"b.*", "c.*"}}, stand, "nothing is wrong with a.door"},
		"fails":               {probes.Fail("shut", "it is shut"), &probes.Session{}, waits, "a.door has to hold first"},
		"fails, not reported": {probes.Fail("shut", "it is shut"), &probes.Session{Only: []string{"b.*", "c.*"}}, waits, "a.door has to hold first"},
		"unknown":             {probes.CannotTell("who_knows", "who knows"), &probes.Session{}, waits, "a.door has to hold first"},
		"fails, and attested": {probes.Fail("shut", "it is shut"), &probes.Session{Attested: map[string]string{"a.door": "I looked"}}, waits, "a.door has to hold first"},
	} {
		door := positive("a.door", ask("door", 1, &times))
		door.Profile = probes.Billing
		door.Judge = func(number) probes.Verdict { return c.verdict }
		found := run(t.Context(), c.session, door, positive("b.first", shut("first", door)), positive("c.second", shut("second", door)))
		behind := found[len(found)-2:]
		if diff := cmp.Diff(c.want, briefs(behind)); diff != "" || !strings.Contains(behind[0].Because, c.says) {
			t.Errorf("%s: %q %s", name, behind[0].Because, diff)
		}
		if (behind[0].Remedy != nil) != (behind[0].Status == probes.Unknown) {
			t.Errorf("%s: remedy %+v", name, behind[0].Remedy)
		}
	}
}

// TestAShouldStandsInForNobody: what waits for a requirement that holds waits for the first Must behind it.
func TestAShouldStandsInForNobody(t *testing.T) {
	var times atomic.Int64
	door := positive("a.door", ask("door", 1, &times))
	should := positive("b.should", shut("should", door))
	should.Level = probes.Should
	want := []brief{
		{ID: "a.door", Status: probes.Passed, Cause: probes.OK},
		{ID: "b.should", Status: probes.Unknown, Cause: probes.NotObserved},
		{ID: "c.must", Status: probes.Unknown, Cause: probes.NotObserved},
		{ID: "d.must", Status: probes.Blocked, BlockedBy: "c.must"},
	}
	found := run(t.Context(), &probes.Session{}, door, should, positive("c.must", shut("must", door)), positive("d.must", shut("must-too", door)))
	if diff := cmp.Diff(want, briefs(found)); diff != "" {
		t.Error(diff)
	}
}

// TestWhatIsSkippedIsAskedWhereOthersNeedIt, and one that holds opens the way.
func TestWhatIsSkippedIsAskedWhereOthersNeedIt(t *testing.T) {
	var times atomic.Int64
	needed := positive("a.needed", ask("needed", 1, &times))
	found := run(t.Context(), &probes.Session{Skip: []string{"a.*"}}, needed, positive("b.behind", behind("behind", needed)))
	if diff := cmp.Diff([]brief{{ID: "a.needed", Status: probes.Skipped}, {ID: "b.behind", Status: probes.Passed, Cause: probes.OK}}, briefs(found)); diff != "" || times.Load() != 1 {
		t.Errorf("asked %d times: %s", times.Load(), diff)
	}
}

// TestAnAttestedUnknownOpensTheWay for what needs it, and an attested fail does not.
func TestAnAttestedUnknownOpensTheWay(t *testing.T) {
	var times atomic.Int64
	for name, c := range map[string]struct {
		verdict probes.Verdict
		want    probes.Status
	}{
		"unknown": {probes.CannotTell("who_knows", "who knows"), probes.Passed},
		"fail":    {probes.Fail("shut", "it is shut"), probes.Blocked},
	} {
		needed := positive("a.needed", ask("needed", 1, &times))
		needed.Judge = func(number) probes.Verdict { return c.verdict }
		found := run(t.Context(), &probes.Session{Attested: map[string]string{"a.needed": "I looked"}}, needed, positive("b.behind", behind("behind", needed)))
		if found[1].Status != c.want {
			t.Errorf("%s: %s", name, found[1].Status)
		}
	}
}

// TestOneHostThatFailsBlocks: a requirement of two hosts is cleared only where it holds for both.
func TestOneHostThatFailsBlocks(t *testing.T) {
	var times atomic.Int64
	at := func(host string, v probes.Verdict) *probes.Requirement[number] {
		r := positive("a.door", ask("door of "+host, 1, &times))
		r.Judge = func(number) probes.Verdict { return v }
		r.Host = &probes.Probe[probes.Server]{Name: "where " + host, Look: func(context.Context, *probes.Session) (probes.Server, error) {
			return probes.Server{Side: probes.ResourceSide, URL: "https://" + host}, nil
		}}
		return r
	}
	open, closed := at("one.example", probes.Pass("it is", true)), at("two.example", probes.Fail("shut", "it is shut"))
	for _, doors := range [][2]*probes.Requirement[number]{{open, closed}, {closed, open}} {
		found := run(t.Context(), &probes.Session{}, doors[0], doors[1], positive("b.first", shut("first", open)))
		if f := found[len(found)-1]; f.Status != probes.Blocked || f.BlockedBy != "a.door" {
			t.Errorf("%s, by %q", f.Status, f.BlockedBy)
		}
	}
}

// TestAnInterruptedRunAsksNobodyForAnything but to run it again, and keeps what was judged.
func TestAnInterruptedRunAsksNobodyForAnything(t *testing.T) {
	var times atomic.Int64
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	s := &probes.Session{}
	passes, unknown := positive("a.passes", ask("a", 1, &times)), positive("b.unknown", ask("b", 1, &times))
	unknown.Judge = func(number) probes.Verdict { return probes.CannotTell("who_knows", "who knows") }
	for _, p := range []*probes.Requirement[number]{passes, unknown} {
		if _, err := probes.Look(ctx, s, p.Given); err != nil {
			t.Fatal(err)
		}
	}
	for f := range probes.Run(ctx, s, []probes.Check{passes, unknown}) {
		if f.ID == "a.passes" {
			stop(probes.ErrInterrupted)
		}
		if (f.Remedy != nil) != (f.Status == probes.Unknown) {
			t.Errorf("%s is %s: %+v", f.ID, f.Status, f.Remedy)
		}
	}
	hang := positive("c.hangs", &probes.Probe[number]{Name: "c", Look: func(ctx context.Context, _ *probes.Session) (number, error) {
		return number{}, &probes.Unobserved{Cause: probes.NotObserved, Because: "no credentials", Remedy: &probes.Remedy{Who: probes.Operator, Do: "Give them."}}
	}})
	for _, f := range run(ctx, &probes.Session{}, hang, passes) {
		if f.Status == probes.Unknown && f.Remedy.Do != "Run halocheck again and let it finish." || f.Status == probes.Passed && f.Remedy != nil {
			t.Errorf("%s is %s: %+v", f.ID, f.Status, f.Remedy)
		}
	}
}
