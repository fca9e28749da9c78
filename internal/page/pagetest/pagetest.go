// Package pagetest is a browser without a window, for the tests of the pages: it sends forms, follows events, and keeps all that it
// was told, so that a secret can be looked for in it.
package pagetest

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// Site is a page under test as one browser sees it.
type Site struct {
	T      testing.TB
	URL    string // without a slash at the end
	Client *http.Client

	mu   sync.Mutex
	said strings.Builder
}

// New is a browser that follows no redirect and has no cookies. It is closed when the test ends.
func New(t testing.TB, address string) *Site {
	s := &Site{T: t, URL: address}
	s.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{}}
	t.Cleanup(s.Client.CloseIdleConnections)
	return s
}

// Keep keeps a text that somebody was told.
func (s *Site) Keep(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said.WriteString(text + "\n")
}

// Said is all that was answered, headers first, and all that was kept beside it.
func (s *Site) Said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// Send sends a request, and keeps its answer.
func (s *Site) Send(req *http.Request) (status int, body string, header http.Header) {
	s.T.Helper()
	resp, err := s.Client.Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	head, _ := json.Marshal(resp.Header)
	s.Keep(string(head) + string(text))
	return resp.StatusCode, string(text), resp.Header
}

// Do sends a form; nil: a request without a body.
func (s *Site) Do(method, path string, form url.Values) (status int, body string, header http.Header) {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.T.Fatal(err)
	}
	if form != nil || method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return s.Send(req)
}

// Get is a page that has to be there.
func (s *Site) Get(path string) string {
	s.T.Helper()
	status, body, _ := s.Do(http.MethodGet, path, nil)
	if status != http.StatusOK {
		s.T.Fatalf("%s: %d: %s", path, status, body)
	}
	return body
}

// Post sends a form that leads to another page, and returns its address.
func (s *Site) Post(path string, form url.Values) string {
	s.T.Helper()
	status, body, header := s.Do(http.MethodPost, path, form)
	if status != http.StatusSeeOther {
		s.T.Fatalf("%s: %d: %s", path, status, body)
	}
	return header.Get("Location")
}

// Done waits until nothing is under way on a check's page any more, and returns it.
func (s *Site) Done(path string) string {
	s.T.Helper()
	return s.Until(path, func(body string) bool {
		return !strings.Contains(body, "Stop the check</button>") && !strings.Contains(body, "Stop</button>")
	})
}

// Until reads a page until it is as wanted, for a minute.
func (s *Site) Until(path string, wanted func(body string) bool) (body string) {
	s.T.Helper()
	for range 600 {
		if body = s.Get(path); wanted(body) {
			return body
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.T.Fatalf("%s is not as wanted after a minute:\n%s", path, body)
	return ""
}

// Stream reads the events of a page after the one that is named last until stop says so, and returns the number of the last.
func (s *Site) Stream(path, last string, stop func(kind, data string) bool) string {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path+"/events", nil)
	if err != nil {
		s.T.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	kind := ""
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		line := lines.Text()
		s.Keep(line)
		switch field, value, _ := strings.Cut(line, ": "); field {
		case "id":
			was, _ := strconv.Atoi(last) // none: 0
			if now, err := strconv.Atoi(value); err != nil || now <= was {
				s.T.Errorf("event %s comes after event %s", value, last)
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
	s.T.Fatalf("the stream ended: %v", lines.Err())
	return ""
}

// FormOf is the form of a fake without its admin credentials and its vantage points, which a server for others does not take.
func FormOf(server *fakehalo.Server) url.Values {
	return url.Values{
		"url": {server.URL}, "auth-url": {server.Credentials.AuthURL}, "tenant": {server.Credentials.Tenant}, "client-id": {server.Credentials.ClientID},
		"client-secret-file": {server.Credentials.ClientSecret}, "team": {strings.Join(server.Teams, "\r\n")}, "stable": {server.Stable}, "aia": {"private"}, "ca-file": {string(server.CAPEM)},
	}
}
