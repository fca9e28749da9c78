package page

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/machine"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// run is one check, from the form to the report, and what is asked again of it.
type run struct {
	id     string
	server *Server
	title  string // the URL that was typed
	by     string // who asked for it; empty: this server knows nobody
	made   time.Time
	faults []string // of a fake; nil: a customer's instance
	guides []string // the names of several; nil: there is one
	log    *wire.Log

	mu      sync.Mutex
	target  halocheck.Target
	options []halocheck.Option
	typed   Asking   // empty: nothing was typed, or its secrets are forgotten
	only    []string // what the user narrowed the check to
	demo    *Demo
	metas   []probes.Meta
	used    time.Time
	kept    bool // its first report was told to Options.Finished
	gone    bool // it cannot be asked again: it was saved, or its secrets are forgotten

	doing   string // what is under way, as a sentence; empty: nothing
	asking  string // the one requirement that is asked again; empty: everything
	cancel  func()
	until   time.Time // the end of a watch; zero: there is none
	lines   []string  // what a watch noticed, the latest last
	problem string

	session  *probes.Session   // of the last whole run, or of the one under way
	asked    map[string]bool   // probes that sent something
	findings []probes.Finding  // so far
	report   *halocheck.Report // of the last whole run; nil: there is none yet
	where    machine.Facts
	packed   map[bool]packedRun // by whether hosts have other names

	feed Feed
	rows map[string]string // the live page's parts as they were sent last
}

// newRun keeps a check and starts it, unless there are too many.
func (s *Server) newRun(r *run) error {
	r.server, r.made, r.used = s, time.Now(), time.Now()
	if r.id == "" {
		r.id = rand.Text()
	}
	r.packed = map[bool]packedRun{}
	if r.log == nil {
		r.log = halo.NewLog()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.runs) >= maxRuns {
		at := slices.IndexFunc(s.order, func(id string) bool { return s.runs[id].isOver() }) // it can be opened again
		if at < 0 {
			at = slices.IndexFunc(s.order, func(id string) bool { return s.runs[id].isIdle() })
		}
		if at < 0 {
			return errBusy
		}
		s.runs[s.order[at]].drop()
		delete(s.runs, s.order[at])
		s.order = slices.Delete(s.order, at, at+1)
	}
	s.runs[r.id] = r
	s.order = append(s.order, r.id)
	return nil
}

// remove keeps a check no longer.
func (s *Server) remove(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.drop()
	delete(s.runs, r.id)
	s.order = slices.DeleteFunc(s.order, func(id string) bool { return id == r.id })
}

var errForgotten = errors.New("the secrets of this check are not kept any more; start it again from the form")

// begin starts something in the background. The error says why not.
func (r *run) begin(doing, asking string, work func(ctx context.Context)) error {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.gone:
		return errForgotten
	case r.doing != "":
		return errors.New("this check is being asked already; wait until it is done, or stop it")
	}
	by, host := r.by, hostOf(r.title)
	if err := s.enter(by, host); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(s.ctx)
	end := func() { cancel(probes.ErrInterrupted) } // what was not asked by then is unknown
	r.doing, r.asking, r.cancel, r.problem = doing, asking, end, ""
	r.asked, r.findings = map[string]bool{}, nil
	if r.report != nil {
		r.feed.Reload()
	}
	s.work.Go(func() {
		defer end()
		work(ctx)
		s.leave(by, host)
		r.mu.Lock()
		r.doing, r.asking, r.cancel, r.used, r.until = "", "", nil, time.Now(), time.Time{}
		r.feed.Reload()
		r.mu.Unlock()
	})
	return nil
}

// everything asks everything once. The first time the rows are sent as they come.
func (r *run) everything(ctx context.Context) {
	r.mu.Lock()
	first := r.report == nil
	r.mu.Unlock()
	done, stop := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		if first {
			r.publish(stop)
		}
	}()
	made, err := r.check(ctx)
	close(stop)
	<-done
	r.finish(made, err)
}

// finish keeps what became of a whole run.
func (r *run) finish(made *halocheck.Report, err error) {
	var facts machine.Facts
	if session := r.lastSession(); session != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.server.ctx), 2*time.Second)
		facts = machine.Look(ctx, session)
		cancel()
	}
	if made != nil && err == nil {
		r.announce(made)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.where = facts
	switch {
	case made != nil && (err == nil || r.report == nil):
		r.report = made
	case err != nil:
		r.problem = sentence(err)
	}
}

