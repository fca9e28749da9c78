//go:build unix

package store_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/store"
)

// raw opens a database without the store.
func raw(t *testing.T, kind, database string) (*sql.DB, goose.Dialect) {
	t.Helper()
	driver, dialect := "pgx", goose.DialectPostgres
	if kind == "SQLite" {
		driver, dialect = "sqlite", goose.DialectSQLite3
		database = (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: database}).EscapedPath()}).String()
	}
	db, err := sql.Open(driver, database)
	if err != nil {
		t.Fatal(err)
	}
	return db, dialect
}

// TestEveryEarlierSchema: a database of each earlier version is brought up to date as it is opened, and what was in it is there.
func TestEveryEarlierSchema(t *testing.T) {
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	if err := errors.Join(report.JSON(to, made(day, broken)), to.Close()); err != nil {
		t.Fatal(err)
	}
	hashed := func(word string) string { sum := sha256.Sum256([]byte(word)); return hex.EncodeToString(sum[:]) }
	later := day.AddDate(0, 0, 9).UnixMilli()
	rows := map[int64][][]any{ // what a version's own program wrote into its new tables
		1: {
			{`INSERT INTO customers (id, name, folded, url, latest_run, latest_at, latest_outcome) VALUES ('c', 'Acme', 'acme https://acme.halopsa.com', 'https://acme.halopsa.com', 'r', $1, 'not-conformant')`, day.UnixMilli()},
			{`INSERT INTO runs (id, customer, started, outcome, by_whom, report) VALUES ('r', 'c', $1, 'not-conformant', 'kim', $2)`, day.UnixMilli(), packed.Bytes()},
			{`INSERT INTO open_findings (customer, requirement, cause, actor) VALUES ('c', 'trust.chain', 'missing_intermediate', 'network-admin')`},
			{`INSERT INTO links (hash, run, customer, audience, expires, by_whom) VALUES ($1, '', 'c', 'customer', $2, 'kim')`, hashed("word"), later},
			{`INSERT INTO audit (at, who, what, whom) VALUES ($1, 'kim', 'checked', 'c')`, day.UnixMilli()},
		},
		2: {
			{`INSERT INTO sessions (hash, data, expires) VALUES ('cookie', $1, $2)`, []byte("data"), time.Now().Add(time.Hour).UnixMilli()},
			{`INSERT INTO logouts (who, at) VALUES ('ada', $1)`, day.UnixMilli()},
		},
		3:  {{`INSERT INTO tokens (id, hash, name, scopes, by_whom, made, expires) VALUES ('t', $1, 'button', 'runs:read runs:write', 'kim', $2, $3)`, hashed("hcd_word"), day.UnixMilli(), later}},
		11: {{`INSERT INTO vantage_agents (name, address, enrolment, enrol_before, token, version, made, seen, dropped) VALUES ('egress', '3.19.3.152', $1, $2, $3, '1.4.0', $2, 0, 2)`, hashed("hce_word"), later, hashed("hca_word")}},
		4:  {{`INSERT INTO askings (customer, settings, sealed) VALUES ('c', '{"url":"https://acme.halopsa.com"}', $1)`, []byte("sealed")}},
	}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		t.Run(kind, func(t *testing.T) {
			for i := 1; ; i++ {
				database := newDatabase(t, kind)
				db, dialect := raw(t, kind, database)
				steps, err := goose.NewProvider(dialect, db, os.DirFS("migrations"))
				if err != nil {
					t.Fatal(err)
				}
				versions := steps.ListSources()
				if i > len(versions) {
					_ = db.Close()
					break
				}
				for _, source := range versions[:i] {
					if _, err := steps.UpTo(t.Context(), source.Version); err != nil {
						t.Fatal(err)
					}
					for _, row := range rows[source.Version] {
						if _, err := db.ExecContext(t.Context(), row[0].(string), row[1:]...); err != nil {
							t.Fatal(row[0], err)
						}
					}
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				version := versions[i-1].Version
				t.Run(fmt.Sprint(version), func(t *testing.T) { isWhole(t, open(t, database), version) })
			}
		})
	}
}

