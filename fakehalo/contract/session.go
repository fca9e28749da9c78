package contract

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// Session drives a client of any language: a runner asks over HTTP for one case after the other, runs the client, and says
// how it ended.
type Session struct {
	mu       sync.Mutex
	suite    *suite
	at       int     // the current case
	current  *played // nil: every case is over
	verdicts []Verdict
	started  time.Time
	over     chan struct{} // closed when current is nil
}

// sessionHelp is what the session says of itself. GET /health and /ca.pem are as on the fake's own admin listener.
const sessionHelp = `halocheck fake --contract: it proves a client of HaloPSA. A program of yours, the runner, does this:

GET    /case      what the client has to do now: {"over", "case", "says", "asks", "seconds", "enough", "number", "of",
                  "connection": {"url", "auth_url", "tenant", "client_id", "client_secret", "ca_file"}}
POST   /case      how that ended: {"class": "done", "message": ""}; the answer is the next case, or {"over": true, …}

GET    /verdict   the verdicts so far, as JSON
GET    /junit     the same as JUnit's XML
GET    /journal   what the client sent in this case, secrets left out
GET    /ca.pem    what ca_file of this case holds, for a client on another file system
GET    /health    answers once it serves

class is one of:
  done            the job is done
  configuration   somebody has to change a setting: a secret, an address, a certificate
  permission      the application or its agent may not do this
  transient       it may work later
  error           an error of which the client does not say more
message is the error that a user would be told.

Run the client anew for each case, for "seconds" at most; then end it, and say error. "enough" turns true when it has
sent more than any client should, so that it can be ended earlier. Bodies are sent as application/json.
`

// asks is what a client has to do in each case.
const asks = "Do your job once with this connection, as a user would set it up; then POST /case how it ended."

// NewSession starts the first case.
func NewSession(opts ...Option) (*Session, error) {
	s, err := newSuite(opts)
	if err != nil {
		return nil, err
	}
	out := &Session{suite: s, started: time.Now(), over: make(chan struct{})}
	out.current, err = s.start(s.cases[0])
	return out, err
}

// Over is closed when every case is over.
func (s *Session) Over() <-chan struct{} { return s.over }

// Connection is what the client is given in the current case.
func (s *Session) Connection() Connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return Connection{}
	}
	return s.current.connection
}

// Close ends the current case without a verdict.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		s.current.close()
	}
}

// Step is a case as the runner is told it.
type Step struct {
	Over       bool        `json:"over"`              // nothing is left to do: see /verdict
	Outcome    string      `json:"outcome,omitempty"` // where it is over
	Case       string      `json:"case,omitempty"`
	Says       string      `json:"says,omitempty"` // what is wrong with the instance
	Asks       string      `json:"asks,omitempty"`
	Seconds    int         `json:"seconds,omitempty"` // the client may take, from its first request
	Enough     bool        `json:"enough"`            // it may be ended: it has sent more than any client should
	Number     int         `json:"number,omitempty"`  // of this case, from 1
	Of         int         `json:"of"`
	Connection *Connection `json:"connection,omitempty"`
}

func (s *Session) step() Step {
	if s.current == nil {
		return Step{Over: true, Outcome: s.report().Outcome, Of: len(s.suite.cases)}
	}
	return Step{
		Case: s.current.of.name, Says: s.current.of.says, Asks: asks, Seconds: int(s.suite.patience.Seconds()), Enough: s.current.endless(),
		Number: s.at + 1, Of: len(s.suite.cases), Connection: &s.current.connection,
	}
}

// ended judges the current case and starts the next.
func (s *Session) ended(o outcome) error {
	if log := s.current.server.Requests(); len(log) > 0 {
		s.current.late = time.Since(log[0].At) > s.suite.patience
	}
	verdicts := s.current.finish(o)
	s.verdicts = append(s.verdicts, verdicts...)
	hopeless := s.current.hopeless(verdicts)
	s.current = nil
	if s.at++; hopeless || s.at == len(s.suite.cases) {
		close(s.over)
		return nil
	}
	next, err := s.suite.start(s.suite.cases[s.at])
	if err != nil {
		close(s.over)
		return err
	}
	s.current = next
	return nil
}

// Handler serves the session. The listener is bound to addr; name is what clients call the machine, where it has a name.
func (s *Session) Handler(addr, name string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, sessionHelp) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "there is no "+r.Method+" "+r.URL.Path+" here.\n\n"+sessionHelp, http.StatusNotFound)
	})
	mux.HandleFunc("GET /case", func(w http.ResponseWriter, _ *http.Request) { respond(w, s.locked(func() any { return s.step() })) })
	mux.HandleFunc("POST /case", s.postCase)
	mux.HandleFunc("GET /verdict", func(w http.ResponseWriter, _ *http.Request) { respond(w, s.Report()) })
	mux.HandleFunc("GET /junit", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		_ = s.Report().JUnit(w)
	})
	mux.HandleFunc("GET /journal", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, s.locked(func() any {
			if s.current == nil {
				return []request{}
			}
			return s.current.server.Requests()
		}))
	})
	mux.HandleFunc("GET /ca.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(s.locked(func() any {
			if s.current == nil {
				return []byte{}
			}
			return s.current.roots()
		}).([]byte))
	})
	return fakehalo.GuardAdmin(mux, addr, name)
}

func (s *Session) locked(f func() any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

func (s *Session) postCase(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Class   Class
		Message string
		Case    string // it is refused where it is not the current one; empty: not told
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	d.DisallowUnknownFields()
	classes := []Class{Done, Configuration, Permission, Transient, Unclassified}
	if err := d.Decode(&body); err != nil || !slices.Contains(classes, body.Class) {
		http.Error(w, `the body is {"class": "done", "message": ""}; class is done, configuration, permission, transient or error`, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.current == nil:
		http.Error(w, "every case is over; GET /verdict says how", http.StatusConflict)
	case body.Case != "" && body.Case != s.current.of.name:
		http.Error(w, "the case is "+s.current.of.name, http.StatusConflict)
	default:
		if err := s.ended(outcome{body.Class, cmp.Or(strings.ToValidUTF8(body.Message, "\uFFFD"), "it told no error")}); err != nil {
			http.Error(w, "the next case cannot be served: "+err.Error(), http.StatusInternalServerError)
			return
		}
		respond(w, s.step())
	}
}

func respond(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
