//go:build unix

package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/probes"
)

var day = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// made is a report of a day: conformant, or with a requirement that fails.
func made(started time.Time, failed ...probes.Finding) *report.Report {
	r := &report.Report{Schema: report.Schema, Tool: report.Tool{Version: "test"}, Target: report.Target{URL: "https://acme.halopsa.com"}, Started: started, Findings: failed}
	r.Sum()
	if len(failed) == 0 {
		r.Outcome = probes.Conformant
	}
	return r
}

func failing(id string, cause probes.Cause, who probes.Actor) probes.Finding {
	area, _, _ := strings.Cut(id, ".")
	return probes.Finding{ID: id, Area: area, Says: "It holds.", Level: probes.Must, Status: probes.Failed, Cause: cause, Because: "it does not", Remedy: &probes.Remedy{Who: who, Do: "Do it."}}
}

var broken = failing("trust.chain", probes.MissingIntermediate, probes.NetworkAdmin)

func customer(t *testing.T, s *store.Store, name, url string) string {
	t.Helper()
	id, err := s.PutCustomer(t.Context(), store.Customer{Name: name, URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func save(t *testing.T, s *store.Store, run store.Run, r *report.Report) {
	t.Helper()
	if err := s.Save(t.Context(), run, r); err != nil {
		t.Fatal(err)
	}
}

func TestARunIsReadBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		acme := customer(t, s, "Acme", "https://acme.halopsa.com")
		save(t, s, store.Run{ID: "first", Customer: acme, By: "kim"}, made(day, broken))
		save(t, s, store.Run{ID: "second", Customer: acme, By: "kim"}, made(day.Add(time.Hour)))
		save(t, s, store.Run{ID: "late", Customer: acme, By: "kim"}, made(day.Add(-time.Hour), broken)) // it ended after the others
		save(t, s, store.Run{ID: "first", Customer: acme, By: "sam"}, made(day))                        // a second time

		run, r, err := s.Report(t.Context(), "first")
		if err != nil || run.By != "kim" || run.Outcome != probes.NotConformant || !run.Started.Equal(day) || len(r.Findings) != 1 || r.Findings[0].Cause != probes.MissingIntermediate {
			t.Errorf("%+v, %+v, %v", run, r, err)
		}
		history, err := s.History(t.Context(), acme, 2)
		if err != nil || len(history) != 2 || history[0].ID != "second" || history[1].ID != "first" {
			t.Errorf("%+v, %v", history, err)
		}
		c, err := s.Customer(t.Context(), acme)
		if err != nil || c.LatestRun != "second" || c.LatestOutcome != probes.Conformant || !c.LatestAt.Equal(day.Add(time.Hour)) {
			t.Errorf("%+v, %v", c, err)
		}
		if err := s.DeleteCustomer(t.Context(), acme); err != nil {
			t.Error(err)
		}
		if _, _, err := s.Report(t.Context(), "first"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a run of a customer that is gone: %v", err)
		}
		if err := s.DeleteCustomer(t.Context(), acme); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a customer that is gone: %v", err)
		}
	})
}

func TestCustomersAreFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		acme, beta, gamma := customer(t, s, "Acme", "https://acme.halopsa.com"), customer(t, s, "Beta_100%", "https://psa.beta.example"), customer(t, s, "Gamma", "https://gamma.halopsa.com")
		save(t, s, store.Run{ID: "a", Customer: acme}, made(day, broken))
		save(t, s, store.Run{ID: "b1", Customer: beta}, made(day, broken))
		save(t, s, store.Run{ID: "b2", Customer: beta}, made(day.Add(time.Hour), failing("login.token", probes.SecretMalformed, probes.HaloAdmin)))
		save(t, s, store.Run{ID: "g", Customer: gamma}, made(day))
		for name, c := range map[string]struct {
			query store.Query
			want  []string
		}{
			"all, by name":           {store.Query{}, []string{"Acme", "Beta_100%", "Gamma"}},
			"a part of a name":       {store.Query{Text: "ACM"}, []string{"Acme"}},
			"a part of a URL":        {store.Query{Text: "halopsa.com"}, []string{"Acme", "Gamma"}},
			"a sign of LIKE":         {store.Query{Text: "0%"}, []string{"Beta_100%"}},
			"another sign of LIKE":   {store.Query{Text: "a_"}, []string{"Beta_100%"}},
			"an outcome":             {store.Query{Outcome: probes.Conformant}, []string{"Gamma"}},
			"a cause, of the latest": {store.Query{Cause: probes.MissingIntermediate}, []string{"Acme"}},
			"who has to act":         {store.Query{Actor: probes.HaloAdmin}, []string{"Beta_100%"}},
			"two conditions":         {store.Query{Text: "halopsa", Outcome: probes.NotConformant}, []string{"Acme"}},
			"the first page":         {store.Query{Limit: 2}, []string{"Acme", "Beta_100%"}},
			"the next page":          {store.Query{Limit: 2, After: beta}, []string{"Gamma"}},
			"none":                   {store.Query{Text: "' OR 1=1 --"}, nil},
		} {
			list, err := s.Customers(t.Context(), c.query)
			var names []string
			for _, c := range list {
				names = append(names, c.Name)
			}
			if err != nil || !slices.Equal(names, c.want) {
				t.Errorf("%s: %q, %v; want %q", name, names, err, c.want)
			}
		}
	})
}

func TestLinks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		acme := customer(t, s, "Acme", "https://acme.halopsa.com")
		link := store.Link{Customer: acme, Run: "first", Audience: "customer", Expires: day.Add(time.Hour), By: "kim"}
		word, err := s.AddLink(t.Context(), link)
		if err != nil || len(word) < 26 {
			t.Fatalf("%q, %v", word, err)
		}
		if got, err := s.Link(t.Context(), word, day); err != nil || got != link {
			t.Errorf("%+v, %v", got, err)
		}
		for name, at := range map[string]time.Time{"expired": day.Add(time.Hour)} {
			if _, err := s.Link(t.Context(), word, at); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.Link(t.Context(), strings.ToLower(word), day); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another word: %v", err)
		}
		var copied bytes.Buffer
		if err := s.Backup(t.Context(), &copied); err != nil || strings.Contains(unpacked(t, copied.Bytes()), word) {
			t.Errorf("a copy of the database holds the word of a link, %v", err)
		}
		other, err := s.AddLink(t.Context(), link)
		if err != nil {
			t.Fatal(err)
		}
		listed, err := s.Links(t.Context(), acme, day)
		if err != nil || len(listed) != 2 || listed[0].ID == "" || strings.Contains(fmt.Sprint(listed), word) {
			t.Fatalf("%+v, %v", listed, err)
		}
		if late, err := s.Links(t.Context(), acme, day.Add(time.Hour)); err != nil || len(late) != 0 {
			t.Errorf("expired: %+v, %v", late, err)
		}
		if err := s.RevokeLink(t.Context(), "another customer", listed[0].ID); !errors.Is(err, store.ErrNotFound) {
			t.Error("another customer's link:", err)
		}
		if err := s.RevokeLink(t.Context(), acme, listed[0].ID); err != nil {
			t.Error(err)
		}
		works := 0
		for _, w := range []string{word, other} {
			if _, err := s.Link(t.Context(), w, day); err == nil {
				works++
			}
		}
		if works != 1 {
			t.Error("links that work after one of two was revoked:", works)
		}
		if err := s.RevokeLinks(t.Context(), acme); err != nil {
			t.Error(err)
		}
		if _, err := s.Link(t.Context(), word, day); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("revoked: %v", err)
		}
	})
}

