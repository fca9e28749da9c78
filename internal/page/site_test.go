package page

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/settings"
)

// site is a page under test, and everything that it answered.
type site struct {
	t      *testing.T
	page   *Server
	url    string
	client *http.Client
	mu     sync.Mutex
	said   strings.Builder
}

// newSite starts a page.
func newSite(t *testing.T, change func(*Options)) *site {
	t.Helper()
	s := &site{t: t}
	o := Options{Table: settings.All, Source: settings.Source{Source: credential.Source{Stdin: strings.NewReader(""), Getenv: func(string) string { return "" }}}}
	o.Tell = func(err error) { s.keep(err.Error()) }
	if change != nil {
		change(&o)
	}
	p, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	s.page, s.url = p, server.URL
	s.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{}}
	t.Cleanup(func() {
		p.Close()
		s.client.CloseIdleConnections()
		server.Close()
	})
	return s
}

func (s *site) keep(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said.WriteString(text + "\n")
}

// do sends a request, and keeps its answer.
func (s *site) do(req *http.Request) (int, string, http.Header) {
	s.t.Helper()
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	header, _ := json.Marshal(resp.Header)
	s.keep(string(header) + string(body))
	return resp.StatusCode, string(body), resp.Header
}

func (s *site) get(path string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	status, body, _ := s.do(req)
	return status, body
}

// post sends a form, and returns where it leads to.
func (s *site) post(path string, form url.Values) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body, header := s.do(req)
	if status != http.StatusSeeOther {
		s.t.Fatalf("%s: %d: %s", path, status, body)
	}
	return header.Get("Location")
}

// upload sends files.
func (s *site) upload(files map[string][]byte) (int, string, string) {
	s.t.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for name, data := range files {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			s.t.Fatal(err)
		}
		_, _ = part.Write(data)
	}
	_ = w.Close()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/saved", strings.NewReader(b.String()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	status, body, header := s.do(req)
	return status, body, header.Get("Location")
}

// stream reads the events of a check after one of them until stop says so, and returns the number of the last.
func (s *site) stream(path, last string, stop func(kind, data string) bool) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path+"/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	kind := ""
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		line := lines.Text()
		s.keep(line)
		switch field, value, _ := strings.Cut(line, ": "); field {
		case "id":
			was, _ := strconv.Atoi(last)
			if now, err := strconv.Atoi(value); err != nil || now <= was {
				s.t.Errorf("event %s comes after event %s", value, last)
			}
			last = value
		case "event":
			kind = value
		case "data":
			if stop(kind, value) {
				return last
			}
		}
	}
	s.t.Fatalf("the stream ended: %v", lines.Err())
	return ""
}

// done waits until nothing is under way any more, and returns the page.
func (s *site) done(path string) string {
	s.t.Helper()
	for range 600 {
		_, body := s.get(path)
		if !strings.Contains(body, "Stop</button>") && !strings.Contains(body, "Stop the check</button>") {
			return body
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatal("it is still under way after a minute")
	return ""
}

// formOf is the form of a fake with everything that it is known by.
func formOf(server *fakehalo.Server) url.Values {
	return url.Values{
		"url": {server.URL}, "auth-url": {server.Credentials.AuthURL}, "tenant": {server.Credentials.Tenant}, "client-id": {server.Credentials.ClientID},
		secretSetting: {server.Credentials.ClientSecret}, "admin-client-id": {server.Admin.ClientID}, adminSecretSetting: {server.Admin.ClientSecret},
		"team": {strings.Join(server.Teams, "\r\n")}, "stable": {server.Stable}, "aia": {"private"}, "ca-file": {string(server.CAPEM)}, "via": viaOf(server),
	}
}

func viaOf(server *fakehalo.Server) []string {
	var list []string
	for name, address := range server.Vantages {
		list = append(list, name+"="+address)
	}
	slices.Sort(list)
	return []string{strings.Join(list, "\n")}
}

// startFake is a fake with faults.
func startFake(t *testing.T, names ...string) *fakehalo.Server {
	t.Helper()
	faults, err := fakehalo.Named(names...)
	if err != nil {
		t.Fatal(err)
	}
	server := fakehalo.Start(faults...)
	t.Cleanup(server.Close)
	return server
}

// demoOf starts fakes as the command does.
func demoOf(t *testing.T) func(context.Context, ...string) (*Demo, error) {
	return func(ctx context.Context, names ...string) (*Demo, error) {
		faults, err := fakehalo.Named(names...)
		if err != nil {
			return nil, err
		}
		server := fakehalo.Start(faults...)
		v := settings.NewValues(settings.All, settings.Check)
		for name, values := range formOf(server) {
			for line := range strings.Lines(strings.Join(values, "\n")) {
				if name != "ca-file" && !strings.Contains(name, "secret") {
					if err := v.Set(name, strings.TrimSpace(line)); err != nil {
						t.Error(err)
					}
				}
			}
		}
		if err := v.Set("ca-file", server.CAFile); err != nil {
			return nil, err
		}
		a, err := v.Arguments(ctx, settings.Source{Source: credential.Source{Getenv: func(name string) string {
			return map[string]string{"HALO_CLIENT_SECRET": server.Credentials.ClientSecret, "HALO_ADMIN_CLIENT_SECRET": server.Admin.ClientSecret}[name]
		}}})
		return &Demo{Arguments: a, Close: server.Close}, err
	}
}
