package server

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/vantage"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// The addresses of the agents. The fake turns the first one, or both, away under its faults.
const first, second = "127.0.0.11", "127.0.0.12"

// site is a server with TLS, and all that agents sent and got.
type site struct {
	*httptest.Server
	t     *testing.T
	store *store.Store
	log   *buffer
	wire  *buffer
}

// buffer is written to by several.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// recorder keeps what is answered.
type recorder struct {
	http.ResponseWriter
	to io.Writer
}

func (r recorder) Write(p []byte) (int, error) {
	_, _ = r.to.Write(p)
	return r.ResponseWriter.Write(p)
}

func newSite(t *testing.T, o Options) *site {
	t.Helper()
	s := &site{t: t, log: &buffer{}, wire: &buffer{}}
	var err error
	if s.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "team.db")); err != nil {
		t.Fatal(err)
	}
	o.Store, o.Log = s.store, slog.New(slog.NewTextHandler(s.log, nil))
	handler, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_ = req.Header.Write(s.wire)
		req.Body = io.NopCloser(io.TeeReader(req.Body, s.wire))
		handler.ServeHTTP(recorder{w, s.wire}, req)
	}))
	t.Cleanup(func() { handler.Close(); s.Server.Close(); _ = s.store.Close() })
	return s
}

// declare adds an agent and returns what it enrols with.
func (s *site) declare(name, address string) string {
	s.t.Helper()
	word, err := s.store.AddVantageAgent(s.t.Context(), store.VantageAgent{Name: name, Address: netip.MustParseAddr(address), Made: time.Now(), EnrolBefore: time.Now().Add(time.Hour)})
	if err != nil {
		s.t.Fatal(err)
	}
	return word
}

// agent is a real one that is not enrolled yet.
func (s *site) agent(source string) *vantage.Agent {
	s.t.Helper()
	at, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	roots, err := wire.NewRoots(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	a := &vantage.Agent{
		Server: at, CA: trusted, Source: netip.MustParseAddr(source), Private: true, Version: "1.4.0", Resolver: net.DefaultResolver, Roots: roots,
		Tell: func(err error) { s.t.Log(source, err) },
	}
	s.t.Cleanup(a.Close)
	return a
}

// enrol enrols an agent as its command does, with its token in a file.
func (s *site) enrol(a *vantage.Agent, word string) {
	s.t.Helper()
	if err := vantage.Enrolled(s.t.Context(), a, vantage.Tokens{Enrolment: word}, filepath.Join(s.t.TempDir(), "token")); err != nil {
		s.t.Fatal(err)
	}
}

// start runs an agent until the test, or what is returned, ends it.
func (s *site) start(a *vantage.Agent) (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := a.Run(ctx); err != nil {
			s.t.Error(err)
		}
	}()
	stop = func() { cancel(); <-done }
	s.t.Cleanup(stop)
	for range 200 {
		all, err := s.store.VantageAgents(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, one := range all {
			if one.Address == a.Source && !one.Seen.IsZero() {
				return stop
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("the agent does not come")
	return stop
}

// run checks a fake by the built-in guide with the agents' addresses in it.
func (s *site) run(fake *fakehalo.Server) probes.Finding {
	s.t.Helper()
	g := *guide.BuiltIn()
	network := *g.Network
	network.Addresses = []string{first, second}
	g.Network = &network
	roots, err := wire.ParsePEM(fake.CAPEM)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := halocheck.Run(s.t.Context(), halocheck.Target{
		URL: fake.URL, ClientID: fake.Credentials.ClientID, ClientSecret: func(context.Context) (string, error) { return fake.Credentials.ClientSecret, nil },
	}, halocheck.WithGuide(&g), halocheck.WithRoots(roots...), halocheck.WithTenant(fake.Credentials.Tenant), halocheck.WithStable(fake.Stable), halocheck.WithTeams(fake.Teams...),
		halocheck.WithHosting("on-premise"), halocheck.WithSession(Attach(s.store, func(err error) { s.t.Error(err) })))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.ID == "network.allowlist" {
			return f
		}
	}
	s.t.Fatal("there is no finding")
	return probes.Finding{}
}

// TestAllowlistIsProved: two agents at two addresses, over TLS. Each verdict is reached, and no secret comes near an agent.
func TestAllowlistIsProved(t *testing.T) {
	t.Parallel()
	s := newSite(t, Options{})
	var stops []func()
	for name, address := range map[string]string{"egress-1": first, "egress-2": second} {
		a := s.agent(address)
		s.enrol(a, s.declare(name, address))
		stops = append(stops, s.start(a))
	}
	fake := fakehalo.Start()
	defer fake.Close()
	for fault, want := range map[string]string{
		"":                   "pass ok seen to get through from 127.0.0.11 and 127.0.0.12; agents ask for /api/authinfo alone",
		"one-listed-refused": "fail refused_from_listed something before HaloPSA turns 127.0.0.11 away: status 403",
		"listed-refused":     "fail refused_from_listed something before HaloPSA turns 127.0.0.11 and 127.0.0.12 away: status 403",
	} {
		var faults []fakehalo.Fault
		if fault != "" {
			var err error
			if faults, err = fakehalo.Named(fault); err != nil {
				t.Fatal(err)
			}
		}
		fake.Clear() // Set adds
		fake.Set(faults...)
		f := s.run(fake)
		if got := string(f.Status) + " " + string(f.Cause) + " " + f.Because; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", fault, got, want)
		}
	}
	for _, stop := range stops {
		stop()
	}
	all, err := s.store.VantageAgents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond) // it was there a moment ago, so it is waited for
		if o, err := ask(ctx, s.store, a, wire.Endpoint{Host: "127.0.0.1", Port: "1"}, true); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
			t.Error(o, err)
		}
		cancel()
		if err := s.store.SeeVantageAgent(t.Context(), a.Name, a.Version, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if f := s.run(fake); f.Status != probes.Unknown || f.Cause != probes.NoVantage || !strings.Contains(f.Because, "127.0.0.12 (the agent egress-2 is not there)") {
		t.Errorf("nobody is accused without agents: %s %s %s", f.Status, f.Cause, f.Because)
	}
	seen := s.wire.String()
	for _, secret := range []string{fake.Credentials.ClientSecret, fake.Credentials.ClientID, fake.Credentials.Tenant + "\"", "client_secret", "token?tenant"} {
		if strings.Contains(seen, secret) {
			t.Errorf("an agent hears of %q", secret)
		}
	}
	if strings.Count(seen, `"verb":"authinfo"`) < 12 {
		t.Error("what went over the wire was not looked at:", seen)
	}
	if strings.Contains(s.log.String(), "dropped") {
		t.Error(s.log.String())
	}
}

// TestOnDemand: what an agent sees is there within two seconds, of a host that answers and of one that does not.
func TestOnDemand(t *testing.T) {
	t.Parallel()
	s := newSite(t, Options{})
	a := s.agent(first)
	s.enrol(a, s.declare("egress-1", first))
	s.start(a)
	known, err := s.store.VantageAgent(t.Context(), a.Token)
	if err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	for _, c := range []struct {
		e    wire.Endpoint
		want string
		most time.Duration
	}{
		{wire.Endpoint{Host: "127.0.0.1", Port: "1"}, "connection_refused", 2 * time.Second},
		{wire.Endpoint{Host: "127.0.0.1", Port: port}, "timeout", 2*time.Second + vantage.LookTime},
	} {
		began := time.Now()
		o, err := ask(t.Context(), s.store, known, c.e, true)
		if took := time.Since(began); err != nil || o.Cause != c.want || took > c.most {
			t.Errorf("%s: %+v, %v, after %s", c.e, o, err, took)
		}
	}
	for _, c := range []struct{ host, want string }{{"no-such-host.invalid", "does not find the address"}, {"169.254.169.254", "not allowed to connect"}, {"::1", "other family"}} {
		if o, err := ask(t.Context(), s.store, known, wire.Endpoint{Host: c.host, Port: "443"}, true); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v, want %s", c.host, o, err, c.want)
		}
	}
	a.Private = false
	if o, err := ask(t.Context(), s.store, known, wire.Endpoint{Host: "127.0.0.1", Port: "1"}, false); err == nil || !strings.Contains(err.Error(), "not allowed to connect") {
		t.Errorf("a private address: %+v, %v", o, err)
	}
}