// announce has a finished check of an instance kept.
func (r *run) announce(made *halocheck.Report) {
	r.mu.Lock()
	fake, id, typed := r.demo != nil, r.id, r.typed
	if r.kept {
		id = rand.Text()
	}
	r.kept = true
	r.mu.Unlock()
	if finished := r.server.options.Finished; finished != nil && !fake {
		finished(context.WithoutCancel(r.server.ctx), Finished{id, r.by, made, typed})
	}
}

func (r *run) lastSession() *probes.Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.session
}

// check is one run with the settings of this check and more.
func (r *run) check(ctx context.Context, more ...halocheck.Option) (*halocheck.Report, error) {
	r.mu.Lock()
	target, options := r.target, r.options
	r.mu.Unlock()
	// An instance's answers are not shown before the secrets are known that have to be taken out: the session comes first.
	own := []halocheck.Option{
		halocheck.WithProgress(r.note),
		halocheck.WithPanicHandler(func(where, what, _ string) {
			r.server.options.Tell(errors.New("it broke in " + where + ", which is its own fault: " + what))
		}),
	}
	watched := halocheck.WithSession(r.watchSession) // after what the rounds of a watch narrow
	made, err := halocheck.Run(ctx, target, slices.Concat(options, own, more, []halocheck.Option{watched})...)
	if made != nil && ctx.Err() == nil {
		err = nil
	}
	return made, err
}

// watchSession listens to a run: its log, its rate, and which probes ask.
func (r *run) watchSession(s *probes.Session) {
	r.mu.Lock()
	fake := r.demo != nil
	r.mu.Unlock()
	if own := r.server.options.Session; own != nil && !fake {
		own(s)
	}
	s.Net.Log = r.log
	before := s.Net.Throttle
	s.Net.Throttle = func(ctx context.Context, host string) error {
		if name, _ := probes.Asking(ctx); name != "" {
			r.mu.Lock()
			r.asked[name] = true
			r.mu.Unlock()
		}
		if before != nil {
			if err := before(ctx, host); err != nil {
				return err
			}
		}
		return r.server.limiter(host).Wait(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Equal(s.Only, r.only) { // a round of a watch is narrower, and its answers were taken over
		r.session = s
	}
}

// note keeps a finding, for the rows that are sent.
func (r *run) note(p halocheck.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.Last.ID != "" && r.report == nil {
		r.findings = append(r.findings, p.Last)
	}
}

// underway is the report of what is known so far; nil where nothing is. The secrets are taken out of it.
func (r *run) underway() *report.Report {
	r.mu.Lock()
	session, findings, started := r.session, slices.Clone(r.findings), r.made
	r.mu.Unlock()
	if session == nil || len(findings) == 0 {
		return nil
	}
	made, err := report.Underway(session, version.String(), findings, started)
	if err != nil {
		return nil
	}
	return made
}

func (r *run) isIdle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doing == ""
}

// isOver tells that a check knows no secret any more, so that nothing is lost with it that was typed.
func (r *run) isOver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doing == "" && r.gone
}

// forgetIfIdle forgets the secrets and the fake of a check that nobody asked for long.
func (r *run) forgetIfIdle(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doing == "" && !r.gone && now.Sub(r.used) > forget {
		r.forget()
		r.feed.Reload()
	}
}

// forget lets go of everything that knows a secret. The report stays.
func (r *run) forget() {
	r.gone, r.target, r.options, r.session, r.log, r.typed = true, halocheck.Target{}, nil, nil, nil, Asking{}
	clear(r.packed)
	if r.demo != nil {
		r.demo.Close()
		r.demo = nil
	}
}

// drop ends a check that is kept no longer.
func (r *run) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
	}
	r.forget()
	r.feed.end()
}

// useArguments takes the settings of a check.
func (r *run) useArguments(a *settings.Arguments, more ...halocheck.Option) error {
	r.target, r.options, r.only = a.Target, slices.Concat(a.Options, more), a.List("only")
	metas, err := halocheck.Requirements(r.options...)
	r.metas = metas
	return err
}
