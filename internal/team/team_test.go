package team_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/page/pagetest"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }

// site is a team's page under test, with all that it answered.
type site struct {
	*pagetest.Site
	database string
	team     *team.Server
	mu       sync.Mutex
	now      time.Time
}

func newSite(t *testing.T, targets team.Targets) *site {
	t.Helper()
	return newSiteWith(t, targets, nil)
}

// newSiteWith is a site with further options.
func newSiteWith(t *testing.T, targets team.Targets, change func(url string, o *team.Options)) *site {
	t.Helper()
	s := &site{database: t.TempDir() + "/team.db", now: time.Now()}
	kept, err := store.Open(t.Context(), s.database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Site = pagetest.New(t, "http://"+listener.Addr().String())
	o := team.Options{
		Store: kept, Targets: targets, Now: func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now },
		Page: page.Options{
			Demo:  func(context.Context, ...string) (*page.Demo, error) { return nil, errors.New("there is no fake here") },
			Table: settings.All, Tell: func(err error) { s.Keep(err.Error()) },
			Source: settings.Source{Source: credential.Source{Stdin: strings.NewReader(""), Getenv: func(string) string { return "" }}},
		},
	}
	if change != nil {
		change(s.URL, &o)
	}
	p, err := team.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.team = p
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: p}}
	server.Start()
	t.Cleanup(func() {
		p.Close()
		s.Client.CloseIdleConnections()
		server.Close()
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// check checks a fake, and returns the finished page.
func (s *site) check(fake *fakehalo.Server) string {
	s.T.Helper()
	return s.Done(s.Post("/runs", pagetest.FormOf(fake)))
}

// reopened is a database that another site has open, too.
func reopened(t *testing.T, database string) *store.Store {
	t.Helper()
	kept, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	return kept
}

func portOf(fake *fakehalo.Server) uint16 {
	u, err := url.Parse(fake.URL)
	if err != nil {
		panic(err)
	}
	port, _ := strconv.ParseUint(u.Port(), 10, 16)
	return uint16(port)
}

var customerPath, runPath, linkAddress = regexp.MustCompile(`/c/\w+`), regexp.MustCompile(`/kept/\w+`), regexp.MustCompile(`/l/\w+`)

// TestWhatATeamKeeps: a check is kept under its customer, is found, is compared with the one before, and is shown through a link.
func TestWhatATeamKeeps(t *testing.T) {
	wrong, err := fakehalo.Named("old-version")
	if err != nil {
		t.Fatal(err)
	}
	fake := fakehalo.Start()
	defer fake.Close()
	fake.Set(wrong...)
	s := newSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	if got := s.Get("/customers"); !strings.Contains(got, "There is no customer yet") {
		t.Error("before the first check:", got)
	}
	s.check(fake)
	list := s.Get("/customers?outcome=not-conformant&cause=below_security_floor")
	customer := customerPath.FindString(list)
	if customer == "" {
		t.Fatal("the check is not kept:", list)
	}
	if got := s.Get("/customers?cause=expired"); strings.Contains(got, customer) {
		t.Error("it is found by a cause that it does not have")
	}
	fake.Clear()
	s.check(fake)
	body := s.Get(customer)
	if runs := runPath.FindAllString(body, -1); len(runs) != 2 || !strings.Contains(body, "conformant") {
		t.Error("two checks are shown as", runs)
	}
	if got := s.Get(customer + "/changes"); !strings.Contains(got, "product.version") || !strings.Contains(got, "Fixed") {
		t.Error("what changed:", got)
	}
	if at := s.Post(customer+"/name", url.Values{"name": {"Acme <b>& Sons</b>"}}); at != customer {
		t.Error("renaming leads to", at)
	}
	if got := s.Get("/customers?q=SONS"); !strings.Contains(got, "Acme &lt;b&gt;&amp; Sons&lt;/b&gt;") {
		t.Error("the name is shown as", got)
	}
	if at := s.Post(customer+"/delete", nil); at != "/customers" {
		t.Error("deleting leads to", at)
	}
	if status, _, _ := s.Do(http.MethodGet, customer, nil); status != http.StatusNotFound {
		t.Error("a customer that was deleted:", status)
	}
	for _, hidden := range []string{fake.Credentials.ClientSecret, fake.Credentials.ClientSecret[:16]} {
		if strings.Contains(s.Said(), hidden) || strings.Contains(databaseText(t, s.database), hidden) {
			t.Error("the secret is in a page, a message or the database")
		}
	}
}

// databaseText is what the database's files hold, byte by byte.
func databaseText(t *testing.T, file string) string {
	t.Helper()
	text := ""
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(file + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		text += string(data)
	}
	return text
}

// TestLinks: who has a link sees one report and nothing else; an end of it ends it.
func TestLinks(t *testing.T) {
	fake := fakehalo.Start()
	defer fake.Close()
	s := newSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	s.check(fake)
	customer := customerPath.FindString(s.Get("/customers"))
	link := func(audience string) string {
		status, body, _ := s.Do(http.MethodPost, customer+"/links", url.Values{"audience": {audience}})
		if status != http.StatusOK {
			t.Fatal(status, body)
		}
		return linkAddress.FindString(body)
	}
	letter, whole := link("customer"), link("engineer")
	if strings.Contains(databaseText(t, s.database), strings.TrimPrefix(letter, "/l/")) {
		t.Error("the database holds the word of a link")
	}
	status, body, header := s.Do(http.MethodGet, letter, nil)
	if status != http.StatusOK || strings.Contains(body, "trust.chain") || strings.Contains(body, "/customers") {
		t.Error("the customer sees:", status, body)
	}
	if header.Get("Referrer-Policy") != "no-referrer" || header.Get("X-Robots-Tag") == "" || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error(header)
	}
	if body := s.Get(whole); !strings.Contains(body, "trust.chain") || strings.Contains(body, "/customers") {
		t.Error("the engineer sees:", body)
	}
	gone := func(when string) {
		for _, path := range []string{letter, whole, "/l/x", "/l/" + strings.Repeat("A", 26)} {
			if status, _, _ := s.Do(http.MethodGet, path, nil); status != http.StatusNotFound {
				t.Errorf("%s, %s: %d", path, when, status)
			}
		}
	}
	s.mu.Lock()
	s.now = s.now.AddDate(0, 0, 15)
	s.mu.Unlock()
	gone("after two weeks")
	s.mu.Lock()
	s.now = s.now.AddDate(0, 0, -15)
	s.mu.Unlock()
	s.Get(letter)
	s.Post(customer+"/revoke", nil)
	gone("revoked")
}

// TestTargets: what nobody allowed is not connected to, whoever types it.
func TestTargets(t *testing.T) {
	fake := fakehalo.Start()
	defer fake.Close()
	for name, targets := range map[string]team.Targets{"no private addresses": {Ports: []uint16{portOf(fake)}}, "no further port": {Private: true}} {
		s := newSite(t, targets)
		if body := s.check(fake); strings.Contains(body, "conformant</span>") && !strings.Contains(body, "network.reachable") {
			t.Error(name, body)
		}
		if got := fake.Requests(); len(got) != 0 {
			t.Errorf("%s: %d requests were sent", name, len(got))
		}
	}
}

// TestOthers: another site can neither write nor read under another name, and a probe of the machine's owner gets an answer.
func TestOthers(t *testing.T) {
	s := newSite(t, team.Targets{})
	if form := s.Get("/"); strings.Contains(form, `name="via"`) || !strings.Contains(form, `name="client-id"`) {
		t.Error("the form takes a proxy, which would connect to anything")
	}
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/c/none": http.StatusNotFound, "/kept/none": http.StatusNotFound, "/none": http.StatusNotFound} {
		if status, _, _ := s.Do(http.MethodGet, path, nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"another origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"another site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"another name":   func(r *http.Request) { r.Host = "evil.example" },
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/c/none/delete", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		resp, err := s.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
}

// syncBuffer is a buffer that several write to.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
