// Package team is the page for a team: what package page shows, and beside it what the team's database keeps: customers, their
// runs over time, and links for those who have no log-in.
package team

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/netaddr"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/vantage"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

//go:embed assets/team.tmpl
var templates string

// saveTime bounds the keeping of one run.
const saveTime = 30 * time.Second

// Options are how a team's page is set up.
type Options struct {
	Page      page.Options // the parts that the team's page adds are set by [New]
	Store     *store.Store
	Retention store.Retention
	Targets   Targets
	Vantages  func(*probes.Session) // adds the vantage points of each check; nil: there are none
	// Look has a vantage agent look for a program; nil: there are none.
	Look   func(context.Context, vantage.Asked) (vantage.Seen, error)
	OIDC   *OIDC            // nil: everybody who can open the page may do everything
	Notify []string         // webhooks that hear what changed between two checks of a customer
	Seal   *Seal            // what seals secrets that are kept; nil: none is
	Log    *slog.Logger     // nil: nothing is logged
	Now    func() time.Time // nil: time.Now
}

// Targets are what may be checked. Whoever can open the page can make this machine connect, so the zero value allows public
// addresses and port 443 alone. Metadata services of clouds are never asked.
type Targets struct {
	Private bool     // addresses of private networks and of this machine, too
	Ports   []uint16 // further ports
}

// Server is the page of a team.
type Server struct {
	options Options
	page    *page.Server
	login   *login // nil: there is none
	all     map[string]route
	handler http.Handler
	metrics *metrics
	cancel  context.CancelFunc
	work    sync.WaitGroup
	notices context.Context // of the webhooks that are told
	silence context.CancelFunc
	looks   chan struct{} // that agents make for programs now

	mu       sync.Mutex
	progress map[string]*progress // by customer
}

// New is a team's page. It works until ctx ends; Close waits for what is under way then, and leaves the store open.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{options: o, progress: map[string]*progress{}, looks: make(chan struct{}, mostLooks)}
	o.Page.Templates = append(o.Page.Templates, templates)
	o.Page.Links = append(o.Page.Links, page.Link{Path: "/customers", Label: "Customers"}, page.Link{Path: "/account", Label: "Account"})
	o.Page.Keep = o.Seal != nil
	o.Page.Session, o.Page.Finished = s.prepare, s.keep
	o.Page.Elsewhere = s.keptAt
	o.Page.Who = func(req *http.Request) string { return whoIs(req.Context()).name }
	if o.OIDC != nil {
		l, err := newLogin(ctx, s, *o.OIDC)
		if err != nil {
			return nil, fmt.Errorf("team: %w", err)
		}
		s.login = l
		if u, err := url.Parse(o.OIDC.URL); err == nil {
			o.Page.Names = append(o.Page.Names, u.Hostname())
		}
	}
	// A vantage point is a proxy that is typed, which Targets would not see through.
	o.Page.Table = slices.DeleteFunc(slices.Clone(o.Page.Table), func(row settings.Setting) bool { return row.Name == "via" })
	var err error
	if s.page, err = page.New(ctx, o.Page); err != nil {
		return nil, err
	}
	if s.all, err = s.routes(); err != nil {
		s.page.Close()
		return nil, err
	}
	s.notices, s.silence = context.WithCancel(context.WithoutCancel(ctx))
	outer := http.NewServeMux()
	outer.Handle("/", s.page.Protect(s.identify(s.handlers())))
	outer.Handle("/api/", s.page.Protect(s.api()))
	outer.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	outer.HandleFunc("GET /readyz", s.ready)
	s.metrics = newMetrics(s)
	s.handler = s.observe(outer)
	ctx, s.cancel = context.WithCancel(ctx)
	s.work.Go(func() { s.prune(ctx) })
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) { s.handler.ServeHTTP(w, req) }

// lastNotices is how long a webhook may still take when the server ends.
const lastNotices = 2 * time.Second

// Close ends every check and stream, and forgets their secrets. Finished checks are kept before it returns.
func (s *Server) Close() {
	s.cancel()
	s.page.Close()
	defer time.AfterFunc(lastNotices, s.silence).Stop()
	s.work.Wait()
	s.silence()
}

// ready tells whether the database answers.
func (s *Server) ready(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
	defer cancel()
	if err := s.options.Store.Ping(ctx); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}

// keep keeps a finished check under its customer, who is made where the Resource Server is a new one.
func (s *Server) keep(ctx context.Context, f page.Finished) {
	ctx, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	run, err := s.options.Store.SaveFor(ctx, f.ID, f.By, f.Report)
	if err == nil {
		err = s.putAsking(ctx, run.Customer, f.Asking)
	}
	if err == nil {
		err = s.note(ctx, person{id: f.By, name: f.By}, "checked", run.Customer)
	}
	if err == nil {
		s.work.Go(func() { s.notify(s.notices, run, f.Report) })
	}
	s.metrics.kept(f.Report, err)
	if err != nil {
		s.options.Page.Tell(fmt.Errorf("the check of %s is not kept: %w", f.Report.Target.URL, err))
	}
}

// prune removes old runs, once an hour.
func (s *Server) prune(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if _, err := s.options.Store.Prune(ctx, s.options.Retention, s.options.Now()); err != nil && ctx.Err() == nil {
			s.options.Page.Tell(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// errTarget is a connection that this server does not make for others.
var errTarget = errors.New("the port is not allowed")

// prepare is called with the session of each check.
func (s *Server) prepare(session *probes.Session) {
	s.options.Targets.restrict(session)
	if s.options.Vantages != nil {
		s.options.Vantages(session)
	}
}

// restrict has a session connect to what is allowed alone, whatever a name resolves to at the moment of the connection.
func (t Targets) restrict(s *probes.Session) {
	s.Net.Dialer = dialer{net.Dialer{Control: netaddr.Control(t.Private)}, t.Ports}
}

type dialer struct {
	net.Dialer
	ports []uint16
}

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	_, typed, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if port, err := strconv.ParseUint(typed, 10, 16); err != nil || port != 443 && !slices.Contains(d.ports, uint16(port)) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%w: %w", wire.ErrForbidden, errTarget)}
	}
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if errors.Is(err, netaddr.ErrPrivate) || errors.Is(err, netaddr.ErrReserved) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%w: %w", wire.ErrForbidden, err)}
	}
	return conn, err
}
