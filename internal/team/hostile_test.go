package team_test

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/team"
)

// TestAddressesThatAreRefused types each address of the table that a server for others does not contact, and names and spellings of
// them: no connection is made, and the report says that this server does not connect there.
func TestAddressesThatAreRefused(t *testing.T) {
	text, err := os.ReadFile("../netaddr/testdata/addresses.txt")
	if err != nil {
		t.Fatal(err)
	}
	connected := make(chan string, 100)
	listener := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { connected <- req.URL.Path }))
	listener.Config.ErrorLog = log.New(io.Discard, "", 0)
	listener.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) { connected <- hello.ServerName; return nil, nil }}
	listener.StartTLS()
	defer listener.Close()
	at, err := url.Parse(listener.URL)
	if err != nil {
		t.Fatal(err)
	}
	fake := fakehalo.Start() // its port alone is allowed beside 443
	defer fake.Close()
	for _, private := range []bool{false, true} {
		s := newSiteWith(t, team.Targets{Private: private, Ports: []uint16{portOf(fake)}}, func(_ string, o *team.Options) { o.Page.Limits = page.Limits{AtOnce: 100} })
		p := newProgram(t, s, allScopes...)
		var hosts []string
		for line := range strings.Lines(string(text)) {
			if words := strings.Fields(line); words[0] != "#" && words[map[bool]int{false: 1, true: 2}[private]] == "false" && !strings.Contains(words[0], "%") {
				host := words[0]
				if strings.Contains(host, ":") {
					host = "[" + host + "]"
				}
				hosts = append(hosts, host)
			}
		}
		if len(hosts) < 45 {
			t.Fatal(len(hosts))
		}
		if !private {
			hosts = append(hosts, "localhost")
		}
		ids := map[string]string{}
		for _, host := range hosts {
			body, err := json.Marshal(map[string]any{"settings": map[string]any{"url": "https://" + host, "only": []string{"network.*"}, "timeout": "20s"}})
			if err != nil {
				t.Fatal(err)
			}
			status, answer, header := p.call(http.MethodPost, "/api/runs", string(body))
			if status == http.StatusUnprocessableEntity && strings.Contains(answer, `"url":`) {
				continue // it is no address of an instance at all
			}
			if status != http.StatusAccepted {
				t.Errorf("%s: %d %s", host, status, answer)
				continue
			}
			ids[host] = strings.TrimPrefix(header.Get("Location"), "/api/runs/")
		}
		for host, id := range ids {
			report := ""
			for range 300 {
				var status int
				if status, report, _ = p.call(http.MethodGet, "/api/runs/"+id, ""); status == http.StatusOK {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			if !strings.Contains(report, "is not allowed to connect there") || strings.Contains(report, `"status": "fail"`) {
				t.Errorf("private %t, %s: %s", private, host, report)
				break
			}
		}
		for _, typed := range []string{"https://127.0.0.1:" + at.Port(), "https://localhost:" + at.Port(), "https://[::ffff:127.0.0.1]:" + at.Port(), "https://2130706433:" + at.Port(), "https://0x7f000001:" + at.Port(), "https://127.1:" + at.Port()} {
			body, _ := json.Marshal(map[string]any{"settings": map[string]any{"url": typed, "only": []string{"network.*"}}})
			p.call(http.MethodPost, "/api/runs", string(body))
		}
	}
	select {
	case what := <-connected:
		t.Errorf("a port that nobody allowed was connected to: %q", what)
	case <-time.After(time.Second):
	}
}

// TestPathsAndHeaders: no spelling of a path and no header lets in who is not logged in, or leads to another site.
func TestPathsAndHeaders(t *testing.T) {
	s, _ := newLoginSite(t, team.Targets{})
	for _, path := range []string{
		"/audit/", "//audit", "/./audit", "/l/../audit", "/assets/../audit", "/%61udit", "/AUDIT", "/audit%00", "/audit;x", "/assets/..%2faudit", "/l/..%2f..%2faudit", "/%2e%2e/audit", "/assets/%2e%2e/%2e%2e/etc/passwd",
		"/assets/page.css/../../audit", "/l/x/../../tokens", "//evil.example/audit", "/\\evil.example", "/login/../audit", "/audit?to=/assets/page.css", "/api/../audit", "/api/%2e%2e/audit", "/healthz/../audit",
	} {
		for header, value := range map[string]string{
			"X-Forwarded-Host": "evil.example", "X-Original-URL": "/audit", "X-Rewrite-URL": "/audit", "X-HTTP-Method-Override": "POST", "X-Forwarded-User": "ada", "X-Remote-User": "ada", "X-Forwarded-For": "127.0.0.1",
			"Authorization": "Bearer hcd_", "Cookie": "halocheckd=x; __Host-halocheckd=x", "Forwarded": "host=evil.example",
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.URL.Opaque = path
			req.Header.Set(header, value)
			resp, err := s.Client.Do(req)
			if err != nil {
				t.Fatal(path, err)
			}
			body, err := io.ReadAll(resp.Body)
			if resp.Body.Close(); err != nil {
				t.Fatal(err)
			}
			at := resp.Header.Get("Location")
			if text := string(body); resp.StatusCode == http.StatusOK || strings.Contains(text, "Who did what") || strings.Contains(text, "root:") || strings.HasPrefix(at, "//") || strings.Contains(at, "\\") || strings.Contains(strings.TrimPrefix(at, s.URL), "evil.example") && !strings.HasPrefix(at, "/login?to=") {
				t.Errorf("%q with %s: %d %s %.300s", path, header, resp.StatusCode, at, text)
			}
		}
	}
}
