//go:build unix

package store_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/store"
)

// TestVantageAgents on both databases: declared, enrolled once, asked, answered, copied, revoked.
func TestVantageAgents(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, listed, other := t.Context(), netip.MustParseAddr("3.19.3.152"), netip.MustParseAddr("3.19.4.238")
		words := map[string]string{}
		for name, at := range map[string]netip.Addr{"one": listed, "two": other} {
			word, err := s.AddVantageAgent(ctx, store.VantageAgent{Name: name, Address: at, Made: day, EnrolBefore: day.Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			words[name] = word
		}
		if _, err := s.AddVantageAgent(ctx, store.VantageAgent{Name: "one", Address: other, Made: day, EnrolBefore: day.Add(time.Hour)}); !errors.Is(err, store.ErrTaken) {
			t.Error("the same name:", err)
		}
		for _, c := range []struct {
			word, token string
			from        netip.Addr
			at          time.Time
			want        error
		}{
			{words["one"], "hca_1", listed, day.Add(time.Hour), store.ErrNotFound},
			{words["one"], "hca_1", other, day, store.ErrOtherAddress},
			{"hce_guess", "hca_1", listed, day, store.ErrNotFound},
			{words["one"], "hca_1", listed, day, nil},
			{words["one"], "hca_1", listed, day.Add(2 * time.Hour), nil}, // the first answer was lost
			{words["one"], "hca_2", listed, day, store.ErrNotFound},
			{words["two"], "hca_2", other, day, nil},
		} {
			if a, err := s.EnrolVantageAgent(ctx, c.word, c.token, c.from, c.at); !errors.Is(err, c.want) || err == nil && a.Address != c.from {
				t.Errorf("%+v: %+v %v", c, a, err)
			}
		}
		for _, word := range []string{"", words["one"]} {
			if a, err := s.VantageAgent(ctx, word); !errors.Is(err, store.ErrNotFound) {
				t.Error(a, err)
			}
		}
		look := store.Look{Agent: "one", Verb: "authinfo", Host: "acme.example", Port: "443", Expires: day.Add(time.Minute)}
		id, err := s.AddLook(ctx, look)
		if err != nil {
			t.Fatal(err)
		}
		look.ID = id
		if err := s.PutEvidence(ctx, look, day, []byte("{}")); !errors.Is(err, store.ErrNotFound) {
			t.Error("it was not given:", err)
		}
		for _, c := range []struct {
			agent string
			later time.Duration
			want  int
		}{{"two", 0, 0}, {"one", 0, 1}, {"one", time.Second, 0}, {"one", 4 * time.Second, 1}, {"one", time.Minute, 0}} {
			at := day.Add(c.later)
			if got, err := s.GiveLooks(ctx, c.agent, at, at.Add(-3*time.Second), 16); err != nil || len(got) != c.want || c.want > 0 && got[0] != look {
				t.Errorf("%+v: %+v %v", c, got, err)
			}
		}
		if err := s.PutEvidence(ctx, look, day, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if kept, err := s.Evidence(ctx, id); err != nil || string(kept) != "{}" {
			t.Error(string(kept), err)
		}
		if err := errors.Join(s.CountDropped(ctx, "one"), s.SeeVantageAgent(ctx, "one", "1.4.0", day)); err != nil {
			t.Fatal(err)
		}
		var copied bytes.Buffer
		if err := s.Backup(ctx, &copied); err != nil {
			t.Fatal(err)
		}
		restored := open(t, newDatabase(t, "SQLite"))
		if err := restored.Restore(ctx, &copied); err != nil {
			t.Fatal(err)
		}
		if a, err := restored.VantageAgent(ctx, "hca_1"); err != nil || a.Dropped != 1 || a.Version != "1.4.0" || !a.Seen.Equal(day) {
			t.Errorf("%+v %v", a, err)
		}
		if err := s.RevokeVantageAgent(ctx, "one"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.VantageAgent(ctx, "hca_1"); !errors.Is(err, store.ErrNotFound) {
			t.Error("revoked:", err)
		}
		if _, err := s.Evidence(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Error("its looks are gone:", err)
		}
		if all, err := s.VantageAgents(ctx); err != nil || len(all) != 1 || all[0].Name != "two" {
			t.Error(all, err)
		}
	})
}
