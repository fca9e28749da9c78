package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
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

// at is an instance on a host.
func at(name, url string) Instance {
	return Instance{Name: name, Settings: []Setting{{Name: "url", Values: []string{url}}}}
}

// many are instances named after what they do, each on a host of its own.
func many(n int, what string) []Instance {
	var list []Instance
	for i := range n {
		name := fmt.Sprintf("%s-%d", what, i)
		list = append(list, at(name, name+".example"))
	}
	return list
}

// TestSilentServersDelayNobody puts 1,000 servers that keep silent before 200 healthy ones: these are finished long before
// the deadline of a minute that the silent ones use up.
func TestSilentServersDelayNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var healthy, silent time.Duration
		order := append(many(1000, "silent"), many(200, "healthy")...)
		done := 0
		err := CheckAll(t.Context(), order, Options{Parallel: 32}, func(ctx context.Context, i Instance, _ *Permit) (*Result, error) {
			if strings.HasPrefix(i.Name, "silent") {
				ctx, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				<-ctx.Done()
			} else {
				time.Sleep(300 * time.Millisecond)
			}
			return outcome(i.Name, probes.Passed, ""), nil
		}, func(r *Result) error {
			done++
			if strings.HasPrefix(r.Name, "healthy") {
				healthy = time.Since(begin)
			} else {
				silent = time.Since(begin)
			}
			return nil
		})
		if err != nil || done != len(order) {
			t.Errorf("%d results, %v", done, err)
		}
		if healthy > 40*time.Second || silent < time.Minute {
			t.Errorf("the last healthy one was finished after %s, the last silent one after %s", healthy, silent)
		}
	})
}

// TestTheBoundsHold counts what is at work at once, and what is waiting beside it.
func TestTheBoundsHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		o := Options{Parallel: 3, Waiting: 5, SlotTime: time.Second}
		if err := CheckAll(t.Context(), many(40, "x"), o, func(context.Context, Instance, *Permit) (*Result, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(time.Minute)
			return nil, nil
		}, func(*Result) error { return nil }); err != nil {
			t.Error(err)
		}
		if most.Load() != 8 {
			t.Errorf("%d ran at once, want 3 at work and 5 waiting", most.Load())
		}
		most.Store(0)
		o.SlotTime = time.Hour
		if err := CheckAll(t.Context(), many(40, "x"), o, func(context.Context, Instance, *Permit) (*Result, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(time.Minute)
			return nil, nil
		}, func(*Result) error { return nil }); err != nil {
			t.Error(err)
		}
		if most.Load() != 3 {
			t.Errorf("%d were at work at once, want 3", most.Load())
		}
	})
}

// TestTheLimitOfASharedHost has 60 customers behind one Authorisation Server, each sending four requests: no window of a
// minute sees more than 40, each is in time, and customers of other servers are finished at once.
func TestTheLimitOfASharedHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var order []Instance
		for _, i := range many(60, "shared") {
			i.Settings = append(i.Settings, Setting{Name: "auth-url", Values: []string{"https://Auth.example:443/token/"}})
			order = append(order, i)
		}
		order = append(order, many(60, "own")...)
		var mu sync.Mutex
		var sent []time.Duration
		var own time.Duration
		err := CheckAll(t.Context(), order, Options{Parallel: 8, HostRate: Rate{40, time.Minute}}, func(ctx context.Context, i Instance, p *Permit) (*Result, error) {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			host := "auth.example"
			if strings.HasPrefix(i.Name, "own") {
				host = i.URL()
			}
			for range 4 {
				if err := p.Wait(ctx, host); err != nil {
					t.Errorf("%s: %v", i.Name, err)
				}
				mu.Lock()
				if host == "auth.example" {
					sent = append(sent, time.Since(begin))
				} else {
					own = time.Since(begin)
				}
				mu.Unlock()
			}
			return nil, nil
		}, func(*Result) error { return nil })
		if err != nil || len(sent) != 240 {
			t.Errorf("%d requests, %v", len(sent), err)
		}
		for i := range sent {
			if i >= 40 && sent[i]-sent[i-40] < time.Minute-time.Second {
				t.Fatalf("41 requests from %s to %s", sent[i-40], sent[i])
			}
		}
		if own > 5*time.Second {
			t.Errorf("customers of other servers waited %s", own)
		}
	})
}

