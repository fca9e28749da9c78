package page

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
)

// TestFormToReport goes from the form to the report with a healthy instance and with a broken chain; two viewers, one of whom comes back
// after a broken line, see the same.
func TestFormToReport(t *testing.T) {
	for fault, want := range map[string]string{"healthy": "The connection meets the guide", "missing-intermediate": "The server does not send the intermediate certificate"} {
		t.Run(fault, func(t *testing.T) {
			s := newSite(t, nil)
			path := s.Post("/runs", formOf(startFake(t, fault)))
			if !strings.HasPrefix(path, "/r/") || len(path) < 28 {
				t.Fatalf("it leads to %s", path)
			}
			if _, body := s.get(path); !strings.Contains(body, `id="agent.teams"`) || !strings.Contains(body, `<noscript><meta http-equiv="refresh"`) {
				t.Errorf("the rows are not there from the start, or the page does not read itself anew:\n%s", body)
			}
			ids, over := map[string]bool{}, false
			until := func(n int) func(kind, data string) bool {
				return func(kind, data string) bool {
					var parts []part
					if kind == "rows" {
						if err := json.Unmarshal([]byte(data), &parts); err != nil {
							t.Fatal(err)
						}
					}
					for _, p := range parts {
						ids[p.ID] = true
					}
					over = kind == "reload"
					return over || len(ids) >= n
				}
			}
			last := s.Stream(path, "", until(3)) // the line breaks
			if !over {
				s.Stream(path, last, until(1<<20))
			}
			body := s.Done(path)
			if !strings.Contains(body, "<h1>"+want+"</h1>") {
				t.Errorf("the report says something else:\n%.2000s", body)
			}
			if _, again := s.get(path); again != body {
				t.Error("another viewer sees another page")
			}
			s.Stream(path, "", func(kind, _ string) bool { return kind == "reload" }) // who comes late hears that the page is new
		})
	}
}

// TestCanary sends a recognisable secret through everything, and looks for it in all that was answered or told.
func TestCanary(t *testing.T) {
	server := startFake(t, "agent-disabled", "application-renamed")
	s := newSite(t, func(o *Options) { o.Demo = demoOf(t) })
	form := formOf(server)
	path := s.Post("/runs", form)
	s.Stream(path, "", func(kind, _ string) bool { return kind == "reload" })
	s.Done(path)
	s.Post(path+"/again", url.Values{"id": {"agent.enabled"}})
	s.Done(path)
	for _, page := range []string{"/", path, path + "/hand-over", path + "/hand-over?hosts=hidden", path + "/letter", path + "/report/json", path + "/report/html", path + "/bundle/exchanges.har", "/saved"} {
		if status, _ := s.get(page); status != http.StatusOK {
			t.Errorf("%s: %d", page, status)
		}
	}
	// What is wrong keeps the secret for the next form, and shows it to nobody; a secret in a wrong field neither.
	wrong := formOf(server)
	wrong.Set("url", "not a url at all://")
	s.get(s.Post("/runs", wrong))
	wrong.Set("tenant", server.Credentials.ClientSecret)
	wrong.Set("client-id", server.Credentials.ClientSecret)
	s.get(s.Post("/runs", wrong))
	s.get(s.Post("/fill", url.Values{"text": {"URL: " + server.URL + "\nClient ID: " + server.Credentials.ClientSecret + "\nSecret: " + server.Credentials.ClientSecret}}))
	for _, secret := range []string{server.Credentials.ClientSecret, server.Admin.ClientSecret} {
		for _, guise := range []string{secret, url.QueryEscape(secret), strings.ToUpper(secret), secret[:36], secret[37:]} {
			if at := strings.Index(s.Said(), guise); at >= 0 {
				t.Errorf("the secret was said: …%s", s.Said()[max(0, at-300):at])
			}
		}
	}
}

