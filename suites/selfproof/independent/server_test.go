package independent_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// rule answers some requests in place of HaloPSA.
type rule struct {
	when   func(*http.Request) bool
	times  int // how often; negative: always
	answer func(w http.ResponseWriter, req *http.Request, next func())
}

// reply is a rule's answer that is always the same.
func (s *server) reply(a answer) func(http.ResponseWriter, *http.Request, func()) {
	return func(w http.ResponseWriter, req *http.Request, _ func()) { s.send(w, req, a) }
}

// request is what came in, without its secrets.
type request struct {
	method, host, path string
	query              url.Values
	secret, bearer     bool // the client secret, a bearer token was in it
	admin              bool // the admin application's ID was in it
	from               string
}

// server is a HaloPSA, written from the facts alone. It shares nothing with fakehalo.
type server struct {
	in   *instance
	form form
	now  func() time.Time

	mu      sync.Mutex
	tokens  map[string]grant
	serial  int
	rules   []*rule
	seen    []request
	turn    int
	started time.Time
	named   string         // auth_url of authinfo; empty: the right one
	refused func() *answer // what the token endpoint says to good credentials; nil: it grants

	network network
	proxies []net.Listener
	servers []*http.Server
	done    sync.WaitGroup // listeners, tunnels and requests
}

// grant is what a token stands for.
type grant struct {
	scopes  []string
	admin   bool
	expires time.Time
}

// start serves the instance on a network.
func start(in *instance, f form, n network) *server {
	s := &server{in: in, form: f, now: time.Now, tokens: map[string]grant{}, network: n, started: time.Now()}
	s.startUp()
	hosts := []string{f.Resource}
	if f.Auth != "" && f.Auth != f.Resource {
		hosts = append(hosts, f.Auth)
	}
	for i, host := range hosts {
		s.serve(host, i)
	}
	return s
}

// addresses are documentation addresses, one block for each host.
func (s *server) addresses(block int) (list []netip.Addr) {
	for i := range s.form.Addresses {
		if i == 1 {
			list = append(list, netip.MustParseAddr(fmt.Sprintf("2001:db8:%d::1", block+1)))
			continue
		}
		list = append(list, netip.MustParseAddr(fmt.Sprintf("203.0.113.%d", 10+block*20+i)))
	}
	return list
}

func (s *server) serve(host string, block int) {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(s.form.Protocol == "h2")
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			s.done.Add(1)
			defer s.done.Done()
			s.handle(w, req, host)
		}),
		TLSConfig: s.tls(),
		Protocols: protocols, ErrorLog: log.New(io.Discard, "", 0),
	}
	s.servers = append(s.servers, server)
	var listeners []net.Listener
	s.network.name(host, s.addresses(block))
	for _, a := range s.addresses(block) {
		listeners = append(listeners, s.network.listen(netip.AddrPortFrom(a, 443).String()))
	}
	for _, l := range listeners {
		s.done.Go(func() { _ = server.ServeTLS(l, "", "") })
	}
}

func (s *server) tls() *tls.Config {
	config := &tls.Config{Certificates: []tls.Certificate{authorities()[s.form.Authority].server}, MinVersion: tls.VersionTLS12}
	switch s.form.TLS {
	case "1.2":
		config.MaxVersion = tls.VersionTLS12
	case "1.3":
		config.MinVersion = tls.VersionTLS13
	}
	return config
}

// close ends the servers and waits for them.
func (s *server) close() {
	for _, l := range s.proxies {
		_ = l.Close()
	}
	for _, server := range s.servers {
		_ = server.Close()
	}
	s.done.Wait()
}

// before puts a rule before all others.
func (s *server) before(r *rule) { s.rules = append([]*rule{r}, s.rules...) }

// handle answers one request to one of the hosts.
func (s *server) handle(w http.ResponseWriter, req *http.Request, host string) {
	body, _ := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	form, _ := url.ParseQuery(string(body))
	path := strings.ToLower(req.URL.Path)
	s.mu.Lock()
	s.turn++
	s.seen = append(s.seen, request{method: req.Method, host: host, path: path, query: req.URL.Query(),
		secret: strings.Contains(string(body), s.in.typedSecret) && s.in.typedSecret != "", bearer: req.Header.Get("Authorization") != "", admin: strings.Contains(string(body), adminID), from: req.RemoteAddr})
	var hit *rule
	for _, r := range s.rules {
		if r.times != 0 && r.when(req) {
			r.times--
			hit = r
			break
		}
	}
	s.mu.Unlock()
	route := func() { s.route(w, req, host, path, form) }
	if hit != nil {
		hit.answer(w, req, route)
		return
	}
	route()
}

