package probes_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
)

// TestWhoHasToAct sends nobody to a setting where no setting is in question; a verdict's own remedy goes before all others.
func TestWhoHasToAct(t *testing.T) {
	var times atomic.Int64
	own := probes.Remedy{Who: probes.HaloAdmin, Do: "Do this."}
	for name, c := range map[string]struct {
		verdict probes.Verdict
		want    string // how the remedy starts; empty: there is none
	}{
		"passed":                 {probes.Pass("it is", true), ""},
		"not applicable":         {probes.DoesNotApply("it is not asked for"), ""},
		"failed":                 {probes.Fail("too_small", "it is not"), "Add one."},
		"failed in its own way":  {probes.Fail("too_small", "it is not").With(own), "Do this."},
		"not to be told":         {probes.CannotTell(probes.NotObserved, "who knows"), "Check that it is positive."},
		"too many requests":      {probes.CannotTell(probes.RateLimited, "429"), "Run halocheck again in some minutes"},
		"the server breaks":      {probes.CannotTell(probes.ServerError, "500"), "Run halocheck again. If it stays so"},
		"it takes too long":      {probes.CannotTell(probes.Timeout, "no answer"), "Run halocheck again. If it stays so"},
		"its own, all the same":  {probes.CannotTell(probes.Timeout, "no answer").With(own), "Do this."},
		"failed, as it is told":  {probes.Fail(probes.ServerError, "500 for everybody"), "Add one."},
		"failed, as it is asked": {probes.Fail(probes.RateLimited, "429 for everybody"), "Add one."},
		"failed by silence":      {probes.Fail(probes.Timeout, "it never answers"), "Add one."},
	} {
		r := positive("a.one", ask("a", 1, &times))
		r.Judge = func(number) probes.Verdict { return c.verdict }
		f := run(t.Context(), &probes.Session{}, r)[0]
		switch {
		case f.Status != c.verdict.Status || f.Cause != c.verdict.Cause || f.Because != c.verdict.Because:
			t.Errorf("%s: %+v", name, f)
		case (f.Remedy != nil) != (c.want != "") || f.Remedy != nil && !strings.HasPrefix(f.Remedy.Do, c.want):
			t.Errorf("%s: %+v", name, f.Remedy)
		}
	}
	r := positive("a.one", ask("a", 1, &times))
	r.Judge = func(number) probes.Verdict { panic("oh") }
	f := run(t.Context(), &probes.Session{OnPanic: func(string, any, []byte) {}}, r)[0]
	if f.Remedy == nil || !strings.HasPrefix(f.Remedy.Do, "Report it to halocheck's maintainers") || f.Because != "halocheck broke while it judged a" {
		t.Errorf("broken: %s: %+v", f.Because, f.Remedy)
	}
}

// TestTheSecondServer is judged where it is another one, and left out where it is the first or nobody knows which.
func TestTheSecondServer(t *testing.T) {
	var times atomic.Int64
	for name, c := range map[string]struct {
		place probes.Server
		err   error
		host  string // empty: there is no finding
	}{
		"another":   {probes.Server{Side: probes.AuthorisationSide, URL: "https://auth.example.test/auth"}, nil, "auth.example.test"},
		"the first": {probes.Server{Side: probes.AuthorisationSide, URL: "https://halo.example.test/auth", Same: true}, nil, ""},
		"unknown":   {probes.Server{URL: "https://auth.example.test/auth"}, &probes.Unobserved{Cause: probes.NotObserved, Because: "who knows"}, ""},
	} {
		r := positive("a.one", ask("a", 1, &times))
		r.Host = &probes.Probe[probes.Server]{Name: "where", Look: func(context.Context, *probes.Session) (probes.Server, error) { return c.place, c.err }}
		found := run(t.Context(), &probes.Session{}, r)
		if (len(found) == 1) != (c.host != "") || len(found) == 1 && found[0].Host != c.host {
			t.Errorf("%s: %+v", name, found)
		}
		if !r.Meta().PerHost {
			t.Errorf("%s: it is not said that there are two", name)
		}
	}
	if positive("a.one", ask("a", 1, &times)).Meta().PerHost {
		t.Error("one server is said to be two")
	}
	if got := (probes.Server{URL: "https://"}).Host(); got != "" {
		t.Errorf("a URL without a host has the host %q", got)
	}
}