// isWhole looks at everything that a program of a version wrote.
func isWhole(t *testing.T, s *store.Store, version int64) {
	c, err := s.Customer(t.Context(), "c")
	if err != nil || c.Name != "Acme" || c.LatestRun != "r" || !c.LatestAt.Equal(day) {
		t.Error(c, err)
	}
	if run, r, err := s.Report(t.Context(), "r"); err != nil || run.By != "kim" || len(r.Findings) != 1 {
		t.Error(run, err)
	}
	if found, err := s.Customers(t.Context(), store.Query{Cause: broken.Cause}); len(found) != 1 || err != nil {
		t.Error(found, err)
	}
	if l, err := s.Link(t.Context(), "word", day); err != nil || l.Customer != "c" {
		t.Error(l, err)
	}
	if deeds, err := s.Deeds(t.Context(), 9); len(deeds) != 1 || err != nil {
		t.Error(deeds, err)
	}
	if data, there, err := (store.Sessions{Store: s}).Find("cookie"); err != nil || there != (version >= 2) || there && string(data) != "data" {
		t.Error(data, there, err)
	}
	if at, err := s.LoggedOut(t.Context(), "ada"); err != nil || at.Equal(day) != (version >= 2) {
		t.Error(at, err)
	}
	if token, err := s.Token(t.Context(), "hcd_word", day); (err == nil) != (version >= 3) || err == nil && !slices.Equal(token.Scopes, []string{"runs:read", "runs:write"}) {
		t.Error(token, err)
	}
	if asking, err := s.Asking(t.Context(), "c"); (err == nil) != (version >= 4) || err == nil && string(asking.Sealed) != "sealed" {
		t.Error(asking, err)
	}
	if a, err := s.VantageAgent(t.Context(), "hca_word"); (err == nil) != (version >= 11) || err == nil && (a.Name != "egress" || a.Dropped != 2 || !a.Enrolled) {
		t.Error(a, err)
	}
	save(t, s, store.Run{ID: "next", Customer: "c"}, made(day.AddDate(0, 0, 1)))
}

// TestSessionsAndTokens on both databases: kept, replaced, expired, ended.
func TestSessionsAndTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		sessions := store.Sessions{Store: s}
		for _, data := range []string{"first", "second"} {
			if err := sessions.Commit("hash", []byte(data), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if got, there, err := sessions.Find("hash"); string(got) != data || !there || err != nil {
				t.Error(got, there, err)
			}
		}
		if err := sessions.Commit("old", []byte("x"), time.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := sessions.Delete("hash"); err != nil {
			t.Fatal(err)
		}
		for _, hash := range []string{"hash", "old", "none"} {
			if got, there, err := sessions.Find(hash); there || err != nil {
				t.Error(hash, got, err)
			}
		}
		for _, at := range []time.Time{day, day.Add(time.Hour)} {
			if err := s.LogOut(t.Context(), "ada", at); err != nil {
				t.Fatal(err)
			}
			if got, err := s.LoggedOut(t.Context(), "ada"); !got.Equal(at) || err != nil {
				t.Error(got, err)
			}
		}
		word, err := s.AddToken(t.Context(), store.Token{Name: "button", Scopes: []string{"runs:read"}, By: "kim", Made: day, Expires: day.AddDate(0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Tokens(t.Context())
		if err != nil || len(list) != 1 || list[0].Name != "button" {
			t.Fatal(list, err)
		}
		if token, err := s.Token(t.Context(), word, day); err != nil || token.ID != list[0].ID {
			t.Error(token, err)
		}
		if _, err := s.Token(t.Context(), word, day.AddDate(0, 0, 1)); !errors.Is(err, store.ErrNotFound) {
			t.Error("expired:", err)
		}
		for _, want := range []error{nil, store.ErrNotFound} {
			if err := s.RevokeToken(t.Context(), list[0].ID); !errors.Is(err, want) {
				t.Error("revoked:", err)
			}
		}
		if _, err := s.Token(t.Context(), word, day); !errors.Is(err, store.ErrNotFound) {
			t.Error("revoked:", err)
		}
		acme := customer(t, s, "Acme", "https://acme.halopsa.com")
		for _, c := range []struct{ put, want string }{{"", ""}, {"one", "one"}, {"", "one"}, {"two", "two"}} { // what is sealed stays until another is
			if err := s.PutAsking(t.Context(), acme, store.Asking{Settings: map[string]string{"url": c.put}, Sealed: []byte(c.put)}); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Asking(t.Context(), acme); err != nil || string(got.Sealed) != c.want || got.Settings["url"] != c.want {
				t.Errorf("%+v, %v, want %s", got, err, c.want)
			}
		}
		if err := s.ForgetSecrets(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Asking(t.Context(), acme); err != nil || len(got.Sealed) > 0 {
			t.Error(got, err)
		}
	})
}
