package team_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
)

// TestCanary: a secret that was typed, in the right field and in wrong ones, is in nothing that the server says or keeps: pages,
// headers, messages, log, metrics, audit lines, database, backup. An instance that sends it back changes nothing.
func TestCanary(t *testing.T) {
	fake := fakehalo.New(t, fakehalo.FaultOldVersion, fakehalo.FaultClientsNamesOnly)
	var log syncBuffer
	var kept *store.Store
	s := newSiteWith(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}}, func(_ string, o *team.Options) {
		o.Seal, o.Log, kept = newSeal(t), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), o.Store
	})
	canary := fake.Credentials.ClientSecret
	p := newProgram(t, s, allScopes...)
	s.check(fake)
	for _, field := range []string{"url", "tenant", "client-id", "team", "attest", "ca-file", "guide", "draft", "unknown"} {
		form := url.Values{"url": {fake.URL}, "client-id": {fake.Credentials.ClientID}, "client-secret-file": {canary}, "guide": {"mspcentric", "hudu"}, "keep": {"yes"}}
		if form[field] = []string{canary}; field == "guide" {
			form[field] = []string{"mspcentric", "hudu", canary}
		}
		s.Get(strings.TrimPrefix(s.Post("/runs", form), s.URL)) // the form again, or a check
	}
	s.Get(s.Post("/fill", url.Values{"text": {"Client Secret: " + canary + "\nURL: https://" + canary + ".example"}}))
	p.call(http.MethodPost, "/api/runs", settingsOf(fake))
	p.call(http.MethodPost, "/api/runs", `{"settings":{"url":"`+canary+`","client-secret":"`+canary+`","moon":"`+canary+`"}}`)
	p.call(http.MethodPost, "/api/runs", `{"settings":{"url":"https://localhost","guide":["hudu","`+canary+`"]}}`)
	for range 600 { // until all of them are done
		if strings.Contains(s.metrics(), "halocheckd_checks_running 0") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	link := s.customersLink()
	s.press(link)
	customer := customerPath.FindString(s.Get("/customers"))
	for _, path := range []string{"/", "/customers", "/customers?q=" + canary, customer, customer + "/changes", "/audit", "/tokens", "/account", link, "/c/" + canary, "/l/" + canary, "/" + canary, "/r/" + canary} {
		_, body, header := s.Do(http.MethodGet, path, nil)
		for name, values := range header {
			s.Keep(name + ": " + strings.Join(values, " "))
		}
		for _, run := range runPath.FindAllString(body, -1) {
			_, _, judged := s.Do(http.MethodGet, run, nil)
			at := judged.Get("Location")
			for _, part := range []string{"", "/hand-over", "/letter", "/report/json", "/report/junit"} {
				s.Do(http.MethodGet, at+part, nil)
			}
		}
	}
	metrics := s.metrics()
	var dump bytes.Buffer
	if err := kept.Backup(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	looked := map[string]string{"pages and messages": strings.ReplaceAll(s.Said(), "/customers?q="+canary, ""), "log": log.String(), "metrics": metrics, "database": databaseText(t, s.database), "backup": unpacked(t, dump.Bytes())}
	redactor := secret.NewRedactor(secret.New(canary))
	for where, text := range looked {
		if len(text) < 100 {
			t.Errorf("%s: it is nearly empty: %q", where, text)
		}
		if where == "database" { // binary: what is written as it is
			if strings.Contains(text, canary) {
				t.Error("the database has it")
			}
			continue
		}
		if redactor.Contains(text) {
			at := strings.Index(text, canary)
			t.Errorf("%s: it is there: %q", where, text[max(0, at-200):min(len(text), max(at, 0)+200)])
		}
	}
	for _, want := range []string{`halocheckd_checks_total{outcome="not-conformant"}`, `halocheckd_http_requests_total{code="200",method="get"}`, "halocheckd_checks_running ", "halocheckd_build_info{"} {
		if !strings.Contains(looked["metrics"], want) {
			t.Errorf("no %s in %s", want, looked["metrics"])
		}
	}
	if !strings.Contains(looked["log"], "msg=deed") || !strings.Contains(looked["log"], "page=/l took=") || strings.Contains(looked["log"], strings.TrimPrefix(link, "/l/")) {
		t.Error("the log:", looked["log"])
	}
}

// metrics are what a monitoring reads.
func (s *site) metrics() string {
	answer := httptest.NewRecorder()
	s.team.Metrics().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return answer.Body.String()
}

var packedBytes = regexp.MustCompile(`"bytes":\["([^"]*)"`)

// unpacked is a backup with the reports in it as texts.
func unpacked(t *testing.T, dump []byte) string {
	t.Helper()
	text := string(plain(t, dump))
	for _, m := range packedBytes.FindAllStringSubmatch(text, -1) {
		if packed, err := base64.StdEncoding.DecodeString(m[1]); err == nil && bytes.HasPrefix(packed, []byte{0x1f, 0x8b}) {
			text += string(plain(t, packed))
		}
	}
	return text
}

func plain(t *testing.T, packed []byte) []byte {
	t.Helper()
	from, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