// route is HaloPSA itself.
func (s *server) route(w http.ResponseWriter, req *http.Request, host, path string, form url.Values) {
	if pause := s.form.Latency; pause > 0 {
		time.Sleep(pause)
	}
	if s.form.MeLatency > 0 && path == "/api/agent/me" {
		time.Sleep(s.form.MeLatency)
	}
	auth := host == s.form.Auth || s.form.Auth == ""
	switch {
	case auth && strings.TrimSuffix(path, "/") == s.form.AuthPath+"/token":
		s.send(w, req, s.token(req, form))
	case host == s.form.Resource && (path == "/api" || strings.HasPrefix(path, "/api/")):
		s.send(w, req, s.api(req, strings.Trim(strings.TrimPrefix(path, "/api"), "/")))
	default:
		s.send(w, req, s.front(req.Method, path))
	}
}

// front answers what is neither API nor token endpoint: the agents' web application, IIS, or nothing.
func (s *server) front(method, path string) answer {
	switch s.form.Front {
	case "redirect":
		if path == "/" {
			return answer{status: http.StatusFound, header: map[string]string{"Location": "/portal/"}}
		}
		return answer{status: http.StatusNotFound}
	case "forbidden":
		return page(http.StatusForbidden, "403 - Forbidden: Access is denied.")
	case "missing":
		return answer{status: http.StatusNotFound}
	case "negotiate": // Windows authentication for the agents' application alone
		return answer{status: http.StatusUnauthorized, header: map[string]string{"WWW-Authenticate": "Negotiate"}}
	case "sso":
		return answer{status: http.StatusFound, header: map[string]string{"Location": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=x"}}
	case "broken":
		return page(http.StatusInternalServerError, "500 - Internal server error.")
	case "no head":
		if method == http.MethodHead {
			return answer{status: http.StatusMethodNotAllowed}
		}
	}
	return page(http.StatusOK, "Halo")
}

// startUp makes the first answers those of a server that is just being started.
func (s *server) startUp() {
	always := func(*http.Request) bool { return true }
	early := func(*http.Request) bool { return s.now().Sub(s.started) < 3*time.Second }
	switch s.form.StartUp {
	case "503":
		s.before(&rule{when: early, times: -1, answer: s.reply(page(http.StatusServiceUnavailable, "Service Unavailable"))})
	case "502 html":
		s.before(&rule{when: early, times: -1, answer: s.reply(page(http.StatusBadGateway, "502 Bad Gateway"))})
	case "retry-after":
		s.before(&rule{when: always, times: 4, answer: s.reply(answer{status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "1"}})})
	case "retry-zero":
		s.before(&rule{when: always, times: 3, answer: s.reply(answer{status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "0"}})})
	case "retry-odd":
		s.before(&rule{when: always, times: 3, answer: s.reply(answer{status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "1.5 seconds"}})})
	case "retry-past":
		s.before(&rule{when: always, times: 2, answer: s.reply(answer{status: http.StatusServiceUnavailable, header: map[string]string{"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}})})
	case "reset":
		s.before(&rule{when: always, times: 2, answer: func(http.ResponseWriter, *http.Request, func()) { panic(http.ErrAbortHandler) }})
	case "retry-date":
		s.before(&rule{when: always, times: 3, answer: func(w http.ResponseWriter, req *http.Request, _ func()) {
			at := s.now().Add(s.form.Skew + 2*time.Second).UTC().Format(http.TimeFormat)
			s.send(w, req, answer{status: http.StatusServiceUnavailable, header: map[string]string{"Retry-After": at}})
		}})
	case "slow":
		s.before(&rule{when: always, times: 2, answer: func(_ http.ResponseWriter, _ *http.Request, next func()) {
			time.Sleep(3 * time.Second)
			next()
		}})
	}
}

// requests are those seen so far.
func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// resource and authURL are the right URLs; the latter without a closing slash.
func (s *server) resource() string { return "https://" + s.form.Resource }

func (s *server) authURL() string {
	host := s.form.Auth
	if host == "" {
		host = s.form.Resource
	}
	return "https://" + host + s.form.AuthPath
}
