package fakehalo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// adminHelp is what the admin listener says of itself.
const adminHelp = `The admin listener of a fake HaloPSA. Nothing here is HaloPSA's protocol. Bodies are sent as application/json.

GET    /health      answers once the fake serves
GET    /ca.pem      the roots that a client has to trust
GET    /instance    what a client is given: addresses, both applications' credentials, teams, version
GET    /journal     every request so far, secrets left out
DELETE /journal     forget them
GET    /deliveries  what became of the events that webhooks had to be told of
GET    /operations  what can be made to misbehave
GET    /injections  what misbehaves now
POST   /injections  one or an array of {"operation": "GET /api/Tickets", "status": 503, "first": 2}
DELETE /injections  take them all back
GET    /faults      the faults in force, by their names in halocheck fake --list
POST   /faults      {"faults": ["wrong-secret"]} adds
DELETE /faults      takes back those added
POST   /chain       the certificates to send from now on, in PEM: the server's own, then the intermediates
GET    /clock       the time the fake lives in
POST   /clock       {"now": "2026-11-23T12:00:00Z"} moves it
POST   /reset       forget the journal, tokens, faults and injections added, and what was written
`

// listenAdmin opens the listener for what is not HaloPSA's protocol, adminHelp. It speaks plain HTTP.
func (s *Server) listenAdmin() error {
	l, err := listen(defaultAddr(s.options.AdminAddr))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, adminHelp) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "there is no "+r.Method+" "+r.URL.Path+" here.\n\n"+adminHelp, http.StatusNotFound)
	})
	mux.HandleFunc("GET /ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(s.CAPEM)
	})
	mux.HandleFunc("GET /instance", func(w http.ResponseWriter, _ *http.Request) { respond(w, s.told()) })
	mux.HandleFunc("DELETE /journal", func(w http.ResponseWriter, _ *http.Request) {
		s.clearJournal()
		respond(w, s.Requests())
	})
	mux.HandleFunc("GET /journal", func(w http.ResponseWriter, _ *http.Request) { respond(w, s.Requests()) })
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { respond(w, s.faultNames()) })
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Faults []string }
		if err := strictly(w, r, &body); err != nil || len(body.Faults) == 0 {
			http.Error(w, "the body is {\"faults\": [\"NAME\"]}", http.StatusBadRequest)
			return
		}
		faults, err := Named(body.Faults...)
		if err == nil {
			err = s.settable(faults)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Set(faults...)
		respond(w, s.faultNames())
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Clear()
		respond(w, s.faultNames())
	})
	mux.HandleFunc("GET /deliveries", func(w http.ResponseWriter, _ *http.Request) { respond(w, s.Deliveries()) })
	s.handleInjections(mux)
	mux.HandleFunc("POST /chain", s.serveChain)
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Reset(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		respond(w, s.faultNames())
	})
	mux.HandleFunc("GET /clock", func(w http.ResponseWriter, _ *http.Request) { respond(w, map[string]time.Time{"now": s.now()}) })
	mux.HandleFunc("POST /clock", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Now time.Time }
		if err := strictly(w, r, &body); err != nil || body.Now.IsZero() {
			http.Error(w, "the body is {\"now\": \"2026-11-23T12:00:00Z\"}", http.StatusBadRequest)
			return
		}
		s.setClock(body.Now)
		respond(w, map[string]time.Time{"now": s.now()})
	})
	s.serve(&http.Server{Handler: GuardAdmin(mux, s.options.AdminAddr, s.options.Host)}, []net.Listener{l}, false)
	s.AdminURL = "http://" + l.Addr().String()
	return nil
}

// told is what a client is given, as it is now: faults may have changed what was typed since the start.
func (s *Server) told() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{
		"url": s.URL, "auth_url": s.Credentials.AuthURL, "tenant": s.Credentials.Tenant, "client_id": s.Credentials.ClientID,
		"client_secret": s.Credentials.ClientSecret, "admin_client_id": s.Admin.ClientID, "admin_client_secret": s.Admin.ClientSecret,
		"ca_file": s.CAFile, "teams": s.Teams, "stable": s.Stable, "resolve": append([]string{}, s.Resolve...), "vantages": s.Vantages,
		"hosting": s.Hosting, "untyped": append([]string{}, s.Untyped...),
	}
}

// strictly reads a request's body; a field that does not exist is an error.
func strictly(w http.ResponseWriter, r *http.Request, body any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	return d.Decode(body)
}

func respond(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// handleInjections serves the faults of operations.
func (s *Server) handleInjections(mux *http.ServeMux) {
	mux.HandleFunc("GET /operations", func(w http.ResponseWriter, _ *http.Request) { respond(w, Operations()) })
	mux.HandleFunc("GET /injections", func(w http.ResponseWriter, _ *http.Request) { respond(w, s.Injected()) })
	mux.HandleFunc("DELETE /injections", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearInjected()
		respond(w, s.Injected())
	})
	mux.HandleFunc("POST /injections", func(w http.ResponseWriter, r *http.Request) {
		list, err := readInjections(http.MaxBytesReader(w, r.Body, maxBody))
		if err == nil {
			err = s.Inject(list...)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		respond(w, s.Injected())
	})
}

// readInjections reads one injection or an array of them; a field that does not exist is an error.
func readInjections(body io.Reader) ([]Injection, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var list []Injection
	err = d.Decode(&list)
	return list, err
}

// Set adds faults to a running instance, and changes Credentials where they concern what was typed.
func (s *Server) Set(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.extra = append(s.extra, faults...)
	s.rebuild()
}

// settable refuses faults that would change nothing, because what they are about was decided at the start, and those that
// do not go together with the ones in force.
func (s *Server) settable(faults []Fault) error {
	for _, f := range faults {
		i := healthy()
		f.apply(i)
		if i.certs != nil || i.authCert != nil || i.otherKin || i.closed || i.nowhere || len(i.lookFrom) != len(guideAddresses) {
			return fmt.Errorf("the fault %s takes effect only at the start: halocheck fake --fault %s", f.Name, f.Name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return checkConflicts(slices.Concat(s.started, s.extra, faults))
}

// Clear takes back the faults that were added since the start.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.extra = nil
	s.rebuild()
}

// Reset is Clear, forgets the journal, the tokens and the hit counters as well, and goes back to the seeded records. The
// error says why the state file could not be written.
func (s *Server) Reset() error {
	s.Clear()
	s.ClearInjected()
	s.chain.Store(nil)
	if err := s.Inject(s.options.Injections...); err != nil {
		return err
	}
	if err := s.store.reset(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal, s.delivered, s.limiter.seen = nil, nil, nil
	s.tokens, s.refresh = map[string]token{}, map[string]token{}
	return nil
}

func (s *Server) faultNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{}
	for _, list := range [][]Fault{s.started, s.extra} {
		for _, f := range list {
			names = append(names, f.Name)
		}
	}
	return names
}

// now is the time the fake lives in.
func (s *Server) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock()
}

// setClock makes now the present; time goes on from there.
func (s *Server) setClock(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	start := time.Now()
	s.clock = func() time.Time { return now.Add(time.Since(start)) }
}
