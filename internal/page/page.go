// Package page is a check as a web page, for people without a terminal: a form, the findings as they come, the HTML report, and what
// is handed on. It is built on the door and keeps nothing on disk. A secret that was typed is in memory alone, for as long as its
// check can be asked again, and in no page, address, event or message.
package page

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/faultlist"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
)

// Bounds of one server.
const (
	maxRuns    = 64               // checks that are kept; the oldest goes first
	maxDrafts  = 32               // forms that are kept to be filled in
	maxDemos   = 8                // fakes at once
	maxStreams = 512              // event streams at once
	maxForm    = 1 << 20          // bytes of a form
	forget     = 30 * time.Minute // after which an idle check's secrets and connections are forgotten
	draftLife  = 10 * time.Minute
)

// Options are what a page offers and where it reads from.
type Options struct {
	Table   settings.Table
	Source  settings.Source // the clock, the keyring and the cache; its environment is not used
	Secrets []StoredSecret
	Keep    bool // the form offers to keep a secret that is typed; Finished has it
	Faults  []faultlist.Fault
	// Demo starts a fake with faults by name. nil: there are none.
	Demo  func(ctx context.Context, faults ...string) (*Demo, error)
	Names []string // host names that the page is reached by, beside localhost
	Open  bool     // others than this machine can reach it
	Tell  func(error)
	Limits

	// What a server with more pages than this one adds: its templates, links to its pages, who sends a request, what every session
	// gets before it asks, and who hears of each finished check of an instance. The last one ends before Close does.
	Templates []string
	Links     []Link
	Who       func(*http.Request) string
	Session   func(*probes.Session)
	Finished  func(ctx context.Context, f Finished)
	Elsewhere func(ctx context.Context, id string) string // the address of a check that is not kept here any more; empty: there is none
}

// Finished is a check of an instance that is done.
type Finished struct {
	ID     string // of this report: the check's own for its first one, another when it was asked again
	By     string // who asked for it
	Report *halocheck.Report
	Asking Asking
}

// Link leads to a page of another part of the server.
type Link struct{ Path, Label string }

// Demo is a running fake, and how it is checked.
type Demo struct {
	Arguments *settings.Arguments
	Close     func()
}

// Server is the page.
type Server struct {
	options Options
	handler http.Handler
	pages   *pages
	ctx     context.Context
	cancel  context.CancelFunc
	work    sync.WaitGroup // checks that are under way
	every   time.Duration  // between two rounds of a watch

	mu      sync.Mutex
	runs    map[string]*run
	order   []string // of runs, the oldest first
	drafts  map[string]*draft
	limits  map[string]*rate.Limiter // by host and port
	active  int
	users   map[string]int // of checks that are under way
	targets map[string]int
	streams int
}

// New is a page. It works until ctx ends; Close waits for what is under way then.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Tell == nil {
		o.Tell = func(error) {}
	}
	s := &Server{options: o, runs: map[string]*run{}, drafts: map[string]*draft{}, limits: map[string]*rate.Limiter{}, users: map[string]int{}, targets: map[string]int{}, every: watchEvery}
	var err error
	if s.pages, err = newPages(o); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	mux := http.NewServeMux()
	for pattern, handler := range s.Routes() {
		mux.Handle(pattern, handler)
	}
	s.handler = s.Protect(mux)
	s.work.Go(s.tidy)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) { s.handler.ServeHTTP(w, req) }

// Close ends every check and stream, and forgets everything.
func (s *Server) Close() {
	s.cancel()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		r.drop()
	}
	clear(s.runs)
	clear(s.drafts)
}

// Routes are the pages by their pattern. A server with more pages serves them behind [Server.Protect], to whom it lets in.
func (s *Server) Routes() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{
		"GET /{$}":                       s.showForm,
		"POST /fill":                     s.fill,
		"POST /guide":                    s.chooseGuide,
		"POST /runs":                     s.start,
		"GET /r/{id}":                    s.withRun(s.showRun),
		"GET /r/{id}/events":             s.withRun(s.streamEvents),
		"POST /r/{id}/again":             s.withRun(s.askAgain),
		"POST /r/{id}/watch":             s.withRun(s.startWatch),
		"POST /r/{id}/stop":              s.withRun(s.stop),
		"POST /r/{id}/mend":              s.withRun(s.mend),
		"GET /r/{id}/hand-over":          s.withRun(s.handOver),
		"GET /r/{id}/letter":             s.withRun(s.showLetter),
		"GET /r/{id}/report/{format}":    s.withRun(s.download),
		"GET /r/{id}/bundle/{member...}": s.withRun(s.showMember),
		"POST /r/{id}/bundle":            s.withRun(s.downloadBundle),
		"GET /saved":                     s.showSaved,
		"POST /saved":                    s.openSaved,
		"GET /show":                      s.showFaults,
		"POST /show":                     s.startDemo,
		"GET /assets/{name}":             serveAsset,
		"/": func(w http.ResponseWriter, _ *http.Request) {
			s.Refuse(w, http.StatusNotFound, errors.New("there is no such page"))
		},
	}
	if s.options.Demo == nil {
		delete(all, "GET /show")
		delete(all, "POST /show")
		delete(all, "POST /r/{id}/mend")
	}
	return all
}

// withRun finds the check of an address.
func (s *Server) withRun(serve func(http.ResponseWriter, *http.Request, *run)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		r := s.find(req.PathValue("id"))
		if r == nil {
			if other := s.options.Elsewhere; other != nil && req.Method == http.MethodGet && req.URL.Path == "/r/"+req.PathValue("id") {
				if at := other(req.Context(), req.PathValue("id")); at != "" {
					http.Redirect(w, req, at, http.StatusSeeOther)
					return
				}
			}
			s.Refuse(w, http.StatusNotFound, errors.New("this check is not kept any more; start it again"))
			return
		}
		serve(w, req, r)
	}
}

// find is the check of an ID; nil where it is not kept here.
func (s *Server) find(id string) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[id]
}

// tidy forgets what is over, until the server ends.
func (s *Server) tidy() {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case now := <-tick.C:
			s.mu.Lock()
			for id, d := range s.drafts {
				if now.Sub(d.made) > draftLife {
					delete(s.drafts, id)
				}
			}
			kept := make([]*run, 0, len(s.runs))
			for _, r := range s.runs {
				kept = append(kept, r)
			}
			s.mu.Unlock()
			for _, r := range kept {
				r.forgetIfIdle(now)
			}
		}
	}
}
