package fakehalo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Credentials are what somebody types into an integration. Faults such as wrong-secret change these, not the server.
type Credentials struct {
	ClientID, ClientSecret string
	Tenant                 string
	AuthURL                string // with its closing slash; empty for the admin's
}

// Options say how to serve. The zero value is a healthy instance on a free loopback port.
type Options struct {
	Addr      string // host:port to listen on; empty: 127.0.0.1:0
	AdminAddr string // host:port of the admin listener; empty: 127.0.0.1:0
	Host      string // name or address that clients use; empty: localhost, or Addr's where localhost is another one
	Faults    []Fault
	PlainHTTP bool             // no TLS, for clients that cannot be given a root
	Rate      int              // requests in Window that are answered; 0: no limit, so that tests are not slowed down; HaloPSA has 700 (halo-live §6)
	Window    time.Duration    // 0: five minutes
	Clock     func() time.Time // nil: time.Now
	Seed      Seed
	Strict    bool // a parameter or a property that would be ignored is refused with 400
	// WebhooksAnywhere lets webhooks be delivered to other machines, too.
	WebhooksAnywhere bool

	State string // file that the records are kept in; empty: in memory only
	// Injections are in force from the start, until they are cleared or reset.
	Injections []Injection
}

// Server is a running fake. Its exported fields are set by Start and not changed afterwards.
type Server struct {
	URL         string
	AuthURL     string // as authinfo names it
	AdminURL    string // journal, faults, clock and reset; not HaloPSA's protocol
	CAFile      string // CAPEM, removed by Close; empty where nothing speaks TLS, or no file could be written
	CAPEM       []byte // the roots; empty where nothing speaks TLS, and with some faults
	CAPool      *x509.CertPool
	Credentials Credentials
	Admin       Credentials       // an application with admin rights
	Vantages    map[string]string // guide address to socks5:// URL
	Teams       []string          // what a user would give as the teams that alerts go to
	Stable      string            // what a user would give as the current stable version
	Resolve     []string          // host:port:address for names that DNS does not know
	Hosting     string            // hosted or on-premise, where a recording says that it was judged so; else empty
	Untyped     []string          // auth_url, tenant: what nobody had typed when the recording was made

	mu      sync.Mutex
	current atomic.Pointer[instance]
	started []Fault // what Reset goes back to
	extra   []Fault // set while it runs
	journal []Request
	hits    map[string]int
	played  map[int]int // answers of the recording given so far, by its questions
	tokens  map[string]token
	refresh map[string]token // by refresh token
	signed  map[string]signedID
	limiter limiter
	store   *store

	delivered []Delivery
	events    atomic.Int64    // that webhooks were told of
	closing   context.Context // ends with Close

	injected  injections
	injecting atomic.Bool // whether there are any: they are rare, and looked for on every request

	chain          atomic.Pointer[[][]byte] // what is sent instead of the certificates of the start; nil: nothing
	ownCertificate []byte                   // of the instance, in DER; nil: it has none

	authOrigin string // of the authorisation server
	clock      func() time.Time
	options    Options
	closers    []func()
	wait       sync.WaitGroup
}

// Start serves an instance with faults until Close. It panics where it cannot listen on loopback.
func Start(faults ...Fault) *Server {
	s, err := StartWith(Options{Faults: faults})
	if err != nil {
		panic(err)
	}
	return s
}

