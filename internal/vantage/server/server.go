// Package server is the side of a halocheck server that vantage agents come to: it enrols them, gives them hosts to look at, and
// keeps what they saw for the check that waits for it, in this process or another one on the same database.
package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-version"
	"golang.org/x/time/rate"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/vantage"
)

// The bounds of what agents may do.
const (
	lookEvery   = 100 * time.Millisecond // how often a waiting agent's work is looked for
	knownEvery  = 10                     // turns of lookEvery, after which an agent that waits has to be known still
	givenAgain  = 3 * time.Second        // a look without evidence is given again, since its agent may have been killed
	maxPolls    = 4                      // of one agent at once
	agentRate   = 200                    // requests of one agent, a second
	strangeRate = 20                     // requests without a good token, a second, of all who send them
)

// Options are how agents are served.
type Options struct {
	Store   *store.Store
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	Least   string         // the least version of an agent; empty: any
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
}

// Server answers vantage agents. Close it.
type Server struct {
	options  Options
	mux      *http.ServeMux
	ending   context.Context
	close    context.CancelFunc
	strange  *rate.Limiter
	mu       sync.Mutex
	limiters map[string]*rate.Limiter // by agent
	polls    map[string]int           // by agent
}

// New is a server for agents.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if _, err := version.NewVersion(o.Least); o.Least != "" && err != nil {
		return nil, errors.New("the least version of agents looks like 1.4.0")
	}
	s := &Server{options: o, mux: http.NewServeMux(), strange: rate.NewLimiter(strangeRate, 2*strangeRate), limiters: map[string]*rate.Limiter{}, polls: map[string]int{}}
	s.ending, s.close = context.WithCancel(context.Background())
	s.mux.HandleFunc("POST "+vantage.EnrolPath, s.enrol)
	s.mux.HandleFunc("POST "+vantage.PollPath, s.poll)
	s.mux.HandleFunc("POST "+vantage.EvidencePath, s.evidence)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "there is no such page; agents alone come here")
	})
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) { s.mux.ServeHTTP(w, req) }

// Close ends the polls that wait.
func (s *Server) Close() { s.close() }

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who asked for it may be gone
}

func refuse(w http.ResponseWriter, status int, sentence string) {
	answer(w, status, map[string]string{"error": sentence})
}

// source is the address that a request comes from. Behind a trusted proxy it is the last one in X-Forwarded-For that is not such
// a proxy's: what stands before it was written by who sent the request.
func (s *Server) source(req *http.Request) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	at := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(req.Header.Values("X-Forwarded-For"), ","), ",")
	for s.trusts(at) {
		if len(hops) == 0 {
			return netip.Addr{}, false
		}
		text := strings.TrimSpace(hops[len(hops)-1])
		hops = hops[:len(hops)-1]
		if host, _, err := net.SplitHostPort(text); err == nil {
			text = host
		}
		if at, err = netip.ParseAddr(text); err != nil {
			return netip.Addr{}, false
		}
		at = at.Unmap().WithZone("")
	}
	return at, true
}

func (s *Server) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(s.options.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// bearer is the token of a request.
func bearer(req *http.Request) string {
	scheme, word, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(word)
}

// refuseStranger refuses who has no good token, slowly if there are many, and tells of it.
func (s *Server) refuseStranger(w http.ResponseWriter, req *http.Request, status int, sentence, name string) {
	if !s.strange.AllowN(s.options.Now(), 1) {
		refuseBusy(w)
		return
	}
	from, _ := s.source(req)
	s.options.Log.Warn("an agent is refused", "agent", safetext.Line(name), "from", from.String(), "because", sentence)
	refuse(w, status, sentence)
}

func refuseBusy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	refuse(w, http.StatusTooManyRequests, "there are too many requests")
}

// hello reads what an agent says of itself, and refuses versions that are too old.
func (s *Server) hello(w http.ResponseWriter, req *http.Request) (h vantage.Hello, ok bool) {
	d := json.NewDecoder(http.MaxBytesReader(w, req.Body, 4<<10))
	d.DisallowUnknownFields()
	if d.Decode(&h) != nil || len(h.Version) > 64 {
		refuse(w, http.StatusBadRequest, "this is not what an agent says")
		return h, false
	}
	if sentence := s.tooOld(h); sentence != "" {
		s.options.Log.Warn("an agent is refused", "because", sentence)
		refuse(w, http.StatusUpgradeRequired, sentence)
		return h, false
	}
	return h, true
}

// tooOld says why an agent has to be updated; empty: it need not be. A build without a version is the newest there is.
func (s *Server) tooOld(h vantage.Hello) string {
	said := safetext.Line(h.Version)
	if h.Protocol < vantage.Protocol {
		return "this agent's version, " + said + ", is too old for the server; update halocheck at the agent"
	}
	has, err := version.NewVersion(h.Version)
	if s.options.Least == "" || h.Version == "dev" {
		return ""
	}
	if err != nil || has.LessThan(version.Must(version.NewVersion(s.options.Least))) {
		return "this agent's version, " + said + ", is older than " + s.options.Least + ", the least that this server takes; update halocheck at the agent"
	}
	return ""
}

