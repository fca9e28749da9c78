package fakehalo_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

// token asks for one as a plain client would.
func token(t *testing.T, s *fakehalo.Server, scope string) (int, string) {
	t.Helper()
	c := s.Credentials
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}, "scope": {scope}}
	resp, err := s.Client().PostForm(strings.TrimSuffix(s.AuthURL, "/")+"/token?tenant="+c.Tenant, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestAHealthyInstanceGivesATokenAndKeepsNoSecret(t *testing.T) {
	s := fakehalo.Start()
	defer s.Close()
	status, body := token(t, s, "read:tickets")
	if status != http.StatusOK || !strings.Contains(body, `"scope":"read:tickets"`) {
		t.Fatalf("%d %s", status, body)
	}
	for _, r := range s.Requests() {
		for _, value := range r.Form {
			if strings.Contains(value, s.Credentials.ClientSecret) {
				t.Errorf("the journal holds the secret: %v", r)
			}
		}
	}
}

func TestEveryFaultStartsAlone(t *testing.T) {
	for _, f := range fakehalo.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			s, err := fakehalo.StartWith(fakehalo.Options{Faults: []fakehalo.Fault{f}})
			if err != nil {
				t.Fatal(err)
			}
			s.Close()
		})
	}
}