// TestEnrolment: once, in time, from the declared address, with a version that is new enough; then the agent's own token alone counts.
func TestEnrolment(t *testing.T) {
	s := newSite(t, Options{Least: "1.4.0"})
	word := s.declare("egress-1", first)
	refused := func(a *vantage.Agent, want string) {
		t.Helper()
		err := a.Enrol(t.Context(), word)
		var e *vantage.RefusedError
		if !errors.As(err, &e) || !strings.Contains(e.Sentence, want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	elsewhere, old, good := s.agent(second), s.agent(first), s.agent(first)
	for _, a := range []*vantage.Agent{elsewhere, old, good} {
		a.Token = vantage.TokenPrefix + strings.Repeat("A", 52)
	}
	refused(elsewhere, "comes from 127.0.0.12, and was declared to have another address")
	old.Version = "1.3.9"
	refused(old, "this agent's version, 1.3.9, is older than 1.4.0")
	for range 2 { // the first answer may have been lost
		if err := good.Enrol(t.Context(), word); err != nil {
			t.Fatal(err)
		}
	}
	thief := s.agent(first)
	thief.Token = vantage.TokenPrefix + strings.Repeat("B", 52)
	refused(thief, "was used, has expired, or was revoked")
	poll := func(a *vantage.Agent, want string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		err := a.Run(ctx)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	poll(good, "")
	poll(elsewhere, "declared to have another address") // with the same token
	poll(thief, "no such agent")
	old.Token = good.Token
	poll(old, "older than 1.4.0")
	if err := s.store.RevokeVantageAgent(t.Context(), "egress-1"); err != nil {
		t.Fatal(err)
	}
	poll(good, "was revoked")
	word = s.declare("late", second)
	if _, err := s.store.EnrolVantageAgent(t.Context(), word, "hca_x", netip.MustParseAddr(second), time.Now().Add(2*time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Error("too late:", err)
	}
	if text := s.log.String(); strings.Contains(text, word) || strings.Contains(text, good.Token) || !strings.Contains(text, "an agent is refused") {
		t.Error("the log:", text)
	}
}
