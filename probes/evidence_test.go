package probes_test

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

func TestReadStatus(t *testing.T) {
	for _, c := range []struct {
		status, tries int
		readable      bool
		state         probes.State
		cause         probes.Cause
		because       string
	}{
		{200, 1, true, probes.Shown, "", ""},
		{200, 1, false, probes.NotRead, probes.AnswerMalformed, "GET /X answered status 200 and a body that cannot be read"},
		{401, 1, true, probes.Refused, probes.NotObserved, "GET /X answered status 401"},
		{403, 2, true, probes.Refused, probes.NotObserved, "GET /X answered status 403, 2 times"},
		{429, 9, true, probes.NotRead, probes.RateLimited, "GET /X answered status 429, 9 times (too many requests)"},
		{500, 1, true, probes.NotRead, probes.ServerError, "GET /X answered status 500"},
		{504, 0, true, probes.NotRead, probes.ServerError, "GET /X answered status 504"},
		{408, 4, true, probes.NotRead, probes.Timeout, "GET /X answered status 408, 4 times"},
		{499, 1, true, probes.NotRead, probes.NotObserved, "GET /X answered status 499"},
		{400, 1, true, probes.NotRead, probes.NotObserved, "GET /X answered status 400"},
		{302, 1, true, probes.NotRead, probes.NotObserved, "GET /X answered status 302"},
		{204, 1, true, probes.NotRead, probes.NotObserved, "GET /X answered status 204"},
	} {
		if got := probes.ReadStatus("GET /X", c.status, c.tries, c.readable); got != (probes.Reading{State: c.state, Cause: c.cause, Because: c.because}) {
			t.Errorf("%d: %+v", c.status, got)
		}
	}
}

// shows is evidence in a test's own words.
type shows probes.Reading

func (s shows) Reading() probes.Reading { return probes.Reading(s) }

// TestAPassRestsOnWhatWasShown: on anything else the same words are an unknown.
func TestAPassRestsOnWhatWasShown(t *testing.T) {
	empty, one := "", 1
	for name, c := range map[string]struct {
		on     []any
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		"a value":                       {[]any{"seen"}, probes.Passed, probes.OK, "it holds"},
		"a pointer to a zero value":     {[]any{&empty}, probes.Passed, probes.OK, "it holds"},
		"an empty list that came":       {[]any{[]string{}}, probes.Passed, probes.OK, "it holds"},
		"a reading that shows it":       {[]any{shows{State: probes.Shown}}, probes.Passed, probes.OK, "it holds"},
		"nothing":                       {[]any{nil}, probes.Unknown, probes.NotObserved, "nothing was seen that shows it"},
		"an empty string":               {[]any{""}, probes.Unknown, probes.NotObserved, "nothing was seen"},
		"false":                         {[]any{false}, probes.Unknown, probes.NotObserved, "nothing was seen"},
		"a list that did not come":      {[]any{[]string(nil)}, probes.Unknown, probes.NotObserved, "nothing was seen"},
		"a pointer to nothing":          {[]any{(*int)(nil)}, probes.Unknown, probes.NotObserved, "nothing was seen"},
		"an empty reading":              {[]any{shows{}}, probes.Unknown, probes.NotObserved, "it holds"},
		"a refusal":                     {[]any{shows{probes.Refused, probes.NotObserved, "403"}}, probes.Unknown, probes.NotObserved, "it holds, but 403"},
		"a server that breaks":          {[]any{shows{probes.NotRead, probes.ServerError, "500"}}, probes.Unknown, probes.ServerError, "it holds, but 500"},
		"a value, and a list not read":  {[]any{one, shows{probes.NotRead, probes.RateLimited, "429"}}, probes.Unknown, probes.RateLimited, "it holds, but 429"},
		"a value, and a list that came": {[]any{one, shows{State: probes.Shown}}, probes.Passed, probes.OK, "it holds"},
	} {
		if v := probes.Pass("it holds", c.on[0], c.on[1:]...); v.Status != c.status || v.Cause != c.cause || !strings.Contains(v.Because, c.says) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestEvidenceIsReadFirstHand: a Reading given itself counts as what it says.
func TestEvidenceIsReadFirstHand(t *testing.T) {
	if v := probes.Pass("it holds", probes.Reading{State: probes.Shown}); v.Status != probes.Passed {
		t.Errorf("%+v", v)
	}
	if v := probes.Pass("it holds", probes.Reading{State: probes.NotRead, Cause: probes.Timeout, Because: "silence"}); v.Cause != probes.Timeout {
		t.Errorf("%+v", v)
	}
}
