package catalogue_test

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// judged are the findings for saved answers, on an on-premise or a hosted instance.
func judged(t *testing.T, host string, evidence map[string]json.RawMessage) []probes.Finding {
	t.Helper()
	s := &probes.Session{
		Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: host}}, Guide: guide.BuiltIn(),
		Clock:   func() time.Time { return time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC) },
		OnPanic: func(where string, what any, _ []byte) { t.Errorf("%s: %v", where, what) },
	}
	s.Replay(evidence)
	return slices.Collect(probes.Run(context.Background(), s, catalogue.All(s.Guide)))
}

// empties are answers that show nothing: every question of the catalogue got the zero value of its type.
func empties() map[string]json.RawMessage {
	evidence := map[string]json.RawMessage{}
	for _, c := range catalogue.All(guide.BuiltIn()) {
		evidence[c.Meta().Probe] = json.RawMessage("null")
	}
	evidence["target.resource"] = json.RawMessage(`{"side":"resource","url":"https://halo.example.test"}`)
	evidence["login.place"] = json.RawMessage(`{"side":"authorisation","url":"https://auth.example.test"}`)
	return evidence
}

// TestNothingPassesOnAnEmptyAnswer: whatever requirement is added, it cannot pass where nothing was seen.
func TestNothingPassesOnAnEmptyAnswer(t *testing.T) {
	found := judged(t, "halo.example.test", empties())
	if len(found) < 51 {
		t.Fatalf("%d findings", len(found))
	}
	for _, f := range found {
		if f.Status == probes.Passed || f.Status == probes.Broken {
			t.Errorf("%s is %s on an empty answer: %s", f.ID, f.Status, f.Because)
		}
	}
}

// findsOut are the first words of a remedy that finds out and mends nothing.
var findsOut = []string{"Check", "Look", "Run", "Ask", "Compare", "Give", "Tell", "Read", "Open"}

// TestAnUnknownNeverSaysHowToMend: it says how to find out, and on a hosted instance nothing is asked of the customer's
// network. Run without any answer, with empty ones, and interrupted.
func TestAnUnknownNeverSaysHowToMend(t *testing.T) {
	mends := map[string]probes.Remedy{}
	for _, c := range catalogue.All(guide.BuiltIn()) {
		mends[c.Meta().ID] = c.Meta().Remedy
	}
	for _, host := range []string{"halo.example.test", "acme.halopsa.com"} {
		for _, evidence := range []map[string]json.RawMessage{{}, empties()} {
			unknown := 0
			for _, f := range judged(t, host, evidence) {
				if f.Remedy == nil {
					continue
				}
				if host == "acme.halopsa.com" && f.Remedy.Who == probes.NetworkAdmin {
					t.Errorf("%s, hosted: %s %+v", f.ID, f.Status, f.Remedy)
				}
				if f.Status != probes.Unknown {
					continue
				}
				unknown++
				first, _, _ := strings.Cut(f.Remedy.Do, " ")
				if *f.Remedy == mends[f.ID] || !slices.Contains(findsOut, first) {
					t.Errorf("%s is unknown (%s) and says: %+v", f.ID, f.Cause, f.Remedy)
				}
			}
			if unknown == 0 {
				t.Errorf("%s: nothing is unknown", host)
			}
		}
	}
}

// TestEveryRequirementSaysHowToFindOut: FindOut is never Remedy, and starts with a word of looking.
func TestEveryRequirementSaysHowToFindOut(t *testing.T) {
	for _, c := range catalogue.All(guide.BuiltIn()) {
		m := c.Meta()
		first, _, _ := strings.Cut(m.FindOut.Do, " ")
		if m.FindOut == m.Remedy || m.FindOut.Who == "" || !slices.Contains(findsOut, first) {
			t.Errorf("%s: %+v", m.ID, m.FindOut)
		}
	}
}

// TestAnInterruptedRunGivesNobodyATask but to run it again.
func TestAnInterruptedRunGivesNobodyATask(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	stop(probes.ErrInterrupted)
	s := &probes.Session{Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: "halo.example.test"}}, Guide: guide.BuiltIn()}
	for f := range probes.Run(ctx, s, catalogue.All(s.Guide)) {
		if f.Remedy != nil && *f.Remedy != (probes.Remedy{Who: probes.Operator, Do: "Run halocheck again and let it finish."}) {
			t.Errorf("%s: %+v", f.ID, f.Remedy)
		}
	}
}