// StartWith is Start with options. The error says what could not be listened on, or which faults do not go together.
func StartWith(o Options) (*Server, error) {
	if err := checkConflicts(o.Faults); err != nil {
		return nil, err
	}
	s := &Server{options: o, started: slices.Clone(o.Faults), clock: o.Clock, tokens: map[string]token{}, refresh: map[string]token{}, signed: map[string]signedID{}, Stable: stable}
	if s.clock == nil {
		s.clock = time.Now
	}
	var end context.CancelFunc
	s.closing, end = context.WithCancel(context.Background())
	s.onClose(end)
	s.limiter = limiter{most: o.Rate, window: o.Window}
	s.rebuild()
	if err := s.Inject(o.Injections...); err != nil {
		return nil, err
	}
	if err := s.openStore(); err != nil {
		return nil, err
	}
	if err := s.listen(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// openStore seeds the records, or reads those of an earlier run.
func (s *Server) openStore() (err error) {
	var d *boltStore
	if s.options.State != "" {
		if d, err = openBoltStore(s.options.State); err != nil {
			return err
		}
		s.onClose(func() { _ = d.db.Close() })
	}
	if s.store, err = newStore(s.options.Seed, d); err != nil {
		s.Close()
	}
	return err
}

// rebuild makes the instance anew from the faults in force; tokens stay valid, hits count from the start.
func (s *Server) rebuild() {
	i := healthy()
	for _, f := range slices.Concat(s.started, s.extra) {
		f.apply(i)
	}
	s.hits, s.played = map[string]int{}, map[int]int{}
	if s.URL == "" {
		s.current.Store(i) // nothing listens yet, so there is nothing to tell
		return
	}
	s.publish(i)
}

// live is the instance as it is now.
func (s *Server) live() *instance { return s.current.Load() }

// Close stops serving and removes the CA file. It may be called more than once.
func (s *Server) Close() {
	for _, c := range slices.Backward(s.closers) {
		c()
	}
	s.closers = nil
	s.wait.Wait()
}

func (s *Server) onClose(f func()) { s.closers = append(s.closers, f) }

// listen opens every listener and fills in what a client has to know.
func (s *Server) listen() error {
	i := s.live()
	main, err := s.site(defaultAddr(s.options.Addr), i.certs, false)
	if err != nil {
		return err
	}
	s.URL = main.url
	roots := main.roots
	if i.nowhere {
		s.URL = "https://acme.halopsa.invalid"
	}
	s.AuthURL = main.url
	if i.otherKin {
		other, err := s.site(anyPort, i.authCert, true)
		if err != nil {
			return err
		}
		s.AuthURL = other.url
		roots = append(roots, other.roots...)
		if i.authNowhere {
			s.AuthURL = "https://auth.acme.halopsa.invalid"
		}
	}
	if s.authOrigin = origin(s.AuthURL); i.tape != nil {
		s.URL += strings.TrimRight(i.tape.Base, "/")
	}
	s.writeRoots(roots)
	if err := s.openVantages(); err != nil {
		return err
	}
	s.publish(i)
	return s.listenAdmin()
}

// publish fills in what a client is told, from the instance, and makes it the live one. What stays as it is is not
// written, so that a reset on the admin listener does not get in the way of a test that reads it.
func (s *Server) publish(i *instance) {
	base := strings.TrimSuffix(s.AuthURL, "/")
	base = strings.TrimSuffix(base, "/auth") + i.authBase
	auth := base
	if i.dialect["auth-url-slash"] == "yes" {
		auth += "/"
	}
	renew(&s.AuthURL, auth)
	i.named, i.home = s.AuthURL, s.URL
	if !slices.Equal(s.Teams, i.wanted) {
		s.Teams = i.wanted
	}
	if i.tape != nil {
		s.Credentials, s.Admin = i.typed, i.admin
		s.recordedURLs(i)
		s.current.Store(i)
		return
	}
	typed, admin := i.typed, i.admin
	switch typed.AuthURL {
	case "":
		typed.AuthURL = base + "/"
	default:
		insecure := strings.HasPrefix(typed.AuthURL, "http:")
		bare := strings.HasSuffix(typed.AuthURL, noSlash)
		url := strings.TrimSuffix(strings.TrimPrefix(typed.AuthURL, "http:"), noSlash)
		url = strings.NewReplacer(authPlaceholder, base+"/", rootPlaceholder, s.URL+"/").Replace(url)
		if insecure {
			url = "http" + strings.TrimPrefix(url, "https")
		}
		if bare {
			url = strings.TrimSuffix(url, "/")
		}
		typed.AuthURL = url
	}
	admin.Tenant = i.tenant
	renew(&s.Credentials, typed)
	renew(&s.Admin, admin)
	s.current.Store(i)
}

// renew writes a value where it is another one.
func renew[T comparable](at *T, value T) {
	if *at != value {
		*at = value
	}
}

// Client is an HTTP client that trusts the fake, for tests.
func (s *Server) Client() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: s.CAPool, MinVersion: tls.VersionTLS12},
		DialContext: s.dial,
	}}
}

// dial knows the names that only the fake knows.
func (s *Server) dial(ctx context.Context, network, target string) (net.Conn, error) {
	for _, entry := range s.Resolve {
		if name, ok := strings.CutSuffix(entry, ":127.0.0.1"); ok && name == target {
			_, port, _ := net.SplitHostPort(target)
			target = "127.0.0.1:" + port
		}
	}
	return (&net.Dialer{}).DialContext(ctx, network, target)
}
