package page

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/watch"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// limiter keeps the requests to a host within HaloPSA's limit, whatever checks send them: half of it may come at once, and the other
// half is spread over the window.
func (s *Server) limiter(host string) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.limits[host]
	if l == nil {
		if len(s.limits) > 10*maxRuns {
			clear(s.limits) // of hosts that nobody asked for long; a check keeps the one that it waits for
		}
		const half = halo.RequestLimit / 2
		l = rate.NewLimiter(rate.Limit(half/halo.LimitWindow.Seconds()), half)
		s.limits[host] = l
	}
	return l
}

// back leads to the check's page.
func back(w http.ResponseWriter, req *http.Request, r *run, anchor string) {
	http.Redirect(w, req, "/r/"+r.id+anchor, http.StatusSeeOther)
}

// askAgain asks one requirement and what it needs, or everything.
func (s *Server) askAgain(w http.ResponseWriter, req *http.Request, r *run) {
	id := req.FormValue("id")
	doing, anchor, work := "It is asked again.", "", r.everything
	if id != "" {
		if !slices.ContainsFunc(r.requirements(), func(m probes.Meta) bool { return m.ID == id }) {
			s.Refuse(w, http.StatusBadRequest, errors.New("this check has no such requirement"))
			return
		}
		doing, anchor = "It is asked again about "+id+" and what that needs.", "#"+id
		work = func(ctx context.Context) { r.one(ctx, id) }
	}
	if err := r.begin(doing, id, work); err != nil {
		s.Refuse(w, http.StatusConflict, err)
		return
	}
	back(w, req, r, anchor)
}

func (r *run) requirements() []probes.Meta {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.metas
}

// one asks about one requirement with a session of its own. Then everything is judged again, with these answers before those of the
// last whole run; what could not be asked then is asked now, where it can be.
func (r *run) one(ctx context.Context, id string) {
	last := r.lastSession()
	var fresh *probes.Session
	_, err := r.check(ctx, halocheck.WithSession(func(s *probes.Session) { s.Only, fresh = []string{id}, s }))
	if err != nil || fresh == nil || ctx.Err() != nil {
		r.finish(nil, err)
		return
	}
	evidence, err := fresh.Evidence()
	if err != nil {
		r.finish(nil, err)
		return
	}
	r.mu.Lock()
	asked := maps.Clone(r.asked)
	r.mu.Unlock()
	old := func(name string) bool {
		for key := range evidence { // of each host, where there are two
			if key == name || strings.HasPrefix(key, name+".") || strings.HasPrefix(name, key+".") {
				return false
			}
		}
		return !asked[name]
	}
	r.finish(r.check(ctx, halocheck.WithSession(func(s *probes.Session) {
		if last != nil {
			halo.CarryOver(s, last, old, !asked["login.grant"])
		}
		halo.CarryOver(s, fresh, func(string) bool { return true }, true)
	})))
}

// Between two rounds of a watch, and the longest one.
const (
	watchEvery = 10 * time.Second
	watchMost  = 2 * time.Hour
)

// startWatch asks again and again until everything holds or the time is over.
func (s *Server) startWatch(w http.ResponseWriter, req *http.Request, r *run) {
	limit, err := time.ParseDuration(req.FormValue("for"))
	if err != nil || limit <= 0 || limit > watchMost {
		limit = 30 * time.Minute
	}
	if err := r.watch(limit); err != nil {
		s.Refuse(w, http.StatusConflict, err)
		return
	}
	back(w, req, r, "")
}

func (r *run) watch(limit time.Duration) error {
	until := time.Now().Add(limit)
	return r.begin("It is asked again every ten seconds.", "", func(ctx context.Context) {
		r.mu.Lock()
		r.until, r.lines = until, nil
		r.mu.Unlock()
		r.feed.Reload()
		_, last, err := watch.Run(ctx, r.check, watch.Options{Every: r.server.every, For: limit, Tell: r.tell})
		if ctx.Err() != nil {
			last, err = nil, nil // stopped: what was told last stays
		}
		r.finish(last, err)
	})
}

// tell keeps what a watch noticed.
func (r *run) tell(e watch.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report = e.Report
	line := func(text string) { r.lines = append(r.lines, safetext.Line(clock(e.Time)+"  "+text)) }
	if len(e.Fixed) > 0 {
		line("✓ fixed: " + strings.Join(e.Fixed, ", "))
	}
	if len(e.Broken) > 0 {
		line("✗ no longer holds: " + strings.Join(e.Broken, ", "))
	}
	for _, f := range e.Other {
		line("✗ " + f.ID + ": " + report.Verdict(f))
	}
	switch {
	case e.Report.Outcome == probes.Conformant:
		line("✓ everything holds")
	case e.Next != "":
		line("Waiting for " + e.Next)
	}
	r.feed.Reload()
}

// stop ends what is under way.
func (s *Server) stop(w http.ResponseWriter, req *http.Request, r *run) {
	r.halt(req.Context())
	back(w, req, r, "")
}

// halt ends what is under way, and waits for its end.
func (r *run) halt(ctx context.Context) {
	r.mu.Lock()
	cancel := r.cancel
	r.mu.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	ctx, done := context.WithTimeout(ctx, 5*time.Second)
	defer done()
	for !r.isIdle() {
		_, changed, over := r.feed.since(r.feed.At())
		if over || r.isIdle() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