// TestManyFindingsHaveOneOutcome takes the worst of them, in whatever order they come.
func TestManyFindingsHaveOneOutcome(t *testing.T) {
	of := func(id string, level probes.Level, status probes.Status, by string) probes.Finding {
		return probes.Finding{ID: id, Level: level, Status: status, BlockedBy: by}
	}
	passed, failed := of("a.passed", probes.Must, probes.Passed, ""), of("a.failed", probes.Must, probes.Failed, "")
	unknown, broken := of("a.unknown", probes.Must, probes.Unknown, ""), of("a.broken", probes.Must, probes.Broken, "")
	for _, c := range []struct {
		findings []probes.Finding
		outcome  probes.Outcome
		exit     int
		roots    string
	}{
		{nil, probes.Incomplete, 3, ""},
		{[]probes.Finding{of("a", probes.Must, probes.Skipped, ""), of("b", probes.Must, probes.NotApplicable, ""), passed}, probes.Conformant, 0, ""},
		{[]probes.Finding{passed, failed, unknown, broken}, probes.NotConformant, 1, "a.failed"},
		{[]probes.Finding{broken, unknown, failed, passed}, probes.NotConformant, 1, "a.failed"},
		{[]probes.Finding{failed, failed}, probes.NotConformant, 1, "a.failed"},
		{[]probes.Finding{passed, unknown}, probes.Incomplete, 3, ""},
		{[]probes.Finding{unknown, broken}, probes.Incomplete, 4, ""},
		{[]probes.Finding{unknown, of("b", probes.Must, probes.Blocked, "a.unknown")}, probes.Incomplete, 3, "a.unknown"},
		{[]probes.Finding{broken, of("b", probes.Must, probes.Blocked, "a.broken")}, probes.Incomplete, 4, "a.broken"},
		{[]probes.Finding{of("a.should", probes.Should, probes.Unknown, ""), of("b", probes.Must, probes.Blocked, "a.should")}, probes.Incomplete, 3, ""},
		{[]probes.Finding{passed, of("b", probes.Must, probes.Blocked, "a.passed")}, probes.Incomplete, 3, ""},
		{[]probes.Finding{passed, of("a.may", probes.May, probes.Broken, "")}, probes.Conformant, 4, ""},
	} {
		sum := probes.Summarise(c.findings)
		if sum.Outcome != c.outcome || sum.Exit != c.exit || strings.Join(sum.RootCauses, " ") != c.roots {
			t.Errorf("%+v: %s, exit %d, root causes %q", c.findings, sum.Outcome, sum.Exit, sum.RootCauses)
		}
	}
}

// TestProfilesAreWanted has what every use asks for judged in each of them.
func TestProfilesAreWanted(t *testing.T) {
	var times atomic.Int64
	for _, c := range []struct {
		asks   probes.Profile
		wanted []probes.Profile
		want   probes.Status
	}{
		{probes.All, nil, probes.Passed},
		{probes.All, []probes.Profile{probes.Alerts}, probes.Passed},
		{probes.Billing, nil, probes.Passed},
		{probes.Billing, []probes.Profile{probes.Alerts, probes.Billing}, probes.Passed},
		{probes.Billing, []probes.Profile{probes.Alerts}, probes.NotApplicable},
	} {
		r := positive("a.one", ask("a", 1, &times))
		r.Profile = c.asks
		if f := run(t.Context(), &probes.Session{Profiles: c.wanted}, r)[0]; f.Status != c.want {
			t.Errorf("%q with %q: %s", c.asks, c.wanted, f.Status)
		}
	}
	if got := []string{probes.All.Name(), probes.Billing.Name()}; !slices.Equal(got, []string{"all", "billing"}) {
		t.Errorf("%q", got)
	}
}

// TestOfASession reads its clock, its credentials and the values kept beside the evidence.
func TestOfASession(t *testing.T) {
	for _, c := range []struct {
		id, secret string
		want       bool
	}{{"", "", false}, {"a", "", true}, {"", "b", true}, {"a", "b", true}} {
		if got := (probes.Credentials{ID: secret.New(c.id), Secret: secret.New(c.secret)}).Given(); got != c.want {
			t.Errorf("%q and %q: given is %t", c.id, c.secret, got)
		}
	}
	then := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := (&probes.Session{Clock: func() time.Time { return then }}).Now(); !got.Equal(then) {
		t.Errorf("its clock says %s", got)
	}
	s := &probes.Session{}
	if s.Now().IsZero() {
		t.Error("without a clock of its own it has none")
	}
	*probes.Local[int](s), *probes.Local[string](s) = 7, "seven"
	if *probes.Local[int](s) != 7 || *probes.Local[string](s) != "seven" {
		t.Errorf("kept: %d, %q", *probes.Local[int](s), *probes.Local[string](s))
	}
	synctest.Test(t, func(t *testing.T) {
		slow := positive("a.slow", &probes.Probe[number]{Name: "a", Look: func(context.Context, *probes.Session) (number, error) {
			time.Sleep(1500 * time.Millisecond)
			return number{1}, nil
		}})
		if f := run(t.Context(), &probes.Session{}, slow)[0]; f.TookMS != 1500 {
			t.Errorf("it took %v ms", f.TookMS)
		}
	})
}

