package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/vantage"
	"github.com/halocheck/halocheck/internal/wire"
)

// post sends what an agent could, from an address.
func (s *site) post(source, path, token string, body any) (int, string) {
	s.t.Helper()
	text, ok := body.(string)
	if !ok {
		packed, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		text = string(packed)
	}
	transport := s.Client().Transport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}).DialContext
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+path, bytes.NewReader([]byte(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answered, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(answered)
}

// TestHostileAgents: whatever an agent sends that was not asked of it is dropped, counted and told, and changes nothing; what
// was asked of another one comes from that one alone.
func TestHostileAgents(t *testing.T) {
	t.Parallel()
	s := newSite(t, Options{})
	tokens := map[string]string{}
	for _, source := range []string{first, second} {
		a := s.agent(source)
		s.enrol(a, s.declare("agent "+source, source))
		tokens[source] = a.Token
	}
	honest, err := s.store.VantageAgent(t.Context(), tokens[first])
	if err != nil {
		t.Fatal(err)
	}
	honest.Seen = time.Now()
	add := func(agent string, expires time.Time) string {
		id, err := s.store.AddLook(t.Context(), store.Look{Agent: agent, Verb: vantage.Authinfo, Host: "acme.example", Port: "443", Expires: expires})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	hello := vantage.Hello{Protocol: vantage.Protocol, Version: "1.4.0"}
	open := func() vantage.Evidence { // of a job that the first one has got
		id := add("agent "+first, time.Now().Add(time.Minute))
		if status, text := s.post(first, vantage.PollPath, tokens[first], hello); status != http.StatusOK || !strings.Contains(text, id) {
			t.Fatal(status, text)
		}
		return vantage.Evidence{ID: id, Verb: vantage.Authinfo, Host: "acme.example", Port: "443", Page: wire.Page{Status: 403}, Body: []byte("no")}
	}
	old := add("agent "+first, time.Now().Add(300*time.Millisecond))
	if status, text := s.post(first, vantage.PollPath, tokens[first], hello); status != http.StatusOK || !strings.Contains(text, old) {
		t.Fatal(status, text)
	}
	notGiven := add("agent "+second, time.Now().Add(time.Minute))
	time.Sleep(350 * time.Millisecond)
	for _, c := range []struct {
		name   string
		source string
		change func(e *vantage.Evidence)
		raw    string
		status int
	}{
		{"another host", first, func(e *vantage.Evidence) { e.Host = "other.example" }, "", http.StatusConflict},
		{"another port", first, func(e *vantage.Evidence) { e.Port = "8443" }, "", http.StatusConflict},
		{"another verb", first, func(e *vantage.Evidence) {
			*e = vantage.Evidence{ID: e.ID, Verb: vantage.Handshake, Host: e.Host, Port: e.Port}
		}, "", http.StatusConflict},
		{"another agent's job", second, func(*vantage.Evidence) {}, "", http.StatusConflict},
		{"a job that was not given yet", second, func(e *vantage.Evidence) { e.ID = notGiven }, "", http.StatusConflict},
		{"no job", first, func(e *vantage.Evidence) { e.ID = "made up" }, "", http.StatusConflict},
		{"an old job", first, func(e *vantage.Evidence) { e.ID = old }, "", http.StatusConflict},
		{"an unknown cause", first, func(e *vantage.Evidence) { e.Page, e.Body, e.Cause = wire.Page{}, nil, "refused_from_listed" }, "", http.StatusUnprocessableEntity},
		{"a cause and an answer", first, func(e *vantage.Evidence) { e.Cause = "timeout" }, "", http.StatusUnprocessableEntity},
		{"no answer at all", first, func(e *vantage.Evidence) { e.Page, e.Body = wire.Page{}, nil }, "", http.StatusUnprocessableEntity},
		{"a status that is none", first, func(e *vantage.Evidence) { e.Page.Status = 70000 }, "", http.StatusUnprocessableEntity},
		{"a large body", first, func(e *vantage.Evidence) { e.Body = bytes.Repeat([]byte("x"), 33<<10) }, "", http.StatusUnprocessableEntity},
		{"a huge body", first, func(e *vantage.Evidence) { e.Body = bytes.Repeat([]byte("x"), 1<<20) }, "", http.StatusUnprocessableEntity},
		{"a long header", first, func(e *vantage.Evidence) { e.Header = map[string][]string{"Server": {strings.Repeat("x", 301)}} }, "", http.StatusUnprocessableEntity},
		{"a cookie", first, func(e *vantage.Evidence) { e.Header = map[string][]string{"Set-Cookie": {"x"}} }, "", http.StatusUnprocessableEntity},
		{"a verdict", first, nil, `{"id":"x","verb":"authinfo","status":"pass"}`, http.StatusUnprocessableEntity},
		{"no JSON", first, nil, "pass", http.StatusUnprocessableEntity},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := open()
			var body any = c.raw
			if c.change != nil {
				sent := e
				c.change(&sent)
				body = sent
			}
			before, err := s.store.VantageAgent(t.Context(), tokens[c.source])
			if err != nil {
				t.Fatal(err)
			}
			if status, text := s.post(c.source, vantage.EvidencePath, tokens[c.source], body); status != c.status || !strings.Contains(text, `"error"`) {
				t.Errorf("%d %s, want %d", status, text, c.status)
			}
			after, err := s.store.VantageAgent(t.Context(), tokens[c.source])
			if err != nil || after.Dropped != before.Dropped+1 {
				t.Errorf("it is counted as %d after %d, %v", after.Dropped, before.Dropped, err)
			}
			if kept, err := s.store.Evidence(t.Context(), e.ID); kept != nil || err != nil {
				t.Errorf("it is kept: %s %v", kept, err)
			}
			// The right evidence is still taken, once.
			for i, want := range []int{http.StatusOK, http.StatusConflict} {
				if i == 1 {
					e.Page.Status = 200 // a replay that says something else
				}
				if status, text := s.post(first, vantage.EvidencePath, tokens[first], e); status != want {
					t.Errorf("%d %s, want %d", status, text, want)
				}
			}
			kept, err := s.store.Evidence(t.Context(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			if o, err := read(honest, kept); err != nil || o.Page.Status != 403 {
				t.Errorf("%+v %v", o, err)
			}
		})
	}
	if strings.Count(s.log.String(), "evidence is dropped") < 17 {
		t.Error("it is not told:", s.log.String())
	}
}

// TestFlood: an agent that sends without end is slowed down; another one's evidence is taken all the same.
func TestFlood(t *testing.T) {
	stopped := time.Now()
	s := newSite(t, Options{Now: func() time.Time { return stopped }})
	tokens := map[string]string{}
	for _, source := range []string{first, second} {
		a := s.agent(source)
		s.enrol(a, s.declare("agent "+source, source))
		tokens[source] = a.Token
	}
	handler := s.Config.Handler
	send := func(source, token string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, vantage.EvidencePath, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.RemoteAddr = source + ":1000"
		req.Header.Set("Authorization", "Bearer "+token)
		w := &statusWriter{header: http.Header{}}
		handler.ServeHTTP(w, req)
		return w.status
	}
	counts := map[int]int{}
	for range 3 * agentRate {
		counts[send(first, tokens[first])]++
	}
	if counts[http.StatusTooManyRequests] != 2*agentRate || counts[http.StatusUnprocessableEntity] != agentRate {
		t.Error("one that floods:", counts)
	}
	if status := send(second, tokens[second]); status != http.StatusUnprocessableEntity {
		t.Error("another one:", status)
	}
	counts = map[int]int{}
	for range 10 * strangeRate {
		counts[send("127.0.0.13", "guess")]++
	}
	if counts[http.StatusTooManyRequests] < strangeRate || counts[http.StatusUnauthorized] < strangeRate {
		t.Error("one that guesses:", counts)
	}
}

type statusWriter struct {
	header http.Header
	status int
}

func (w *statusWriter) Header() http.Header         { return w.header }
func (w *statusWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *statusWriter) WriteHeader(status int)      { w.status = status }

// TestSource: the address counts that the server sees; what a header says counts from a trusted proxy alone, and of several
// hops the last one that is none.
func TestSource(t *testing.T) {
	for _, c := range []struct{ peer, forwarded, proxies, want string }{
		{"192.0.2.1:1000", "", "", "192.0.2.1"},
		{"[::ffff:192.0.2.1]:1000", "", "", "192.0.2.1"},
		{"192.0.2.1:1000", "3.19.3.152", "", "192.0.2.1"},
		{"192.0.2.1:1000", "3.19.3.152", "10.0.0.0/8", "192.0.2.1"},
		{"10.0.0.1:1000", "3.19.3.152", "10.0.0.0/8", "3.19.3.152"},
		{"10.0.0.1:1000", "3.19.3.152, 192.0.2.9", "10.0.0.0/8", "192.0.2.9"},
		{"10.0.0.1:1000", "3.19.3.152, 192.0.2.9, 10.0.0.2", "10.0.0.0/8", "192.0.2.9"},
		{"10.0.0.1:1000", "3.19.3.152:4711", "10.0.0.0/8", "3.19.3.152"},
		{"10.0.0.1:1000", "[2001:db8::1]:4711", "10.0.0.0/8", "2001:db8::1"},
		{"10.0.0.1:1000", "", "10.0.0.0/8", "none"},
		{"10.0.0.1:1000", "unknown", "10.0.0.0/8", "none"},
		{"10.0.0.1:1000", "3.19.3.152, unknown", "10.0.0.0/8", "none"},
		{"10.0.0.1:1000", "10.0.0.3", "10.0.0.0/8", "none"},
	} {
		s := &Server{}
		if c.proxies != "" {
			s.options.Proxies = []netip.Prefix{netip.MustParsePrefix(c.proxies)}
		}
		req := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": {c.forwarded}}}
		at, ok := s.source(req)
		got := "none"
		if ok {
			got = fmt.Sprint(at)
		}
		if got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