// enrol exchanges an enrolment's token for the agent's own.
func (s *Server) enrol(w http.ResponseWriter, req *http.Request) {
	h, ok := s.hello(w, req)
	if !ok {
		return
	}
	from, known := s.source(req)
	if !strings.HasPrefix(h.Token, vantage.TokenPrefix) || len(h.Token) < len(vantage.TokenPrefix)+26 || len(h.Token) > 128 {
		refuse(w, http.StatusBadRequest, "the agent's own token has a wrong form")
		return
	}
	a, err := s.options.Store.EnrolVantageAgent(req.Context(), bearer(req), h.Token, from, s.options.Now())
	switch {
	case errors.Is(err, store.ErrOtherAddress) || err == nil && !known:
		s.refuseStranger(w, req, http.StatusForbidden, "this agent comes from "+from.String()+", and was declared to have another address", a.Name)
	case errors.Is(err, store.ErrNotFound):
		s.refuseStranger(w, req, http.StatusUnauthorized, "the token of this enrolment was used, has expired, or was revoked; make a new one with `halocheckd agent add`", "")
	case err != nil:
		s.fail(w, err)
	default:
		s.options.Log.Info("an agent is enrolled", "agent", a.Name, "from", from.String())
		answer(w, http.StatusOK, map[string]string{"name": a.Name})
	}
}

// fail answers where the database did not.
func (s *Server) fail(w http.ResponseWriter, err error) {
	s.options.Log.Error(err.Error())
	refuse(w, http.StatusServiceUnavailable, "the database did not answer as it should")
}

// who is the agent that sends a request, from its own address; false: it was refused.
func (s *Server) who(w http.ResponseWriter, req *http.Request) (store.VantageAgent, bool) {
	a, err := s.options.Store.VantageAgent(req.Context(), bearer(req))
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.refuseStranger(w, req, http.StatusUnauthorized, "there is no such agent, or it was revoked", "")
		return a, false
	case err != nil:
		s.fail(w, err)
		return a, false
	}
	if from, ok := s.source(req); !ok || from != a.Address {
		s.refuseStranger(w, req, http.StatusForbidden, "this agent comes from "+from.String()+", and was declared to have another address", a.Name)
		return a, false
	}
	s.mu.Lock()
	limiter := s.limiters[a.Name]
	if limiter == nil {
		limiter = rate.NewLimiter(agentRate, agentRate)
		s.limiters[a.Name] = limiter
	}
	s.mu.Unlock()
	if !limiter.AllowN(s.options.Now(), 1) {
		refuseBusy(w)
		return a, false
	}
	return a, true
}

// poll gives an agent what it is to look at, as soon as there is something.
func (s *Server) poll(w http.ResponseWriter, req *http.Request) {
	a, ok := s.who(w, req)
	if !ok {
		return
	}
	h, ok := s.hello(w, req)
	if !ok {
		return
	}
	if !s.enter(a.Name) {
		refuseBusy(w)
		return
	}
	defer s.leave(a.Name)
	if err := s.options.Store.SeeVantageAgent(req.Context(), a.Name, safetext.Line(h.Version), s.options.Now()); err != nil {
		s.fail(w, err)
		return
	}
	work := vantage.Work{Address: a.Address.String(), Jobs: []vantage.Job{}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for end, n := time.After(vantage.LongestPoll), 1; len(work.Jobs) == 0; n++ {
		if n%knownEvery == 0 { // it may have been revoked
			if a, ok = s.who(w, req); !ok {
				return
			}
		}
		now := s.options.Now()
		looks, err := s.options.Store.GiveLooks(req.Context(), a.Name, now, now.Add(-givenAgain), vantage.MaxJobs)
		if err != nil {
			s.fail(w, err)
			return
		}
		for _, l := range looks {
			work.Jobs = append(work.Jobs, vantage.Job{ID: l.ID, Verb: l.Verb, Host: l.Host, Port: l.Port, MS: l.Expires.Sub(now).Milliseconds()})
		}
		if len(looks) > 0 {
			break
		}
		select {
		case <-req.Context().Done():
			return
		case <-s.ending.Done():
			answer(w, http.StatusOK, work)
			return
		case <-end:
			answer(w, http.StatusOK, work)
			return
		case <-tick.C:
		}
	}
	answer(w, http.StatusOK, work)
}

func (s *Server) enter(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polls[name] >= maxPolls {
		return false
	}
	s.polls[name]++
	return true
}

func (s *Server) leave(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polls[name]--; s.polls[name] == 0 {
		delete(s.polls, name)
	}
}

// evidence keeps what an agent saw. What has a wrong form, was not asked of this agent, is about another host, came too late, or
// comes again is dropped, counted and told.
func (s *Server) evidence(w http.ResponseWriter, req *http.Request) {
	a, ok := s.who(w, req)
	if !ok {
		return
	}
	var e vantage.Evidence
	d := json.NewDecoder(http.MaxBytesReader(w, req.Body, 2*vantage.MaxEvidence))
	d.DisallowUnknownFields()
	err := d.Decode(&e)
	if err == nil {
		_, err = e.Observation()
	}
	var kept []byte
	if err == nil {
		kept, err = json.Marshal(e)
	}
	if err == nil && len(kept) > vantage.MaxEvidence {
		err = errors.New("it is too large")
	}
	if err != nil {
		s.drop(w, req, a, http.StatusUnprocessableEntity, "the evidence has a wrong form")
		return
	}
	err = s.options.Store.PutEvidence(req.Context(), store.Look{ID: e.ID, Agent: a.Name, Verb: e.Verb, Host: e.Host, Port: e.Port}, s.options.Now(), kept)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.drop(w, req, a, http.StatusConflict, "nobody waits for this evidence of this agent")
	case err != nil:
		s.fail(w, err)
	default:
		answer(w, http.StatusOK, struct{}{})
	}
}

func (s *Server) drop(w http.ResponseWriter, req *http.Request, a store.VantageAgent, status int, sentence string) {
	s.options.Log.Warn("evidence is dropped", "agent", a.Name, "because", sentence)
	if err := s.options.Store.CountDropped(req.Context(), a.Name); err != nil {
		s.fail(w, err)
		return
	}
	refuse(w, status, sentence)
}
