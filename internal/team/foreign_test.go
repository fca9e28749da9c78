package team_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/page/pagetest"
	"github.com/halocheck/halocheck/internal/team"
)

// TestForeignText: what an instance answers, who logs in is called, and what people type is text on every page of the team, and on the
// customer's.
func TestForeignText(t *testing.T) {
	fake := fakehalo.New(t)
	body := `{"error":"invalid_client","error_description":"` + strings.ReplaceAll(pagetest.Foreign, `"`, `\"`) + `"}`
	if err := fake.Inject(fakehalo.Injection{Operation: "POST /auth/token", Status: http.StatusBadRequest, Body: body}); err != nil {
		t.Fatal(err)
	}
	s, p := newLoginSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	who := member("ada", "it")
	who["email"] = pagetest.Foreign
	ada, _, _ := s.as(p, who)
	form := pagetest.FormOf(fake)
	form["guide"] = []string{"mspcentric", "hudu"}
	run := ada.Post("/runs", form)
	pagetest.CheckMarkup(t, "the check", ada.Done(run))
	customer := customerPath.FindString(ada.Get("/customers"))
	ada.Post(customer+"/name", url.Values{"name": {pagetest.Foreign}})
	ada.Done(ada.Post("/runs", form)) // so that there are two
	ada.Do(http.MethodPost, "/tokens", url.Values{"name": {pagetest.Foreign}, "days": {"7"}, "scope": allScopes})
	_, shown, _ := ada.Do(http.MethodPost, customer+"/links", url.Values{"audience": {"customer"}})
	letter := linkAddress.FindString(shown)
	_, shown, _ = ada.Do(http.MethodPost, customer+"/links", url.Values{"audience": {"engineer"}})
	typed := url.QueryEscape(pagetest.Foreign)
	told := 0
	for _, path := range []string{
		"/", "/saved", "/customers", "/customers?q=" + typed, "/customers?cause=" + typed + "&outcome=" + typed + "&actor=" + typed + "&after=" + typed, customer, customer + "/changes", "/audit", "/tokens", "/account",
		run, run + "/hand-over", run + "/letter", letter, linkAddress.FindString(shown), "/c/" + typed, "/l/" + typed, "/r/" + typed, "/login/callback?error=" + typed + "&state=" + typed,
	} {
		_, page, _ := ada.Do(http.MethodGet, path, nil)
		pagetest.CheckMarkup(t, path, page)
		if strings.Contains(page, "&lt;x-foreign") {
			told++
		}
	}
	if told < 8 {
		t.Errorf("%d pages show it at all", told)
	}
	pressed := ada.press(letter)
	pagetest.CheckMarkup(t, "a step", pressed)
	if !strings.Contains(pressed, "Hudu: ") || !strings.Contains(pressed, "MSPCentric: ") {
		t.Error("the customer's page does not tell of each guide:", pressed)
	}
}

// TestNames: a name that everybody sees has an end, and is no secret that was typed into the wrong field.
func TestNames(t *testing.T) {
	fake := fakehalo.New(t)
	s := newSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	s.Done(s.Post("/runs", url.Values{"url": {fake.URL}, "only": {"network.*"}}))
	customer := customerPath.FindString(s.Get("/customers"))
	for name, want := range map[string]int{fake.Credentials.ClientSecret: http.StatusUnprocessableEntity, strings.Repeat("x", 201): http.StatusUnprocessableEntity, strings.Repeat("x", 200): http.StatusSeeOther} {
		if status, _, _ := s.Do(http.MethodPost, customer+"/name", url.Values{"name": {name}}); status != want {
			t.Errorf("a customer is called %q: %d", name, status)
		}
		if status, _, _ := s.Do(http.MethodPost, "/tokens", url.Values{"name": {name}, "days": {"7"}, "scope": allScopes}); (status == http.StatusUnprocessableEntity) != (want == http.StatusUnprocessableEntity) {
			t.Errorf("a token is called %q: %d", name, status)
		}
	}
	if strings.Contains(databaseText(t, s.database), fake.Credentials.ClientSecret) || strings.Contains(s.Said(), fake.Credentials.ClientSecret) {
		t.Error("the secret is kept, or was said")
	}
}

// TestLinksLeaveStreamsToOthers: whoever has a customer's link opens so many pages that follow it, and no more.
func TestLinksLeaveStreamsToOthers(t *testing.T) {
	fake := fakehalo.New(t, fakehalo.FaultOldVersion)
	s := newSite(t, team.Targets{Private: true, Ports: []uint16{portOf(fake)}})
	run := s.Post("/runs", pagetest.FormOf(fake))
	s.Done(run)
	link := s.customersLink()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	open := func(path string) (int, io.Closer) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode == http.StatusOK {
			_, _ = bufio.NewReader(resp.Body).ReadString('\n') // it is followed
		}
		return resp.StatusCode, resp.Body
	}
	var opened []io.Closer
	for range 40 {
		status, body := open(link + "/events")
		if status != http.StatusOK {
			_ = body.Close()
			break
		}
		opened = append(opened, body)
	}
	if n := len(opened); n < 4 || n >= 40 {
		t.Errorf("a link opens %d streams", n)
	}
	if status, body := open(run + "/events"); status != http.StatusOK {
		t.Errorf("the team's own page is refused: %d", status)
	} else {
		_ = body.Close()
	}
	for _, body := range opened {
		_ = body.Close()
	}
	for range 100 { // they are over
		status, body := open(link + "/events")
		_ = body.Close()
		if status == http.StatusOK {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("a link's streams are counted though they are over")
}
