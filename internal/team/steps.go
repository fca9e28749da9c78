package team

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/store"
)

// How often a customer can have steps checked: through one link, and through all of theirs.
const (
	linkEvery, linkBurst         = 20 * time.Second, 6
	customerEvery, customerBurst = 10 * time.Second, 12
	maxProgress                  = 1000 // customers whose steps are remembered
	customerStreams              = 16   // pages of one customer that are open and follow what changes
)

// progress is how far a customer is with the steps of one run's letter.
type progress struct {
	feed  page.Feed
	links map[string]*rate.Limiter
	all   *rate.Limiter

	mu     sync.Mutex
	run    string
	asking int // the step that is checked; 0: none
	steps  map[int]stepView

	streams int
}

// stepView is what the customer's page shows beside a step.
type stepView struct {
	Word, Run    string // of the link, and of the run whose letter it is
	N            int
	Done, Asking bool
	Says         string // what was found when it was checked last
	At           string
}

// letterFrame is what the customer's page shows around the letter.
type letterFrame struct {
	Word      string
	Seq, Done int
	Of        int
	Asking    bool
}

// progressOf is a customer's, with the letter that a link shows.
func (s *Server) progressOf(l store.Link) *progress {
	customer := l.Customer + " " + l.Run // a link to one run is another letter
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.progress[customer]
	if p == nil {
		if len(s.progress) >= maxProgress {
			clear(s.progress)
		}
		p = &progress{links: map[string]*rate.Limiter{}, all: rate.NewLimiter(rate.Every(customerEvery), customerBurst)}
		s.progress[customer] = p
	}
	return p
}

// of is the progress with one run's letter: what is known of another's is forgotten.
func (p *progress) of(run string) (asking int, steps map[int]stepView) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run != run {
		p.run, p.asking, p.steps = run, 0, map[int]stepView{}
	}
	return p.asking, maps.Clone(p.steps)
}

// allow tells whether a step may be checked now through a link, and takes note of it.
func (p *progress) allow(word string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.links[word] == nil {
		p.links[word] = rate.NewLimiter(rate.Every(linkEvery), linkBurst)
	}
	return p.links[word].Allow() && p.all.Allow()
}

// linked is what a link shows; an engineer's leads to the report, and a customer's to their steps.
func (s *Server) linked(req *http.Request) (l store.Link, run string, r *report.Report, err error) {
	l, err = s.options.Store.Link(req.Context(), req.PathValue("word"), s.options.Now())
	if run = l.Run; err == nil && run == "" {
		var c store.Customer
		c, err = s.options.Store.Customer(req.Context(), l.Customer)
		run = c.LatestRun
	}
	if err == nil {
		_, r, err = s.options.Store.Report(req.Context(), run)
	}
	return l, run, r, err
}

// forCustomers lets in who has a customer's link.
func (s *Server) forCustomers(handle func(w http.ResponseWriter, req *http.Request, l store.Link, run string, r *report.Report)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer")
		l, run, r, err := s.linked(req)
		if err == nil && l.Audience != string(report.Customer) {
			err = store.ErrNotFound
		}
		if err != nil {
			s.failLinked(w, err)
			return
		}
		handle(w, req, l, run, r)
	}
}

// failLinked refuses who has a link alone, on a page that leads nowhere.
func (s *Server) failLinked(w http.ResponseWriter, err error) {
	if !errors.Is(err, store.ErrNotFound) {
		s.options.Page.Tell(err)
		s.page.Write(w, http.StatusInternalServerError, "link-over", "This page could not be read just now. Try again in a minute.")
		return
	}
	s.page.Write(w, http.StatusNotFound, "link-over", "This link does not work any more. Ask whoever sent it for a new one.")
}

// showSteps shows a customer their steps.
func (s *Server) showSteps(w http.ResponseWriter, req *http.Request, l store.Link, run string, r *report.Report) {
	p, word := s.progressOf(l), req.PathValue("word")
	frame := letterFrame{Word: word, Seq: p.feed.At()} // before the rest is read, so that nothing is missed
	asking, known := p.of(run)
	shown := map[int]any{}
	for _, step := range report.Steps(r) {
		v := known[step.N]
		v.Word, v.Run, v.N, v.Asking = word, run, step.N, asking == step.N
		shown[step.N] = v
		frame.Of++
		if v.Done {
			frame.Done++
		}
	}
	frame.Asking = asking != 0
	if err := s.page.Letter(w, r, frame, shown); err != nil {
		s.options.Page.Tell(err)
	}
}