// TestDraft: what is wrong stands beside its field, what was typed stays, and a secret is typed once.
func TestDraft(t *testing.T) {
	server := startFake(t)
	s := newSite(t, nil)
	form := formOf(server)
	form.Set("stable", "newest")
	where := s.Post("/runs", form)
	_, body := s.get(where)
	for _, want := range []string{`href="#f-stable"`, "&#34;newest&#34; is no version", server.URL, "One is kept from before", `aria-invalid="true"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	form.Set("stable", server.Stable)
	form.Del(secretSetting)
	form.Del(adminSecretSetting)
	form.Set("draft", strings.TrimPrefix(where, "/?draft="))
	if path := s.Post("/runs", form); !strings.HasPrefix(path, "/r/") || !strings.Contains(s.Done(path), "The connection meets the guide") {
		t.Errorf("the kept secret was not used: %s", path)
	}
	if _, body := s.get(s.Post("/runs", form)); !strings.Contains(body, "there is a Client ID without a Client Secret") && !strings.Contains(body, "There is a Client ID without a Client Secret") {
		t.Error("a kept secret is used twice")
	}
}

// flag is the name of a flag, which no page tells.
var flag = regexp.MustCompile(`\s--[a-z]`)

// TestProblems are forms that cannot be used, and beside which field the reason stands.
func TestProblems(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Secrets = []StoredSecret{{"acme.halopsa.com", "file:/nowhere/at/all"}} })
	whole := url.Values{"url": {"https://acme.halopsa.com"}, "client-id": {mailID}, secretSetting: {mailKey}}
	for name, c := range map[string]struct {
		change      map[string]string
		field, says string
	}{
		"no URL":                       {map[string]string{"url": ""}, "url", "Say which instance"},
		"plain HTTP":                   {map[string]string{"url": "http://acme.halopsa.com"}, "url", "https"},
		"a Client ID alone":            {map[string]string{secretSetting: ""}, secretSetting, "without a Client Secret"},
		"a secret alone":               {map[string]string{"client-id": ""}, "client-id", "without a Client ID"},
		"a secret as tenant":           {map[string]string{"tenant": mailKey}, "tenant", "has the form of a Client Secret"},
		"a day":                        {map[string]string{"timeout": "24h"}, "timeout", "at most five minutes"},
		"no duration":                  {map[string]string{"timeout": "soon"}, "timeout", "It is not a duration"},
		"a glob of nothing":            {map[string]string{"only": "trust.chian"}, "only", "There is no requirement"},
		"a vantage point of nothing":   {map[string]string{"via": "3.19.3.152"}, "via", "."},
		"no certificate":               {map[string]string{"ca-file": "hello"}, "ca-file", "."},
		"another word":                 {map[string]string{"hosting": "moon"}, "hosting", "There is no &#34;moon&#34;"},
		"a stored secret, elsewhere":   {map[string]string{"stored": "0", secretSetting: "", "url": "https://evil.example"}, "url", "is for acme.halopsa.com alone"},
		"a stored secret, to a server": {map[string]string{"stored": "0", secretSetting: "", "auth-url": "https://evil.example/auth/"}, "auth-url", "is for acme.halopsa.com alone"},
		"a stored secret, pinned":      {map[string]string{"stored": "0", secretSetting: "", "resolve": "acme.halopsa.com:443:192.0.2.1"}, "resolve", "is for acme.halopsa.com alone"},
		"a stored secret, own roots":   {map[string]string{"stored": "0", secretSetting: "", "ca-file": "hello"}, "ca-file", "is for acme.halopsa.com alone"},
		"a stored secret, not there":   {map[string]string{"stored": "0", secretSetting: ""}, secretSetting, "The file cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{}
			for field, values := range whole {
				form[field] = values
			}
			for field, value := range c.change {
				form.Set(field, value)
			}
			where := s.Post("/runs", form)
			if !strings.HasPrefix(where, "/?draft=") {
				t.Fatalf("it leads to %s", where)
			}
			_, body := s.get(where)
			if !strings.Contains(body, `href="#f-`+c.field+`"`) || !strings.Contains(body, c.says) || flag.MatchString(body) {
				t.Errorf("the page does not say %q beside %s:\n%s", c.says, c.field, body[strings.Index(body, "<main"):])
			}
		})
	}
}

// TestAgain asks one requirement after the instance was mended: what it and those behind it say is new, and the rest is taken over.
func TestAgain(t *testing.T) {
	for fault, id := range map[string]string{"agent-disabled": "agent.enabled", "application-inactive": "login.token"} {
		t.Run(fault, func(t *testing.T) {
			faults, _ := fakehalo.Named(fault)
			server := startFake(t)
			server.Set(faults...)
			s := newSite(t, nil)
			path := s.Post("/runs", formOf(server))
			s.Stream(path, "", func(kind, _ string) bool { return kind == "reload" })
			if body := s.Done(path); !strings.Contains(body, `name="id" value="`+id+`"`) || strings.Contains(body, "The connection meets the guide") {
				t.Fatalf("it cannot be asked again:\n%.3000s", body)
			}
			server.Clear()
			before := len(server.Requests())
			if where := s.Post(path+"/again", url.Values{"id": {id}}); where != path+"#"+id {
				t.Errorf("it leads to %s", where)
			}
			body := s.Done(path)
			if !strings.Contains(body, "<h1>The connection meets the guide</h1>") {
				t.Errorf("it does not hold:\n%.3000s", body)
			}
			if n := len(server.Requests()) - before; n == 0 || n > 24 {
				t.Errorf("it took %d requests", n)
			}
		})
	}
}

// TestAgainTurnsRed: what held and fails by now is said to fail, though the answers of the last run are taken over.
func TestAgainTurnsRed(t *testing.T) {
	for fault, id := range map[string]string{"application-inactive": "login.token", "agent-disabled": "agent.enabled", "no-add-tickets": "role.add-tickets"} {
		t.Run(fault, func(t *testing.T) {
			server := startFake(t)
			s := newSite(t, nil)
			path := s.Post("/runs", formOf(server))
			s.Done(path)
			faults, _ := fakehalo.Named(fault)
			server.Set(faults...)
			s.Post(path+"/again", url.Values{"id": {id}})
			_ = s.Done(path)
			_, saved := s.get(path + "/report/json")
			r, err := halocheck.Read([]byte(saved))
			if err != nil {
				t.Fatal(err)
			}
			if r.Outcome != halocheck.NotConformant || len(r.RootCauses) == 0 || r.RootCauses[0] != id {
				t.Errorf("%s %v, want %s", r.Outcome, r.RootCauses, id)
			}
		})
	}
}

// TestWatch watches until the instance is mended.
func TestWatch(t *testing.T) {
	faults, _ := fakehalo.Named("agent-disabled")
	server := startFake(t)
	server.Set(faults...)
	s := newSite(t, nil)
	s.page.every = 100 * time.Millisecond
	path := s.Post("/runs", formOf(server))
	s.Done(path)
	s.Post(path+"/watch", url.Values{"for": {"10m"}})
	if _, body := s.get(path); !strings.Contains(body, "asked again every ten seconds") {
		t.Errorf("it does not say that it watches:\n%.3000s", body)
	}
	for {
		if _, body := s.get(path); strings.Contains(body, "Waiting for agent.enabled") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	server.Clear()
	if body := s.Done(path); !strings.Contains(body, "✓ fixed: agent.enabled") || !strings.Contains(body, "<h1>The connection meets the guide</h1>") {
		t.Errorf("it did not turn green:\n%.3000s", body)
	}
}

// TestStop ends a check in the middle: what was not asked by then is unknown, and is nobody's fault.
func TestStop(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Demo, o.Faults = demoOf(t), faultsOf() })
	path := s.Post("/show", url.Values{"fault": {"silent"}})
	s.Stream(path, "", func(kind, _ string) bool { return kind == "rows" })
	s.Post(path+"/stop", nil)
	_, body := s.get(path)
	if !strings.Contains(body, "Ask everything again") || !strings.Contains(body, `data-status="unknown"`) || strings.Contains(body, `data-status="broken"`) {
		t.Errorf("it is not stopped:\n%.3000s", body)
	}
}

// TestShowMe shows a fault of the fake, and repairs it.
func TestShowMe(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Demo, o.Faults = demoOf(t), faultsOf() })
	if _, body := s.get("/show"); !strings.Contains(body, `value="missing-intermediate"`) || !strings.Contains(body, `value="auth-url-no-slash"`) {
		t.Error("the faults are not listed")
	}
	path := s.Post("/show", url.Values{"fault": {"auth-url-no-slash"}})
	if body := s.Done(path); !strings.Contains(body, "login.auth-url-slash") || !strings.Contains(body, "This is a fake HaloPSA") || !strings.Contains(body, "Repair the fake") {
		t.Errorf("the fault is not shown:\n%.3000s", body)
	}
	s.Post(path+"/mend", nil)
	if body := s.Done(path); !strings.Contains(body, "<h1>The connection meets the guide</h1>") {
		t.Errorf("the fake was not repaired:\n%.3000s", body)
	}
}

// TestSaved opens a report and a bundle again, and compares two.
func TestSaved(t *testing.T) {
	faults, _ := fakehalo.Named("agent-disabled")
	server := startFake(t)
	server.Set(faults...)
	s := newSite(t, nil)
	path := s.Post("/runs", formOf(server))
	s.Done(path)
	_, first := s.get(path + "/report/json")
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path+"/bundle", nil)
	_, packed, header := s.Send(req)
	if !strings.HasPrefix(header.Get("Content-Disposition"), "attachment; filename=halocheck-localhost-") {
		t.Errorf("the bundle is %v", header)
	}
	server.Clear()
	s.Post(path+"/again", nil)
	s.Done(path)
	_, second := s.get(path + "/report/json")
	if _, err := halocheck.Read([]byte(second)); err != nil {
		t.Error(err)
	}
	for name, data := range map[string]string{"report.json": first, "acme.zip": packed} {
		status, _, where := s.upload(map[string][]byte{name: []byte(data)})
		if status != http.StatusSeeOther {
			t.Fatalf("%s: %d", name, status)
		}
		if _, body := s.get(where); !strings.Contains(body, "agent.enabled") || strings.Contains(body, "Ask again") || strings.Contains(body, "Watch until") {
			t.Errorf("%s is not judged again, or could be asked:\n%.2000s", name, body)
		}
	}
	if status, body, _ := s.upload(map[string][]byte{"b.json": []byte(second), "a.json": []byte(first)}); status != http.StatusOK || !strings.Contains(body, "<h2>Fixed</h2>") || !strings.Contains(body, "Nothing got worse") {
		t.Errorf("%d: they are not compared:\n%s", status, body)
	}
	for name, data := range map[string]string{"x.json": "hello", "x.zip": "PK\x03\x04hello", "empty.json": ""} {
		if status, body, _ := s.upload(map[string][]byte{name: []byte(data)}); status != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%s: %d", name, status)
		}
	}
}
