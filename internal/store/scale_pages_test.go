//go:build unix

package store_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/page"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/store"
	"github.com/halocheck/halocheck/internal/team"
)

// measurePages asks for the pages of a team whose database is filled, each to its last byte.
func measurePages(t *testing.T, s *store.Store, middle string, runs int, bound time.Duration) {
	t.Helper()
	p, err := team.New(t.Context(), team.Options{Store: s, Page: page.Options{Table: settings.All}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, c := range []struct {
		name, path, row string
		rows            int // at least
	}{
		{"page: customers", "/customers", `<a href="/c/`, 50},
		{"page: customers, further", "/customers?after=c1", `<a href="/c/`, 50},
		{"page: search for one", "/customers?q=https://" + middle + ".", `<a href="/c/`, 1},
		{"page: search for many", "/customers?q=halopsa", `<a href="/c/`, 50},
		{"page: search for none", "/customers?q=nobody", "No customer fits", 1},
		{"page: who has to act", "/customers?actor=network-admin&cause=missing_intermediate", `<a href="/c/`, 30},
		{"page: a customer", "/c/" + middle, `<a href="/kept/`, runs},
		{"page: what changed", "/c/" + middle + "/changes", "<h1>", 1},
	} {
		slowest := time.Duration(0)
		for range 5 {
			answer := httptest.NewRecorder()
			began := time.Now()
			p.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost"+c.path, nil))
			slowest = max(slowest, time.Since(began))
			if got := strings.Count(answer.Body.String(), c.row); answer.Code != http.StatusOK || got < c.rows {
				t.Fatalf("%s: %d, %d rows, want %d:\n%s", c.name, answer.Code, got, c.rows, answer.Body)
			}
		}
		t.Logf("%-26s %v", c.name, slowest.Round(100*time.Microsecond))
		if slowest > bound {
			t.Errorf("%s takes %v", c.name, slowest)
		}
	}
}
