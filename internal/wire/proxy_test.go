package wire

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// connectProxy is a proxy that speaks CONNECT and sends every connection to one address.
func connectProxy(to string, asked *atomic.Value) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if fields := strings.Fields(r.Header.Get("Proxy-Authorization")); len(fields) == 2 {
			r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
			user, password, _ = r.BasicAuth()
		}
		asked.Store(r.Method + " " + r.Host + " " + user + ":" + password)
		if strings.HasPrefix(r.Host, "refused") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		there, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		splice(here, there)
	})
}

func splice(a, b net.Conn) {
	go func() { _, _ = io.Copy(a, b); _ = a.Close() }()
	_, _ = io.Copy(b, a)
	_ = b.Close()
}

// socksProxy is a SOCKS5 proxy without authentication that sends every connection to one address.
func socksProxy(t *testing.T, to string, asked *atomic.Value) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				greeting := make([]byte, 3)
				_, _ = io.ReadFull(c, greeting)
				_, _ = c.Write([]byte{5, 0})
				head := make([]byte, 5)
				_, _ = io.ReadFull(c, head)
				rest := make([]byte, int(head[4])+2)
				_, _ = io.ReadFull(c, rest)
				asked.Store(string(rest[:head[4]]))
				there, err := net.Dial("tcp", to)
				if err != nil {
					_ = c.Close()
					return
				}
				_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
				splice(c, there)
			}()
		}
	}()
	return l.Addr().String()
}

// TestProxies sends a request for a name that nothing resolves through each kind of proxy to a real TLS server. TLS ends here:
// the request carries a token, so it goes only over a connection that proved the server's name.
func TestProxies(t *testing.T) {
	site := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer site.Close()
	_, port, _ := net.SplitHostPort(site.Listener.Addr().String())
	to := site.Listener.Addr().String()
	var asked atomic.Value
	plain := httptest.NewServer(connectProxy(to, &asked))
	defer plain.Close()
	secured := httptest.NewTLSServer(connectProxy(to, &asked))
	defer secured.Close()
	roots := &Roots{Pool: x509.NewCertPool()}
	roots.Pool.AddCert(site.Certificate()) // httptest has one certificate, for example.com and 127.0.0.1

	for name, c := range map[string]struct{ proxy, want string }{
		"http":   {"http://me:word@" + plain.Listener.Addr().String(), "CONNECT example.com:" + port + " me:word"},
		"https":  {"https://" + secured.Listener.Addr().String(), "CONNECT example.com:" + port + " :"},
		"socks5": {"socks5://" + socksProxy(t, to, &asked), "example.com"},
		"bare":   {plain.Listener.Addr().String(), "CONNECT example.com:" + port + " :"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := ParseProxy(c.proxy)
			if err != nil {
				t.Fatal(err)
			}
			n := &Net{Resolver: noResolver{t}, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now, Proxy: FixedProxy(u)}
			defer n.Close()
			e := Endpoint{"example.com", port}
			page, err := n.Fetch(t.Context(), Request{Method: http.MethodGet, URL: "https://" + e.Address() + "/", Bearer: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }})
			if err != nil || page.Status != http.StatusOK {
				t.Fatalf("%d, %v", page.Status, err)
			}
			if asked.Load() != c.want {
				t.Errorf("the proxy was asked for %q, not %q", asked.Load(), c.want)
			}
			if shown := n.ProxyName(e); strings.Contains(shown, "word") || !strings.HasSuffix(shown, u.Host) {
				t.Errorf("shown as %s", shown)
			}
			other := Endpoint{"other.example", port} // whose name the certificate does not hold
			var unproven *UnprovenError
			if _, err := n.Once(t.Context(), Request{Method: http.MethodGet, URL: "https://" + other.Address() + "/", Bearer: func(*http.Request) {}}); !errors.As(err, &unproven) {
				t.Errorf("an unproven server behind the proxy: %v", err)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		u, _ := url.Parse(plain.URL)
		n := &Net{Resolver: noResolver{t}, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now, Proxy: FixedProxy(u)}
		_, err := n.Dial(t.Context(), Endpoint{"refused.example", "443"}, netip.Addr{})
		if Cause(err) != "not_observed" || !strings.Contains(Describe(err), "status 502") {
			t.Errorf("%s: %s", Cause(err), Describe(err))
		}
	})
}

