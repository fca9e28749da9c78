package independent_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// namedCase is something that was reported of a real instance, with what a check has to say of it.
type namedCase struct {
	name    string
	hosted  bool
	prepare func(in *instance, f *form) func(*server)
	session func(*probes.Session) // changes what was typed; may be nil
	want    map[string]string     // ID to "status" or "status cause"; several by "|"
	says    map[string]string     // ID to what because or remedy have to match
	never   map[string]string     // ID, or "*", to what they must not match
	fails   bool                  // failing Musts are expected of the IDs in want alone; otherwise nothing may fail
	whole   bool                  // every Must passes or does not apply, but the allow-list
	secret  bool                  // the secret must not be sent
	outcome probes.Outcome
	holds   func(o outcome) string // a further condition; what is wrong
}

// runCase checks the plain instance with the case's changes.
func runCase(t *testing.T, c namedCase) {
	t.Helper()
	inBubble(t, func() {
		in, f := plainInstance(), plainForm
		if c.hosted {
			f = hostedForm(in)
		}
		onServer := c.prepare(in, &f)
		s := start(in, f, newMemoryNetwork())
		defer s.close()
		if onServer != nil {
			onServer(s)
		}
		session := s.session()
		defer session.Net.Close()
		if c.session != nil {
			c.session(session)
		}
		o := s.checkWith(session)
		judgeCase(t, c, s, o)
		if sampled(4, c.name) {
			judgeAgain(t, session, o)
		}
	})
}

func judgeCase(t *testing.T, c namedCase, s *server, o outcome) {
	t.Helper()
	for _, w := range judgeConduct(s, o) {
		t.Errorf("%s\n    %s", w.key, w.because)
	}
	for id, wanted := range c.want {
		if !slices.ContainsFunc(o.of(id), func(f probes.Finding) bool {
			return slices.Contains(strings.Split(wanted, "|"), verdict(f)) || slices.Contains(strings.Split(wanted, "|"), string(f.Status))
		}) {
			t.Errorf("%s: want %s, got %s", id, wanted, texts(o.of(id)))
		}
	}
	for id, pattern := range c.says {
		if !regexp.MustCompile(pattern).MatchString(texts(o.of(id))) {
			t.Errorf("%s does not say %q: %s", id, pattern, texts(o.of(id)))
		}
	}
	for id, pattern := range c.never {
		for _, f := range o.findings {
			if (id == "*" || f.ID == id) && regexp.MustCompile(pattern).MatchString(texts([]probes.Finding{f})) {
				t.Errorf("%s says %q: %s", f.ID, pattern, texts([]probes.Finding{f}))
			}
		}
	}
	left := 0
	for _, f := range o.findings {
		_, expected := c.want[f.ID]
		open := f.Status == probes.Unknown || f.Status == probes.Blocked
		switch {
		case f.Status == probes.Failed && !(c.fails && expected):
			t.Errorf("accused: %s", texts([]probes.Finding{f}))
		case c.whole && left < 3 && f.Level == probes.Must && open && f.ID != "network.allowlist":
			left++
			t.Errorf("left open: %s", texts([]probes.Finding{f}))
		}
	}
	if c.outcome != "" && o.summary.Outcome != c.outcome {
		t.Errorf("the outcome is %s, not %s", o.summary.Outcome, c.outcome)
	}
	if c.secret && slices.ContainsFunc(o.requests, func(r request) bool { return r.secret }) {
		t.Error("the secret was sent")
	}
	if c.holds != nil {
		if text := c.holds(o); text != "" {
			t.Error(text)
		}
	}
}

func (o outcome) of(id string) (list []probes.Finding) {
	for _, f := range o.findings {
		if f.ID == id {
			list = append(list, f)
		}
	}
	return list
}

func verdict(f probes.Finding) string {
	return strings.TrimSpace(string(f.Status) + " " + string(f.Cause))
}

func texts(list []probes.Finding) string {
	var out []string
	for _, f := range list {
		remedy := ""
		if f.Remedy != nil {
			remedy = fmt.Sprintf(" [%s: %s | %s]", f.Remedy.Who, f.Remedy.Do, f.Remedy.Where)
		}
		out = append(out, f.ID+" "+f.Host+" "+verdict(f)+f.BlockedBy+": "+f.Because+remedy)
	}
	return strings.Join(out, "\n")
}

// nothing changes nothing.
func nothing(*instance, *form) func(*server) { return nil }

// writing changes the form alone.
func writing(change func(f *form)) func(*instance, *form) func(*server) {
	return func(_ *instance, f *form) func(*server) { change(f); return nil }
}

// onServer changes the server alone.
func onServer(change func(s *server)) func(*instance, *form) func(*server) {
	return func(*instance, *form) func(*server) { return change }
}

// replying answers matching requests with one answer.
func replying(r string, a answer) func(*instance, *form) func(*server) {
	return onServer(func(s *server) {
		when := isAPI(r)
		if r == "token" {
			when = isToken
		}
		if r == "*" {
			when = anyRequest
		}
		s.before(&rule{when: when, times: -1, answer: s.reply(a)})
	})
}

// TestReportedInstances rebuilds what was reported of real instances.
func TestReportedInstances(t *testing.T) {
	for _, c := range slices.Concat(listCases(), tokenCases(), formCases(), placeCases(), wordCases()) {
		if sampled(1, c.name) {
			t.Run(c.name, func(t *testing.T) { runCase(t, c) })
		}
	}
}

// TestInterruptedRunsGiveNobodyATask ends a check while it waits.
func TestInterruptedRunsGiveNobodyATask(t *testing.T) {
	inBubble(t, func() {
		in, f := plainInstance(), plainForm
		s := start(in, f, newMemoryNetwork())
		defer s.close()
		s.hang(isAPI("authinfo"))
		session := s.session()
		defer session.Net.Close()
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		time.AfterFunc(time.Second, func() { cancel(probes.ErrInterrupted) })
		o := s.checkUnder(ctx, session)
		for _, found := range o.findings {
			if found.Status == probes.Unknown && found.Remedy != nil && found.Remedy.Who != probes.Operator {
				t.Errorf("a task for somebody else: %s", texts([]probes.Finding{found}))
			}
		}
	})
}
