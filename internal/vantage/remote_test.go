package vantage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/goroutines"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }

// TestRemote: what a halocheckd answers is evidence only where it is about what was asked; its token is repeated to nobody.
func TestRemote(t *testing.T) {
	good := Seen{"3.19.3.152", Evidence{ID: "x", Verb: Authinfo, Host: "acme.example", Port: "443", Cause: "timeout"}}
	changed := func(f func(*Seen)) string {
		seen := good
		f(&seen)
		text, err := json.Marshal(seen)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for name, c := range map[string]struct {
		status       int
		answer, want string
	}{
		"evidence":       {200, changed(func(*Seen) {}), "timeout from 3.19.3.152"},
		"another host":   {200, changed(func(s *Seen) { s.Evidence.Host = "other.example" }), "not about what was asked"},
		"another port":   {200, changed(func(s *Seen) { s.Evidence.Port = "8443" }), "not about what was asked"},
		"less":           {200, changed(func(s *Seen) { s.Evidence.Verb = Handshake }), "not about what was asked"},
		"no address":     {200, changed(func(s *Seen) { s.Address = "egress-1" }), "not about what was asked"},
		"a fault":        {200, changed(func(s *Seen) { s.Evidence.Cause, s.Evidence.Fault = "", "it has no way there" }), "not about what was asked"},
		"a wrong cause":  {200, changed(func(s *Seen) { s.Evidence.Cause = "refused_from_listed" }), "not about what was asked"},
		"no JSON":        {200, "<html>", "not that of a halocheckd"},
		"a refusal":      {502, `{"error":"the agent egress-1 is not there"}`, "the agent egress-1 is not there"},
		"another server": {404, "<html>", "status 404, as no halocheckd does"},
		"a redirect":     {302, "", "status 302, as no halocheckd does"},
		"an echo":        {403, `{"error":"hcd_WORD is wrong"}`, "… is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				var asked Asked
				err := json.NewDecoder(req.Body).Decode(&asked)
				got = fmt.Sprint(req.Method, " ", req.URL, " ", req.Header.Get("Authorization"), " ", asked, " ", err)
				w.Header().Set("Location", "https://127.0.0.1:1/")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			}))
			defer server.Close()
			u, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			client := server.Client()
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			r := &Remote{Server: u, Client: client, Token: secret.New("hcd_WORD")}
			o, err := r.Look(t.Context(), "egress-1", wire.Endpoint{Host: "acme.example", Port: "443"}, true)
			said := o.Cause + " from " + o.From
			if err != nil {
				said = err.Error()
			}
			if !strings.Contains(said, c.want) || strings.Contains(said, "hcd_WORD") || err != nil && o.From != "" {
				t.Errorf("%s, want %s", said, c.want)
			}
			if got != "POST /api/looks Bearer hcd_WORD {egress-1 acme.example 443 true} <nil>" {
				t.Error("it is asked:", got)
			}
		})
	}
}
