//go:build unix

package store_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/halocheck/halocheck/internal/store"
)

const crashEnv = "HALOCHECK_STORE"

// writeUntilKilled is the other process of TestNoFinishedRunIsLost: it says each run that is kept.
func writeUntilKilled() {
	s, err := store.Open(context.Background(), os.Getenv(crashEnv))
	if err != nil {
		panic(err)
	}
	id, err := s.PutCustomer(context.Background(), store.Customer{Name: "Acme", URL: fmt.Sprintf("https://acme-%d.halopsa.com", os.Getpid())})
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		name := id + "-" + strconv.Itoa(i)
		if err := s.Save(context.Background(), store.Run{ID: name, Customer: id}, made(day.Add(time.Duration(i)*time.Minute), broken)); err != nil {
			panic(err)
		}
		fmt.Println(name)
	}
}

// TestNoFinishedRunIsLost kills a process that keeps runs, at random moments: what it said is there, and nothing is half there.
// HALOCHECK_KILLS says how often; the default is 3.
func TestNoFinishedRunIsLost(t *testing.T) {
	kills := 3
	if typed, ok := os.LookupEnv("HALOCHECK_KILLS"); ok {
		kills, _ = strconv.Atoi(typed)
	}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		t.Run(kind, func(t *testing.T) {
			database, said := newDatabase(t, kind), 0
			for range kills {
				kept := writeAndKill(t, database)
				said += len(kept)
				s, err := store.Open(t.Context(), database)
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range kept {
					if _, _, err := s.Report(t.Context(), id); err != nil {
						t.Errorf("%s was kept: %v", id, err)
					}
				}
				checkWhole(t, s)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			t.Logf("%d kills, %d runs kept, none lost", kills, said)
		})
	}
}

// writeAndKill returns what a process said that it kept before it was killed.
func writeAndKill(t *testing.T, database string) (kept []string) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env, c.Stderr = append(os.Environ(), crashEnv+"="+database), os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if lines.Scan() { // from its first run on, at any moment
		kept = append(kept, lines.Text())
		time.AfterFunc(rand.N(100*time.Millisecond), func() { _ = c.Process.Kill() })
	}
	for lines.Scan() {
		kept = append(kept, lines.Text())
	}
	_ = c.Wait()
	if len(kept) == 0 {
		t.Error("the other process kept nothing")
	}
	return kept
}

// checkWhole: every run can be read, and every customer's latest run is there.
func checkWhole(t *testing.T, s *store.Store) {
	t.Helper()
	list, err := s.Customers(t.Context(), store.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		history, err := s.History(t.Context(), c.ID, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		if len(history) > 0 && history[0].ID != c.LatestRun {
			t.Errorf("%s: the latest run is %s, and said to be %s", c.ID, history[0].ID, c.LatestRun)
		}
		for _, run := range history {
			if _, _, err := s.Report(t.Context(), run.ID); err != nil {
				t.Error(err)
			}
		}
	}
}

// unpacked is a backup as text.
func unpacked(t *testing.T, backup []byte) string {
	t.Helper()
	from, err := gzip.NewReader(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