// noResolver fails where a name is looked up: the proxy does that.
type noResolver struct{ t *testing.T }

func (r noResolver) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	r.t.Errorf("%s was looked up here", host)
	return nil, errors.New("no")
}

func TestEnvironmentProxy(t *testing.T) {
	variables := map[string]string{"https_proxy": "proxy.example:3128", "NO_PROXY": "internal.example, 10.0.0.0/8,.corp.example:8443"}
	choose, err := EnvironmentProxy(func(name string) string { return variables[name] })
	if err != nil {
		t.Fatal(err)
	}
	for e, direct := range map[Endpoint]bool{
		{"halo.example", "443"}: false, {"127.0.0.1", "443"}: false, {"internal.example", "443"}: true, {"a.internal.example", "443"}: true,
		{"xinternal.example", "443"}: false, {"10.1.2.3", "443"}: true, {"11.1.2.3", "443"}: false,
		{"a.corp.example", "8443"}: true, {"a.corp.example", "443"}: false,
	} {
		if u := choose(e); (u == nil) != direct {
			t.Errorf("%s: %v", e, u)
		}
	}
	if choose, err := EnvironmentProxy(func(string) string { return "" }); choose != nil || err != nil {
		t.Error("a proxy out of nothing")
	}
	_, err = EnvironmentProxy(func(name string) string { return map[string]string{"HTTPS_PROXY": "ftp://u:word@h"}[name] })
	if err == nil || strings.Contains(err.Error(), "word") {
		t.Error(err)
	}
}

// TestClose ends a connection that is busy: the server sends nothing, and the request would wait for its whole time.
func TestClose(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	site := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	}))
	defer site.Close()
	roots := &Roots{Pool: x509.NewCertPool()}
	n := &Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now}
	result := make(chan error, 1)
	go func() {
		_, err := n.Once(t.Context(), Request{Method: http.MethodGet, URL: site.URL})
		result <- err
	}()
	<-begun
	n.Close()
	for range 2 {
		select {
		case err := <-result:
			if err == nil {
				t.Error("the request was answered")
			}
		case <-ended:
			ended = nil
		case <-time.After(10 * time.Second):
			t.Fatal("the connection lives on")
		}
	}
	if len(n.open) > 0 {
		t.Errorf("%d connections are open", len(n.open))
	}
	if _, err := n.Once(t.Context(), Request{Method: http.MethodGet, URL: site.URL}); err == nil {
		t.Error("a connection was opened after Close")
	}
}

// TestClockAhead compares this machine's clock with the server's, both ways; an answer out of a cache tells nothing.
func TestClockAhead(t *testing.T) {
	var date, age atomic.Value
	age.Store("")
	site := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date.Load().(string))
		if age.Load() != "" {
			w.Header().Set("Age", age.Load().(string))
		}
	}))
	defer site.Close()
	e, _ := ParseEndpoint(site.URL)
	for name, c := range map[string]struct {
		ahead time.Duration
		age   string
		want  string
	}{
		"same":        {0, "", ""},
		"four":        {4 * time.Minute, "", ""},
		"ahead":       {3 * time.Hour, "", "; this machine's clock is 3 hours behind the server's"},
		"behind":      {-72 * time.Hour, "", "; this machine's clock is 3 days ahead of the server's"},
		"six minutes": {-6 * time.Minute, "", "; this machine's clock is 6 minutes ahead of the server's"},
		"cached":      {-72 * time.Hour, "100", ""},
	} {
		date.Store(time.Now().Add(c.ahead).UTC().Format(http.TimeFormat))
		age.Store(c.age)
		n := &Net{Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: &Roots{Pool: x509.NewCertPool()}, Now: time.Now}
		if got := ClockNote(n.ClockAhead(t.Context(), e)); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
		n.Close()
	}
}
