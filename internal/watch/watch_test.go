package watch

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }

// checkOf is a check of a fake with everything that it is known by.
func checkOf(t *testing.T, server *fakehalo.Server) Check {
	t.Helper()
	roots, err := wire.ParsePEM(server.CAPEM)
	if err != nil {
		t.Fatal(err)
	}
	secret := func(text string) halocheck.Secret {
		return func(context.Context) (string, error) { return text, nil }
	}
	target := halocheck.Target{URL: server.URL, ClientID: server.Credentials.ClientID, ClientSecret: secret(server.Credentials.ClientSecret)}
	opts := []halocheck.Option{
		halocheck.WithRoots(roots...), halocheck.WithAuthURL(server.Credentials.AuthURL), halocheck.WithTenant(server.Credentials.Tenant),
		halocheck.WithAdmin(server.Admin.ClientID, secret(server.Admin.ClientSecret)), halocheck.WithStable(server.Stable), halocheck.WithAIA("private"), halocheck.WithTeams(server.Teams...),
	}
	for name, url := range server.Vantages {
		opts = append(opts, halocheck.WithVantage(name, url))
	}
	return func(ctx context.Context, more ...halocheck.Option) (*halocheck.Report, error) {
		return halocheck.Run(ctx, target, slices.Concat(opts, more)...)
	}
}

// TestWatch keeps a fault for some rounds, and takes it back. While it is there, a round costs at most three requests; when it
// is gone, everything is asked and the watch ends.
func TestWatch(t *testing.T) {
	for fault, root := range map[string]string{
		"missing-intermediate": "trust.chain", "application-inactive": "login.token", "no-scope-edit-tickets": "application.scope-edit-tickets",
		"clients-names-only": "role.clients-level", "agent-disabled": "agent.enabled", "agent-no-team": "agent.teams", "html-instead-of-json": "product.answers", "old-version": "product.version",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			faults, err := fakehalo.Named(fault)
			if err != nil {
				t.Fatal(err)
			}
			atStart := fault == "missing-intermediate"
			server := fakehalo.Start(faults[:map[bool]int{true: 1}[atStart]]...)
			defer server.Close()
			if !atStart {
				server.Set(faults...)
			}
			check := checkOf(t, server)
			mend := func(r *halocheck.Report) {
				if !atStart {
					server.Clear()
					return
				}
				resp, err := http.Post(server.AdminURL+"/chain", "application/json", bytes.NewReader(report.ServableChain(r)))
				if err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("the chain is not served: %v, %v", resp, err)
				}
				_ = resp.Body.Close()
				http.DefaultClient.CloseIdleConnections()
			}
			rounds, whole := 0, 0
			var first *halocheck.Report
			var mu sync.Mutex
			counted := func(ctx context.Context, more ...halocheck.Option) (*halocheck.Report, error) {
				r, err := check(ctx, more...)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case r == nil:
				case len(r.Findings) > 10:
					whole++
					first = cmp.Or(first, r)
				default:
					rounds++
					if r.Requests > roundRequests {
						t.Errorf("a round costs %d requests", r.Requests)
					}
					if rounds == 2 {
						mend(first)
					}
				}
				return r, err
			}
			var events []Event
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			began, last, err := Run(ctx, counted, Options{Every: 10 * time.Millisecond, For: time.Minute, Tell: func(e Event) { events = append(events, e) }})
			if err != nil || began.Outcome != halocheck.NotConformant || last.Outcome != halocheck.Conformant {
				t.Fatalf("%v: %s, then %s", err, began.Outcome, last.Outcome)
			}
			if !slices.Equal(began.RootCauses, []string{root}) || len(events) != 2 || events[0].Next != root || !slices.Equal(events[1].Fixed, []string{root}) || events[1].Next != "" {
				t.Errorf("%s: %+v", began.RootCauses, events)
			}
			if whole != 2 || rounds != 3 && fault != "agent-no-team" { // that needs more than three, so a whole run is saved up for
				t.Errorf("%d whole runs and %d rounds, want 2 and 3", whole, rounds)
			}
		})
	}
}

// made is a report with one requirement.
func made(id string, status probes.Status, cause probes.Cause, requests int) *halocheck.Report {
	area, _, _ := strings.Cut(id, ".")
	r := &halocheck.Report{Requests: requests, Findings: []probes.Finding{{ID: id, Area: area, Level: probes.Must, Status: status, Cause: cause}}}
	r.Sum()
	return r
}

// TestTheLimitIsKept watches an instance that flaps for an hour: each round holds, and the whole run after it fails. No five
// minutes have more than 300 requests.
func TestTheLimitIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []time.Time
		calls := 0
		requests := &window{}
		check := func(ctx context.Context, _ ...halocheck.Option) (*halocheck.Report, error) {
			calls++
			n, status := 26, probes.Failed
			if calls > 1 && calls%2 == 0 {
				n, status = roundRequests, probes.Passed
			}
			for range n {
				if err := requests.take(ctx, "acme"); err != nil {
					return nil, err
				}
				sent = append(sent, time.Now())
			}
			return made("trust.chain", status, probes.Expired, n), nil
		}
		l := &loop{check: check, tell: func(Event) {}, requests: requests}
		if _, _, err := l.run(t.Context(), Options{Every: time.Second, For: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if calls < 20 {
			t.Errorf("only %d runs", calls)
		}
		for i, at := range sent {
			if i >= halo.RequestLimit && at.Sub(sent[i-halo.RequestLimit]) < halo.LimitWindow {
				t.Fatalf("requests %d to %d come within %s", i-halo.RequestLimit, i, at.Sub(sent[i-halo.RequestLimit]))
			}
		}
		if len(sent) < 3000 {
			t.Errorf("%d requests in an hour: the limit was not reached", len(sent))
		}
	})
}

// TestTheEnd tells a watch that is over from one that was ended: the first asks everything once more.
func TestTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := 0
		check := func(context.Context, ...halocheck.Option) (*halocheck.Report, error) {
			whole++
			return made("trust.chain", probes.Failed, probes.Expired, 1), nil
		}
		if _, last, err := Run(t.Context(), check, Options{Every: 10 * time.Second, For: 35 * time.Second}); err != nil || last.Outcome != halocheck.NotConformant || whole != 5 {
			t.Errorf("%d runs, %v", whole, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, last, err := Run(ctx, check, Options{Every: 10 * time.Second, For: time.Hour}); err != nil || last.Outcome != halocheck.NotConformant || whole != 6 {
			t.Errorf("ended: %d runs, %v", whole, err)
		}
	})
}

// TestAnotherReason tells of a root cause that fails for another reason than before, once.
func TestAnotherReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		check := func(context.Context, ...halocheck.Option) (*halocheck.Report, error) {
			if calls++; calls == 1 {
				return made("trust.chain", probes.Failed, probes.MissingIntermediate, 1), nil
			}
			return made("trust.chain", probes.Failed, probes.WrongIntermediate, 1), nil
		}
		var events []Event
		if _, _, err := Run(t.Context(), check, Options{Every: 10 * time.Second, For: time.Minute, Tell: func(e Event) { events = append(events, e) }}); err != nil {
			t.Fatal(err)
		}
		if len(events) != 2 || len(events[1].Other) != 1 || events[1].Other[0].Cause != probes.WrongIntermediate {
			t.Errorf("%+v", events)
		}
	})
}
