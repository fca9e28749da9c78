package team_test

import (
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/page/pagetest"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
)

func newSeal(t *testing.T) *team.Seal {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	seal, err := team.NewSeal("# created: today\n" + key.String() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return seal
}

// TestSealedSecrets: a secret is kept where that is ticked, sealed; after a restart the customer is checked with it, by an engineer and
// through the customer's link; with another key, under another customer, or forgotten, it is not there.
func TestSealedSecrets(t *testing.T) {
	fake := fakehalo.Start()
	defer fake.Close()
	seal, targets := newSeal(t), team.Targets{Private: true, Ports: []uint16{portOf(fake)}}
	var kept *store.Store
	s := newSiteWith(t, targets, func(_ string, o *team.Options) { o.Seal, kept = seal, o.Store })
	if body := s.Get("/"); !strings.Contains(body, `name="keep"`) {
		t.Error("the form does not offer it:", body)
	}
	s.Done(s.Post("/runs", pagetest.FormOf(fake)))
	customer := customerPath.FindString(s.Get("/customers"))
	if body := s.Get(customer); strings.Contains(body, "is kept, sealed") {
		t.Error("it is kept although nobody wanted that")
	}
	form := pagetest.FormOf(fake)
	form.Set("keep", "yes")
	s.Done(s.Post("/runs", form))
	if body := s.Get(customer); !strings.Contains(body, "is kept, sealed") {
		t.Error("it is not kept:", body)
	}
	if text := databaseText(t, s.database); strings.Contains(text, fake.Credentials.ClientSecret) || !strings.Contains(text, "age-encryption.org") {
		t.Error("it is in the database in clear, or not at all")
	}
	restart := func(seal *team.Seal) *site {
		return newSiteWith(t, targets, func(_ string, o *team.Options) { o.Seal, o.Store = seal, reopened(t, s.database) })
	}
	id := strings.TrimPrefix(customer, "/c/")
	same := restart(seal)
	requests := len(fake.Requests())
	at := same.Post(customer+"/check", nil)
	if body := same.Done(at); !strings.HasPrefix(at, "/r/") || !strings.Contains(body, "login.token") || strings.Contains(body, "no_credentials") {
		t.Error("it is not asked with the secret:", at, body)
	}
	if len(fake.Requests()) == requests {
		t.Error("nothing was asked")
	}
	other, err := kept.PutCustomer(t.Context(), store.Customer{Name: "Other", URL: "https://other.example"})
	if err != nil {
		t.Fatal(err)
	}
	asking, err := kept.Asking(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	// Who can write to the database alone cannot have the secret sent elsewhere.
	asking.Settings["url"] = "https://other.example"
	for _, customer := range []string{other, id} {
		if err := kept.PutAsking(t.Context(), customer, asking); err != nil {
			t.Fatal(err)
		}
	}
	if at := same.Post("/c/"+other+"/check", nil); !strings.HasPrefix(at, "/?draft=") {
		t.Error("another customer's is used:", at)
	}
	if body := same.Done(same.Post(customer+"/check", nil)); !strings.Contains(body, fake.URL) || strings.Contains(body, "other.example") {
		t.Error("it is sent elsewhere:", body)
	}
	for name, s := range map[string]*site{"another key": restart(newSeal(t)), "no key": restart(nil)} {
		if at := s.Post(customer+"/check", nil); !strings.HasPrefix(at, "/?draft=") || !strings.Contains(s.Get(at), "Type the Client Secret") {
			t.Errorf("%s leads to %s", name, at)
		}
	}
	same.Post(customer+"/forget", nil)
	again := restart(seal)
	if at := again.Post(customer+"/check", nil); !strings.HasPrefix(at, "/?draft=") {
		t.Error("forgotten, it leads to", at)
	}
	for _, wrong := range []string{"", "AGE-SECRET-KEY-1", "text"} {
		if _, err := team.NewSeal(wrong); err == nil {
			t.Errorf("%q is a key", wrong)
		}
	}
}