// TestWhatSomebodyVouchedForIsCountedApart, beside what was observed.
func TestWhatSomebodyVouchedForIsCountedApart(t *testing.T) {
	passed := probes.Finding{ID: "a.passed", Level: probes.Must, Status: probes.Passed}
	vouched := probes.Finding{ID: "a.vouched", Level: probes.Must, Status: probes.Passed, Attested: "I looked"}
	sum := probes.Summarise([]probes.Finding{passed, vouched, passed})
	if sum.Counts[probes.Passed] != 3 || sum.Attested != 1 || sum.Outcome != probes.Conformant {
		t.Errorf("%+v", sum)
	}
}

// TestWhoActsOnAHostedInstance: nobody at the customer has a network device or an event log of HaloPSA's.
func TestWhoActsOnAHostedInstance(t *testing.T) {
	var times atomic.Int64
	network := probes.Remedy{Who: probes.NetworkAdmin, Do: "Open the firewall."}
	own := probes.Remedy{Who: probes.HaloAdmin, Do: "Tick it."}
	server := probes.Remedy{Who: probes.HaloAdmin, Do: "Bind it.", Where: "IIS Manager"}
	mine := probes.Remedy{Who: probes.Operator, Do: "Look.", Where: "IIS Manager"}
	for _, c := range []struct {
		verdict         probes.Verdict
		here, hosted    string // how the remedy starts on premises and where Halo hosts
		who, whoHosting probes.Actor
	}{
		{probes.Fail("shut", "it is").With(network), "Open the firewall.", "Ask Halo's support", probes.NetworkAdmin, probes.HaloAdmin},
		{probes.CannotTell("shut", "it is").With(network), "Open the firewall.", "Ask Halo's support", probes.NetworkAdmin, probes.HaloAdmin},
		{probes.Fail("off", "it is").With(own), "Tick it.", "Tick it.", probes.HaloAdmin, probes.HaloAdmin},
		{probes.Fail("off", "it is").With(server), "Bind it.", "Ask Halo's support", probes.HaloAdmin, probes.HaloAdmin},
		{probes.Fail("off", "it is").With(mine), "Look.", "Look.", probes.Operator, probes.Operator},
		{probes.CannotTell(probes.ServerError, "500"), "Run halocheck again. If it stays so, look into the event log", "Run halocheck again. If it stays so, ask Halo's support", probes.Operator, probes.Operator},
		{probes.CannotTell(probes.ServerError, "GET /Client answered status 502, 4 times"), "Look into the log of the reverse proxy", "Run halocheck again. If it stays so, ask Halo's support", probes.NetworkAdmin, probes.Operator},
		{probes.CannotTell(probes.ServerError, "GET /Client answered status 500"), "Run halocheck again. If it stays so, look into the event log", "Run halocheck again. If it stays so, ask Halo's support", probes.Operator, probes.Operator},
		{probes.CannotTell(probes.AnswerMalformed, "<"), "Run halocheck again. If it stays so, look into the event log", "Run halocheck again. If it stays so, ask Halo's support", probes.Operator, probes.Operator},
		{probes.CannotTell(probes.ConnectionReset, "reset"), "Run halocheck again, from another network", "Run halocheck again, from another network", probes.Operator, probes.Operator},
		{probes.CannotTell(probes.DNSFailure, "no name"), "Run halocheck again, from another network", "Run halocheck again, from another network", probes.Operator, probes.Operator},
	} {
		for host, want := range map[string]string{"halo.example.test": c.here, "acme.halopsa.com": c.hosted} {
			r := positive("a.one", ask("a", 1, &times))
			r.Judge = func(number) probes.Verdict { return c.verdict }
			s := &probes.Session{Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: host}}}
			who := c.who
			if host == "acme.halopsa.com" {
				who = c.whoHosting
			}
			if f := run(t.Context(), s, r)[0]; f.Remedy == nil || !strings.HasPrefix(f.Remedy.Do, want) || f.Remedy.Who != who {
				t.Errorf("%s, %s: %+v", host, c.verdict.Because, f.Remedy)
			}
		}
	}
}

// TestWhatIsJudgedInARun: neither skipped, nor left out, nor another profile's.
func TestWhatIsJudgedInARun(t *testing.T) {
	for name, c := range map[string]struct {
		session *probes.Session
		want    bool
	}{
		"everything":         {&probes.Session{}, true},
		"its profile":        {&probes.Session{Profiles: []probes.Profile{probes.Billing}}, true},
		"another profile":    {&probes.Session{Profiles: []probes.Profile{probes.Alerts}}, false},
		"skipped":            {&probes.Session{Skip: []string{"a.*"}}, false},
		"another is skipped": {&probes.Session{Skip: []string{"b.*"}}, true},
		"only this":          {&probes.Session{Only: []string{"a.one"}}, true},
		"only another":       {&probes.Session{Only: []string{"b.*"}}, false},
		"only this, skipped": {&probes.Session{Only: []string{"a.one"}, Skip: []string{"a.one"}}, false},
	} {
		if got := c.session.Judges("a.one", probes.Billing); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	for name, want := range map[string]probes.Profile{"": probes.All, "all": probes.All, "alerts": probes.Alerts, "billing": probes.Billing} {
		if got := probes.ProfileNamed(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
