package selfproof_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
)

// roundTrip is how far away the benchmark's instance is.
const roundTrip = 50 * time.Millisecond

// delayed puts a server a round trip away: a proxy on loopback that holds every byte back for half of one, and the first
// of each connection for a whole one more, as a TCP handshake would.
func delayed(b testing.TB, to string) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				time.Sleep(roundTrip)
				far, err := net.Dial("tcp", to)
				if err != nil {
					_ = c.Close()
					return
				}
				go hold(far, c)
				hold(c, far)
			}()
		}
	}()
	return l.Addr().String()
}

// hold copies with half a round trip's delay.
func hold(to, from net.Conn) {
	type chunk struct {
		data []byte
		due  time.Time
	}
	queue := make(chan chunk, 1024)
	go func() {
		defer close(queue)
		for {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				queue <- chunk{buffer[:n], time.Now().Add(roundTrip / 2)}
			}
			if err != nil {
				return
			}
		}
	}()
	for c := range queue {
		time.Sleep(time.Until(c.due))
		if _, err := to.Write(c.data); err != nil {
			break
		}
	}
	_ = to.Close()
}

// BenchmarkCheck is a whole healthy check of an instance 50 ms away, beside a client that sends the same requests without
// judging anything. Both are printed in round trips in sequence. The least is four: connect, TLS, token, then everything
// at once; a check takes one more, since no secret goes out before authinfo and the token endpoint were looked at.
func BenchmarkCheck(b *testing.B) {
	fake := fakehalo.Start()
	defer fake.Close()
	far := "https://" + delayed(b, strings.TrimPrefix(fake.URL, "https://"))
	trusted, err := wire.NewRoots(nil)
	if err != nil {
		b.Fatal(err)
	}
	trusted.Pool = fake.CAPool

	var ours, bare, ratios []float64
	for b.Loop() {
		a := inTrips(b, func() error { return healthy(fake, far, trusted) })
		z := inTrips(b, func() error { return minimal(fake, far) })
		ours, bare, ratios = append(ours, a), append(bare, z), append(ratios, a/z)
	}
	b.ReportMetric(median(ours), "round-trips")
	b.ReportMetric(median(bare), "round-trips-minimal")
	b.ReportMetric(median(ratios), "x-minimal")
}

// inTrips is how long something takes, in round trips.
func inTrips(b *testing.B, do func() error) float64 {
	b.Helper()
	begin := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return float64(time.Since(begin)) / float64(roundTrip)
}

// healthy is one check; nothing may fail.
func healthy(fake *fakehalo.Server, far string, trusted *wire.Roots) error {
	target, err := url.Parse(far)
	if err != nil {
		return err
	}
	s := &probes.Session{
		Target:      probes.Target{Resource: target, AuthURL: far + "/auth/", AuthTyped: true, Tenant: fake.Credentials.Tenant, TenantTyped: true},
		Guide:       guide.BuiltIn(),
		Credentials: probes.Credentials{ID: secret.New(fake.Credentials.ClientID), Secret: secret.New(fake.Credentials.ClientSecret)},
		Stable:      fake.Stable,
		Net:         &wire.Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: trusted, Now: time.Now, UserAgent: "halocheck/bench"},
	}
	defer s.Net.Close()
	for f := range probes.Run(context.Background(), s, catalogue.All(s.Guide)) {
		if f.Status == probes.Failed {
			return fmt.Errorf("%s fails: %s", f.ID, f.Because)
		}
	}
	return nil
}

// minimal asks what a check asks, hand-written: the token first, as a client does that knows where to ask, then
// everything else at once.
func minimal(fake *fakehalo.Server, far string) error {
	client := fake.Client()
	defer client.CloseIdleConnections()
	get := func(address string, bearer string) error {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Body.Close()
	}
	all := func(calls ...func() error) error {
		var wg sync.WaitGroup
		errs := make([]error, len(calls))
		for i, call := range calls {
			wg.Go(func() { errs[i] = call() })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {fake.Credentials.ClientID}, "client_secret": {fake.Credentials.ClientSecret}, "scope": {"read:customers read:tickets"}}
	resp, err := client.PostForm(far+"/auth/token", form)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(body), `"access_token":"`)
	bearer, _, _ := strings.Cut(rest, `"`)
	calls := []func() error{
		func() error { return get(far+"/api/authinfo", "") },
		func() error { return get(far+"/", "") },
	}
	for _, path := range lists {
		calls = append(calls, func() error { return get(far+"/api/"+path, bearer) })
	}
	return all(calls...)
}
