package team_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
	"github.com/halocheck/halocheck/internal/vantage"
	vantages "github.com/halocheck/halocheck/internal/vantage/server"
)

// TestLooks: a program has an agent look at a port that the server allows, within bounds, and it is kept who did.
func TestLooks(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	s := newSiteWith(t, team.Targets{Ports: []uint16{8443}}, func(_ string, o *team.Options) {
		o.Look = func(_ context.Context, asked vantage.Asked) (seen vantage.Seen, err error) {
			switch asked.Agent {
			case "nobody":
				return seen, fmt.Errorf("store: %w", store.ErrNotFound)
			case "away":
				return seen, &vantages.NothingSeenError{Err: errors.New("the agent away is not there")}
			case "broken":
				return seen, errors.New("the disk is full")
			case "slow":
				began <- struct{}{}
				<-end
			}
			seen.Address, seen.Evidence = "3.19.3.152", vantage.Evidence{ID: "x", Verb: asked.Verb(), Host: asked.Host, Port: asked.Port, Cause: "timeout"}
			return seen, nil
		}
	})
	p := newProgram(t, s, "agents:look")
	body := func(agent, port string) string {
		return fmt.Sprintf(`{"agent":%q,"host":"acme.example","port":%q,"authinfo":true}`, agent, port)
	}
	for sent, want := range map[string]string{
		"{}":                      "422 the host or the port is none",
		`{"agent":"x","url":"x"}`: "400 the body is no JSON",
		`{"agent":"egress-1","host":"https://acme.example","port":"443"}`: "422 the host or the port is none",
		body("egress-1", "443"):  `200 {"address":"3.19.3.152","evidence":{"id":"x","verb":"authinfo","host":"acme.example","port":"443","cause":"timeout"}}`,
		body("egress-1", "8443"): `200 {"address"`,
		body("egress-1", "22"):   "422 this server does not allow the port 22",
		body("nobody", "443"):    "404 there is no agent nobody at this server",
		body("away", "443"):      "502 the agent away is not there",
		body("broken", "443"):    "500 the database did not answer",
	} {
		status, text, _ := p.call(http.MethodPost, vantage.LooksPath, sent)
		text = strings.TrimPrefix(text, `{"error":"`)
		if got := fmt.Sprint(status, " ", text); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", sent, got, want)
		}
	}
	if audit := s.Get("/audit"); strings.Count(audit, "had the agent egress-1 look at acme.example:") != 2 || !strings.Contains(audit, "token button") {
		t.Error("who did what:", audit)
	}
	answers := make(chan int)
	for range 16 {
		go func() {
			status, _, _ := p.call(http.MethodPost, vantage.LooksPath, body("slow", "443"))
			answers <- status
		}()
		<-began
	}
	if status, text, header := p.call(http.MethodPost, vantage.LooksPath, body("egress-1", "443")); status != http.StatusTooManyRequests || header.Get("Retry-After") == "" {
		t.Error("one too many:", status, text)
	}
	close(end)
	for range 16 {
		if status := <-answers; status != http.StatusOK {
			t.Error(status)
		}
	}
}
