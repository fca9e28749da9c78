//go:build unix

package store_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/probes"
)

// fill makes customers with runs, as [store.Store.Save] would one by one: every third customer's latest run fails.
func fill(t *testing.T, kind, database string, customers, runs int) {
	t.Helper()
	series, blob := "generate_series(1, %d) AS n(i)", "decode($1, 'hex')"
	if kind == "SQLite" {
		series, blob = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS n", "unhex($1)"
	}
	db, _ := raw(t, kind, database)
	defer db.Close()
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	if err := errors.Join(report.JSON(to, made(day, broken)), to.Close()); err != nil {
		t.Fatal(err)
	}
	of := func(n int) string { return fmt.Sprintf(series, n) }
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"INSERT INTO customers (id, name, folded, url, latest_run, latest_at, latest_outcome) SELECT 'c' || i, 'Customer ' || i, 'customer ' || i || ' https://c' || i || '.halopsa.com', " +
			"'https://c' || i || '.halopsa.com', 'r' || i || '-" + fmt.Sprint(runs) + "', 1700000000000, CASE WHEN i % 3 = 0 THEN 'not-conformant' ELSE 'conformant' END FROM " + of(customers), nil},
		{"INSERT INTO open_findings (customer, requirement, cause, actor) SELECT 'c' || i, 'trust.chain', 'missing_intermediate', 'network-admin' FROM " + of(customers) + " WHERE i % 3 = 0", nil},
		{"INSERT INTO runs (id, customer, started, outcome, by_whom, report) SELECT 'r' || a.i || '-' || b.i, 'c' || a.i, 1700000000000 + CAST(b.i AS BIGINT) * 86400000, " +
			"CASE WHEN b.i % 3 = 0 THEN 'not-conformant' ELSE 'conformant' END, 'kim', " + blob + " FROM (SELECT i FROM " + of(runs) + ") AS b CROSS JOIN (SELECT i FROM " + of(customers) + ") AS a",
			[]any{fmt.Sprintf("%x", packed.Bytes())}},
		{"ANALYZE", nil},
	} {
		if _, err := db.ExecContext(t.Context(), step.statement, step.args...); err != nil {
			t.Fatal(step.statement, err)
		}
	}
}

// TestScale: what a page asks of the database stays fast where it is large; HALOCHECK_SCALE says how many customers there are, with 90
// runs each. `make scale` has 10,000 and prints it.
func TestScale(t *testing.T) {
	customers, runs, bound := 100, 9, time.Minute
	if typed := os.Getenv("HALOCHECK_SCALE"); typed != "" {
		if _, err := fmt.Sscan(typed, &customers); err != nil {
			t.Fatal(err)
		}
		runs, bound = 90, 200*time.Millisecond
	}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		t.Run(kind, func(t *testing.T) {
			database := newDatabase(t, kind)
			s := open(t, database)
			fill(t, kind, database, customers, runs)
			middle := fmt.Sprintf("c%d", customers/2)
			list := func(q store.Query) func() (int, error) {
				return func() (int, error) { found, err := s.Customers(t.Context(), q); return len(found), err }
			}
			for _, c := range []struct {
				name string
				want int
				ask  func() (int, error)
			}{
				{"the first page", 50, list(store.Query{})},
				{"the page after the middle", 50, list(store.Query{After: "c1"})},
				{"a search for one", 1, list(store.Query{Text: fmt.Sprintf("https://%s.", middle)})},
				{"a search for many", 50, list(store.Query{Text: "halopsa"})},
				{"a search for none", 0, list(store.Query{Text: "nobody"})},
				{"an outcome", min(50, customers/3), list(store.Query{Outcome: probes.NotConformant})},
				{"a cause", min(50, customers/3), list(store.Query{Cause: probes.MissingIntermediate})},
				{"a cause of nobody", 0, list(store.Query{Cause: probes.Cause("expired")})},
				{"who has to act", min(50, customers/3), list(store.Query{Actor: probes.NetworkAdmin, Text: "customer"})},
				{"a customer's page", runs, func() (int, error) {
					if _, err := s.Customer(t.Context(), middle); err != nil {
						return 0, err
					}
					history, err := s.History(t.Context(), middle, 90)
					return len(history), err
				}},
				{"a report", 1, func() (int, error) { _, r, err := s.Report(t.Context(), "r1-1"); return len(r.Findings), err }},
				{"a run that is kept", 0, func() (int, error) {
					return 0, s.Save(t.Context(), store.Run{ID: fmt.Sprint("new", time.Now().UnixNano()), Customer: middle}, made(time.Now(), broken))
				}},
				{"what is removed", 0, func() (int, error) {
					_, err := s.Prune(t.Context(), store.Retention{Conformant: time.Hour}, time.UnixMilli(1700000000000))
					return 0, err
				}},
			} {
				slowest := time.Duration(0)
				for range 5 {
					began := time.Now()
					got, err := c.ask()
					slowest = max(slowest, time.Since(began))
					if err != nil || c.name != "a customer's page" && got != c.want || got < c.want {
						t.Fatalf("%s: %d, want %d, %v", c.name, got, c.want, err)
					}
				}
				t.Logf("%-26s %v", c.name, slowest.Round(100*time.Microsecond))
				if slowest > bound {
					t.Errorf("%s takes %v", c.name, slowest)
				}
			}
			measurePages(t, s, middle, runs, bound)
		})
	}
}