// TestTheLimitOfAll holds all hosts together to ten requests a second.
func TestTheLimitOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var sent atomic.Int64
		err := CheckAll(t.Context(), many(50, "x"), Options{TotalRate: Rate{10, time.Second}}, func(ctx context.Context, i Instance, p *Permit) (*Result, error) {
			for range 5 {
				if err := p.Wait(ctx, i.URL()); err != nil {
					return nil, err
				}
				sent.Add(1)
			}
			return nil, nil
		}, func(*Result) error { return nil })
		// Half of the rate is spread over the second: 250 requests at five a second.
		if took := time.Since(begin); err != nil || sent.Load() != 250 || took < 48*time.Second || took > 55*time.Second {
			t.Errorf("%d requests in %s, %v", sent.Load(), took, err)
		}
	})
}

func TestAnErrorAndTheUserEndIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("the disk is full")
		var told, asked atomic.Int64
		check := func(ctx context.Context, i Instance, _ *Permit) (*Result, error) {
			asked.Add(1)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return outcome(i.Name, probes.Passed, ""), nil
		}
		err := CheckAll(t.Context(), many(100, "x"), Options{Parallel: 4}, check, func(*Result) error {
			if told.Add(1) == 9 {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) || told.Load() != 9 || asked.Load() > 16 {
			t.Errorf("%v after %d results and %d checks", err, told.Load(), asked.Load())
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*time.Millisecond, func() { cancel(probes.ErrInterrupted) })
		told.Store(0)
		begin := time.Now()
		err = CheckAll(ctx, many(100, "x"), Options{Parallel: 4}, check, func(*Result) error { told.Add(1); return nil })
		if !errors.Is(err, probes.ErrInterrupted) || told.Load() != 4 || time.Since(begin) > 2*time.Second {
			t.Errorf("%v after %d results and %s", err, told.Load(), time.Since(begin))
		}
	})
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]Rate{"off": {}, "300/5m": {300, 5 * time.Minute}, "2/1s": {2, time.Second}} {
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1/1s", "300", "300/5", "-3/1s", "300/-1s", "x/1s"} {
		if _, err := ParseRate(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// TestShards: every name is in exactly one shard, the parts are about even, and another number of shards moves few.
func TestShards(t *testing.T) {
	all := many(3000, "customer")
	seen := map[string]Shard{}
	for n := range 3 {
		s := Shard{n + 1, 3}
		part := s.Select(all)
		if len(part) < 900 || len(part) > 1100 {
			t.Errorf("shard %s has %d of 3000", s, len(part))
		}
		for _, i := range part {
			if other, twice := seen[i.Name]; twice {
				t.Errorf("%s is in %s and in %s", i.Name, other, s)
			}
			seen[i.Name] = s
		}
	}
	if len(seen) != len(all) {
		t.Errorf("%d of 3000 are in a shard", len(seen))
	}
	moved := 0
	for _, i := range all {
		if s := seen[i.Name]; !(Shard{s.Index, 4}).Contains(i.Name) {
			moved++
		}
	}
	if moved < 600 || moved > 900 {
		t.Errorf("a fourth shard moves %d of 3000, want a quarter", moved)
	}
	// The assignment is kept from version to version: results of old shards are resumed by new programs.
	for name, want := range map[string]int{"acme": 2, "bolt": 1, "contoso": 1} {
		if !(Shard{want, 3}).Contains(name) {
			t.Errorf("%s is no longer in shard %d of 3", name, want)
		}
	}
	for text, want := range map[string]Shard{"1/1": {1, 1}, "3/3": {3, 3}} {
		if got, err := ParseShard(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1", "0/3", "4/3", "1/0", "a/b", "1/3/3", "-1/3"} {
		if _, err := ParseShard(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// countingResolver answers after a second and counts.
type countingResolver struct{ asked atomic.Int64 }

func (r *countingResolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	r.asked.Add(1)
	time.Sleep(time.Second)
	if host == "unknown.example" {
		return nil, errors.New("no such host")
	}
	return []netip.Addr{netip.MustParseAddr("203.0.113.7")}, nil
}

func TestAddressesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := &countingResolver{}
		r := &Resolver{From: from}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if found, err := r.LookupNetIP(t.Context(), "ip", "auth.example"); err != nil || !slices.Equal(found, []netip.Addr{netip.MustParseAddr("203.0.113.7")}) {
					t.Error(found, err)
				}
			})
		}
		hurried, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := r.LookupNetIP(hurried, "ip", "auth.example"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("whoever has no time waits: %v", err)
		}
		wg.Wait()
		for range 2 {
			if _, err := r.LookupNetIP(t.Context(), "ip", "unknown.example"); err == nil {
				t.Error("an unknown name has an address")
			}
		}
		time.Sleep(lookupTTL)
		if _, err := r.LookupNetIP(t.Context(), "ip", "auth.example"); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(int64(4), from.asked.Load()); diff != "" {
			t.Errorf("once for all, twice for what failed, once more when it was old: %s", diff)
		}
	})
}