// streamSteps tells a customer's page that it is another one.
func (s *Server) streamSteps(w http.ResponseWriter, req *http.Request, l store.Link, _ string, _ *report.Report) {
	p := s.progressOf(l)
	if !p.enter() { // who has no log-in keeps nobody else from following
		http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer p.leave()
	s.page.Stream(w, req, &p.feed)
}

// enter counts a page that follows what changes; false: there are too many.
func (p *progress) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.streams >= customerStreams {
		return false
	}
	p.streams++
	return true
}

func (p *progress) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.streams--
}

// checkStep checks one step again. Where all that is needed is done, everything is.
func (s *Server) checkStep(w http.ResponseWriter, req *http.Request, l store.Link, run string, r *report.Report) {
	word := req.PathValue("word")
	back := func(anchor string) { http.Redirect(w, req, "/l/"+word+anchor, http.StatusSeeOther) }
	steps := report.Steps(r)
	n, err := strconv.Atoi(req.PostFormValue("step"))
	at := slices.IndexFunc(steps, func(step report.Step) bool { return step.N == n })
	if err != nil || at < 0 || req.PostFormValue("run") != run { // the steps are others by now
		back("")
		return
	}
	p := s.progressOf(l)
	if asking, _ := p.of(run); asking != 0 {
		back("#step-" + strconv.Itoa(asking))
		return
	}
	if !p.allow(word) {
		w.Header().Set("Retry-After", "20")
		s.page.Write(w, http.StatusTooManyRequests, "link-over", "This was checked a moment ago. Wait a minute, go back, and check it again.")
		return
	}
	ask, _, err := s.askingOf(req.Context(), l.Customer, r.Target.URL)
	if err != nil {
		s.failLinked(w, err)
		return
	}
	p.begin(n)
	err = s.page.Recheck(req.Context(), "link of "+l.Customer, ask, steps[at].IDs, func(made *report.Report, withSecret bool, err error) {
		p.end(run, s.stepAfter(steps[at], made, withSecret, err))
		if withSecret && p.settled(run, steps) {
			s.checkAll(l.Customer, ask)
		}
	})
	if err != nil {
		p.end(run, stepView{N: n, Says: "It could not be checked now; try again in a minute.", At: s.options.Now().Format("15:04 MST")})
		s.options.Page.Tell(err)
	}
	back("#step-" + strconv.Itoa(n))
}

// byCustomer is who has a link alone, as lists name them.
const byCustomer = "customer's link"

// stepAfter is a step as a check of it found it.
func (s *Server) stepAfter(step report.Step, made *report.Report, withSecret bool, err error) stepView {
	v := stepView{N: step.N, At: s.options.Now().Format("15:04 MST")}
	if err != nil || made == nil {
		v.Says = "It could not be checked now; try again in a minute."
		return v
	}
	switch v.Done, v.Says = step.Settled(made); {
	case v.Done:
		v.Says = "This is done."
	case v.Says != "":
	case withSecret:
		v.Says = "It could not be found out yet; another step may come first."
	default:
		v.Says = "This can only be seen with the integration's log-in. Tell whoever sent you this link that you did it; they check it."
	}
	return v
}

// checkAll checks everything of a customer, and keeps it as an engineer's check is kept.
func (s *Server) checkAll(customer string, ask page.Asking) {
	err := s.page.Recheck(context.Background(), "link of "+customer, ask, nil, func(made *report.Report, _ bool, err error) {
		if made != nil && err == nil {
			s.keep(context.Background(), page.Finished{ID: rand.Text(), By: byCustomer, Report: made, Asking: ask})
		}
		s.progressOf(store.Link{Customer: customer}).feed.Reload()
	})
	if err != nil {
		s.options.Page.Tell(err)
	}
}

func (p *progress) begin(n int) {
	p.mu.Lock()
	p.asking = n
	p.mu.Unlock()
	p.feed.Reload()
}

// end keeps what became of a step, unless the letter is another one by now.
func (p *progress) end(run string, v stepView) {
	p.mu.Lock()
	if p.run == run {
		p.asking, p.steps[v.N] = 0, v
	}
	p.mu.Unlock()
	p.feed.Reload()
}

// settled tells whether every step that is needed is done.
func (p *progress) settled(run string, steps []report.Step) bool {
	_, known := p.of(run)
	return !slices.ContainsFunc(steps, func(step report.Step) bool { return !step.Optional && !known[step.N].Done })
}
