package team_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/team"
)

var hiddenField = regexp.MustCompile(`name="(step|run)" value="(\w+)"`)

// customersLink makes a link for the customer of the only check that is kept.
func (s *site) customersLink() string {
	s.T.Helper()
	_, body, _ := s.Do(http.MethodPost, customerPath.FindString(s.Get("/customers"))+"/links", url.Values{"audience": {"customer"}})
	return linkAddress.FindString(body)
}

// press presses the first step's button, and waits until it was checked.
func (s *site) press(link string) string {
	s.T.Helper()
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(s.Get(link), 2) {
		form.Set(m[1], m[2])
	}
	if at := s.Post(link+"/again", form); at != link+"#step-1" {
		s.T.Error("it leads to", at)
	}
	for range 600 {
		if body := s.Get(link); !strings.Contains(body, "It is being checked") {
			return body
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.T.Fatal("the step is being checked after a minute")
	return ""
}

// TestCustomersSteps: whoever has the link checks a step, which turns green when it is done; then everything is, and is kept. Nothing
// of the team, of other customers or of the secret is shown, and nobody can ask without end.
func TestCustomersSteps(t *testing.T) {
	wrong, err := fakehalo.Named("old-version")
	if err != nil {
		t.Fatal(err)
	}
	fake := fakehalo.Start()
	defer fake.Close()
	fake.Set(wrong...)
	s := newSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	s.check(fake)
	link := s.customersLink()
	if body := s.Get(link); !strings.Contains(body, "0 of 1 step is done") || !strings.Contains(body, "Check again") || strings.Contains(body, "/customers") || strings.Contains(body, "product.version") {
		t.Error("the customer sees:", body)
	}
	if body := s.press(link); !strings.Contains(body, "0 of 1") || strings.Contains(body, "This is done") || !strings.Contains(body, "It is not done yet") {
		t.Error("not done yet:", body)
	}
	fake.Clear()
	body := s.press(link)
	for range 600 { // all of it is checked now, and the letter is another one
		if strings.Contains(body, "We found nothing wrong so far") {
			break
		}
		if !strings.Contains(body, "This is done.") {
			t.Fatal("done:", body)
		}
		time.Sleep(100 * time.Millisecond)
		body = s.Get(link)
	}
	if strings.Contains(body, "Check again") || !strings.Contains(body, "We found nothing wrong so far") {
		t.Error("everything is done:", body)
	}
	if body := s.Get(customerPath.FindString(s.Get("/customers"))); !strings.Contains(body, "customer&#39;s link") || len(runPath.FindAllString(body, -1)) != 2 {
		t.Error("the team sees:", body)
	}
	text := databaseText(t, s.database)
	if strings.Contains(text, fake.Credentials.ClientSecret) || strings.Contains(s.Said(), fake.Credentials.ClientSecret) {
		t.Error("the secret is kept, or was said")
	}
}

// TestCustomersStepsAreBounded: without the secret what anybody can see is checked, and no link asks without end.
func TestCustomersStepsAreBounded(t *testing.T) {
	wrong, err := fakehalo.Named("clients-names-only")
	if err != nil {
		t.Fatal(err)
	}
	fake := fakehalo.Start(wrong...)
	defer fake.Close()
	targets := team.Targets{Private: true, Ports: []uint16{portOf(fake)}}
	s := newSite(t, targets)
	s.check(fake)
	link, engineers := s.customersLink(), ""
	_, body, _ := s.Do(http.MethodPost, customerPath.FindString(s.Get("/customers"))+"/links", url.Values{"audience": {"engineer"}})
	engineers = linkAddress.FindString(body)
	for path, want := range map[string]int{engineers: http.StatusNotFound, "/l/none": http.StatusNotFound} {
		if status, body, _ := s.Do(http.MethodPost, path+"/again", url.Values{"step": {"1"}}); status != want || strings.Contains(body, "/customers") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for name, form := range map[string]url.Values{"another letter": {"step": {"1"}, "run": {"x"}}, "no step": {"step": {"99"}}, "no number": {"step": {"../c"}}} {
		if at := s.Post(link+"/again", form); at != link {
			t.Error(name, "leads to", at)
		}
	}
	s = newSiteWith(t, targets, func(_ string, o *team.Options) { o.Store = reopened(t, s.database) }) // which remembers no secret
	if body := s.press(link); !strings.Contains(body, "only be seen with the integration&#39;s log-in") {
		t.Error("without the secret:", body)
	}
	refused := 0
	for range 8 {
		form := url.Values{}
		for _, m := range hiddenField.FindAllStringSubmatch(s.Get(link), 2) {
			form.Set(m[1], m[2])
		}
		if form.Get("step") == "" { // it is being checked
			time.Sleep(200 * time.Millisecond)
			continue
		}
		if status, body, header := s.Do(http.MethodPost, link+"/again", form); status == http.StatusTooManyRequests && header.Get("Retry-After") != "" && strings.Contains(body, "a moment ago") {
			refused++
		}
		for strings.Contains(s.Get(link), "It is being checked") {
			time.Sleep(50 * time.Millisecond)
		}
	}
	if refused == 0 {
		t.Error("it is asked without end")
	}
}
