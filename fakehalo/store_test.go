package fakehalo

import (
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestWhatTheDiskRefusesIsUndone: writers who share a commit that fails are all told so, and nothing of it is left.
func TestWhatTheDiskRefusesIsUndone(t *testing.T) {
	s, err := StartWith(Options{PlainHTTP: true, State: filepath.Join(t.TempDir(), "state.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tickets := s.store.tables["tickets"]
	before := tickets.all()
	_ = s.store.disk.db.Close() // every commit from now on fails
	row := func(id int, summary string) *row {
		made, err := tickets.make(tickets.res.complete(record{"id": id, "summary": summary}))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	s.store.committing.Lock() // so that they share one
	var writers, written sync.WaitGroup
	written.Add(8)
	var refused sync.Map
	for n := range 8 {
		writers.Go(func() {
			answer := s.store.write(func() *reply {
				defer written.Done()
				s.store.save(tickets, row(2001, "Changed"), row(2001, "Changed twice"), row(3000+n, "New"))
				s.store.remove(tickets, 2002)
				return rawReply(http.StatusCreated, nil, "")
			})
			refused.Store(n, answer.status)
			if !strings.HasPrefix(answer.why, "the state file could not be written: ") {
				t.Errorf("writer %d is told %q", n, answer.why)
			}
		})
	}
	written.Wait()
	s.store.committing.Unlock()
	writers.Wait()
	for n := range 8 {
		if status, _ := refused.Load(n); status != http.StatusInternalServerError {
			t.Errorf("writer %d was answered %v", n, status)
		}
	}
	after := tickets.all()
	if len(after) != len(before) {
		t.Fatalf("%d rows, not %d", len(after), len(before))
	}
	for n := range before {
		if after[n] != before[n] {
			t.Errorf("row %d was %s and is %s", n, before[n].json, after[n].json)
		}
	}
}
