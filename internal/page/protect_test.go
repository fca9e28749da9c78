package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/faultlist"
	"github.com/halocheck/halocheck/internal/settings"
)

func faultsOf() (list []faultlist.Fault) {
	for _, f := range fakehalo.Faults() {
		list = append(list, faultlist.Fault{Name: f.Name, Says: f.Says, Requirement: f.Requirement, Status: f.Status, Cause: f.Cause})
	}
	return list
}

// TestProtected: who is answered, by the request's name of the server and by where a form comes from.
func TestProtected(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Names = []string{"desk.example"} })
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, c := range []struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		{"GET", "/", "", nil, 200},
		{"GET", "/", "localhost" + port, nil, 200},
		{"GET", "/", "localhost:9", nil, 200}, // a forwarded port
		{"GET", "/", "[::1]" + port, nil, 200},
		{"GET", "/", "desk.example", nil, 200},
		{"GET", "/", "evil.example" + port, nil, 421},
		{"GET", "/", "localhost.evil.example", nil, 421},
		{"GET", "/", "127.0.0.1.nip.example", nil, 421},
		{"GET", "/", "192.0.2.1", nil, 421},
		{"GET", "/assets/page.js", "evil.example", nil, 421},
		{"POST", "/runs", "evil.example", nil, 421},
		{"POST", "/runs", "", map[string]string{"Origin": "https://evil.example"}, 403},
		{"POST", "/runs", "", map[string]string{"Origin": "null"}, 403},
		{"POST", "/runs", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"POST", "/runs", "", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"POST", "/runs", "", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303},
		{"POST", "/show", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"GET", "/runs", "", nil, 404},
		{"PUT", "/runs", "", nil, 404},
		{"GET", "/r/none", "", nil, 404},
		{"GET", "/r/none/events", "", nil, 404},
		{"POST", "/r/none/again", "", nil, 404},
		{"GET", "/../etc/passwd", "", nil, 307},
		{"GET", "/assets/form.tmpl", "", nil, 404},
		{"GET", "/assets/..%2fform.tmpl", "", nil, 404},
		{"GET", "/?draft=../..", "", nil, 200},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		for name, value := range c.header {
			req.Header.Set(name, value)
		}
		status, _, header := s.Send(req)
		if status != c.want {
			t.Errorf("%s %s at %q with %v: %d, want %d", c.method, c.path, c.host, c.header, status, c.want)
		}
		if p := header.Get("Content-Security-Policy"); p != policy || header.Get("Referrer-Policy") != "no-referrer" || header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") == "" || strings.HasPrefix(header.Get("Location"), "//") {
			t.Errorf("%s %s: %v", c.method, c.path, header)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "sha256") {
		t.Error("something in the page itself may run")
	}
}

// TestLimits: a form, the checks at once and those that are kept are bounded.
func TestLimits(t *testing.T) {
	s := newSite(t, nil)
	big := url.Values{"text": {strings.Repeat("x", maxForm)}}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/fill", strings.NewReader(big.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, _, _ := s.Send(req); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form that is too large: %d", status)
	}
	for range 2 * maxDrafts {
		s.Post("/fill", url.Values{"text": {"Tenant: acme"}})
	}
	if n := len(s.page.drafts); n > maxDrafts {
		t.Errorf("%d forms are kept", n)
	}
	held := make(chan struct{})
	for i := range defaultAtOnce + 1 {
		r := &run{title: fmt.Sprint(i)}
		if err := s.page.newRun(r); err != nil {
			t.Fatal(err)
		}
		err := r.begin("It waits.", "", func(ctx context.Context) {
			select {
			case <-held:
			case <-ctx.Done():
			}
		})
		if busy := errors.Is(err, errBusy); busy != (i == defaultAtOnce) {
			t.Errorf("check %d: %v", i, err)
		}
	}
	kept := len(s.page.runs)
	where := s.Post("/runs", url.Values{"url": {"https://acme.example"}, "only": {"network.resolves"}})
	if _, body := s.get(where); !strings.Contains(body, "Too many checks are running") || len(s.page.runs) != kept {
		t.Errorf("a check too many leads to %s", where)
	}
	close(held)
	for range 2 * maxRuns {
		if err := s.page.newRun(&run{}); err != nil && !errors.Is(err, errBusy) {
			t.Fatal(err)
		}
	}
	if n := len(s.page.runs); n > maxRuns {
		t.Errorf("%d checks are kept", n)
	}
}

// TestForget: an idle check's secrets are forgotten, its report stays, and it cannot be asked again.
func TestForget(t *testing.T) {
	s := newSite(t, nil)
	path := s.Post("/runs", formOf(startFake(t)))
	s.Done(path)
	r := s.page.runs[strings.TrimPrefix(path, "/r/")]
	r.forgetIfIdle(time.Now().Add(forget / 2))
	if _, body := s.get(path); !strings.Contains(body, "Ask again") {
		t.Error("it is forgotten too early")
	}
	r.forgetIfIdle(time.Now().Add(2 * forget))
	_, body := s.get(path)
	if r.session != nil || r.options != nil || r.log != nil || strings.Contains(body, "Ask again") || !strings.Contains(body, "The secret of this check is forgotten") || !strings.Contains(body, "The connection meets the guide") {
		t.Errorf("it is not forgotten:\n%.3000s", body)
	}
	if _, body := s.get(path + "/hand-over"); !strings.Contains(body, "start it again to pack them") {
		t.Error("it is packed nevertheless")
	}
}

// TestFields: every setting that a form can give is a field with a label and a sentence.
func TestFields(t *testing.T) {
	s := newSite(t, nil)
	_, body := s.get("/")
	for _, row := range settings.All.In(settings.Form) {
		if row.Label == "" {
			t.Errorf("%s has no label", row.Name)
		}
		if row.Name != "guide" && !strings.Contains(body, `name="`+row.Name+`"`) {
			t.Errorf("%s is no field", row.Name)
		}
	}
	if flag.MatchString(body) {
		t.Error("the form names a flag")
	}
}