func TestPruneKeepsFailuresLongerAndTheLatestRunAlways(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		acme := customer(t, s, "Acme", "https://acme.halopsa.com")
		for age := range 5 {
			at := day.AddDate(0, 0, -10*age)
			save(t, s, store.Run{ID: fmt.Sprint("passed", age), Customer: acme}, made(at))
			save(t, s, store.Run{ID: fmt.Sprint("failed", age), Customer: acme}, made(at.Add(-time.Minute), broken))
		}
		keep := store.Retention{Conformant: 15 * 24 * time.Hour, Others: 35 * 24 * time.Hour}
		removed, err := s.Prune(t.Context(), keep, day)
		history, _ := s.History(t.Context(), acme, 100)
		var ids []string
		for _, run := range history {
			ids = append(ids, run.ID)
		}
		if want := []string{"passed0", "failed0", "passed1", "failed1", "failed2", "failed3"}; err != nil || removed != 4 || !slices.Equal(ids, want) {
			t.Errorf("%d removed, %q, %v; want %q", removed, ids, err, want)
		}
		if _, err := s.Prune(t.Context(), keep, day.AddDate(1, 0, 0)); err != nil {
			t.Error(err)
		}
		if history, _ := s.History(t.Context(), acme, 100); len(history) != 1 || history[0].ID != "passed0" {
			t.Errorf("after a year: %+v", history)
		}
	})
}

// TestABackupIsRestored into each kind of database from each kind.
func TestABackupIsRestored(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		acme := customer(t, s, "Acme \u00e9", "https://acme.halopsa.com")
		save(t, s, store.Run{ID: "first", Customer: acme, By: "kim"}, made(day, broken))
		word, err := s.AddLink(t.Context(), store.Link{Customer: acme, Audience: "engineer", Expires: day.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Audit(t.Context(), store.AuditEntry{At: day, Who: "kim", What: "checked", Whom: acme}); err != nil {
			t.Fatal(err)
		}
		var copied bytes.Buffer
		if err := s.Backup(t.Context(), &copied); err != nil {
			t.Fatal(err)
		}
		if err := s.Restore(t.Context(), bytes.NewReader(copied.Bytes())); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("into a database that is not empty: %v", err)
		}
		for _, kind := range []string{"SQLite", "PostgreSQL"} {
			other := open(t, newDatabase(t, kind))
			for _, bad := range []string{"", "text", string(copied.Bytes()[:copied.Len()/2])} {
				if err := other.Restore(t.Context(), strings.NewReader(bad)); err == nil {
					t.Errorf("%s: %q passes for a backup", kind, bad)
				}
			}
			if list, err := other.Customers(t.Context(), store.Query{}); len(list) != 0 || err != nil {
				t.Errorf("%s: half a backup left %+v, %v", kind, list, err)
			}
			if err := other.Restore(t.Context(), bytes.NewReader(copied.Bytes())); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			var again bytes.Buffer
			if err := other.Backup(t.Context(), &again); err != nil || unpacked(t, again.Bytes()) != unpacked(t, copied.Bytes()) {
				t.Errorf("%s: what was restored is not what was there, %v", kind, err)
			}
			if _, r, err := other.Report(t.Context(), "first"); err != nil || len(r.Findings) != 1 {
				t.Errorf("%s: %v", kind, err)
			}
			if _, err := other.Link(t.Context(), word, day); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			if list, err := other.Customers(t.Context(), store.Query{Cause: probes.MissingIntermediate}); len(list) != 1 || err != nil {
				t.Errorf("%s: %+v, %v", kind, list, err)
			}
		}
	})
}

func TestADatabaseThatCannotBeOpened(t *testing.T) {
	damaged := t.TempDir() + "/damaged.db"
	if err := os.WriteFile(damaged, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, database := range map[string]string{
		"no folder": t.TempDir() + "/missing/runs.db", "a folder": t.TempDir(), "damaged": damaged, "no server": "postgres://test@127.0.0.1:1/none?connect_timeout=1",
	} {
		if s, err := store.Open(t.Context(), database); err == nil {
			t.Errorf("%s opens", name)
			_ = s.Close()
		}
	}
	file := t.TempDir() + "/runs.db"
	open(t, file)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
	open(t, file) // again: the schema is there
}
