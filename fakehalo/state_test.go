package fakehalo_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/halocheck/halocheck/fakehalo"
)

// TestAnOlderStateFileGetsWhatCameLater: a file from before a resource was served has that resource's seeded records, and its own
// of the others.
func TestAnOlderStateFileGetsWhatCameLater(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.db")
	s := serveWith(t, fakehalo.Options{State: file, PlainHTTP: true})
	if a := writeAsAdmin(t, s, http.MethodDelete, "Tickets/2001", ""); a.Status != 200 {
		t.Fatal(a)
	}
	s.Close()
	db, err := bolt.Open(file, 0o600, nil)
	if err == nil {
		err = errors.Join(db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("sla")) }), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s = serveWith(t, fakehalo.Options{State: file, PlainHTTP: true})
		if got := ids(getAsAdmin(t, s, "Tickets").Body); got != "2002 2003 2004 2005" {
			t.Errorf("tickets: %s", got)
		}
		if got := ids(getAsAdmin(t, s, "SLA").Body); got != "1 2" {
			t.Errorf("SLAs: %s", got)
		}
		s.Close()
	}
}

// TestDamagedState: a state file that was cut off, or changed, at any place is an error or is read; it never ends the program.
func TestDamagedState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.db")
	start := func() error {
		s, err := fakehalo.StartWith(fakehalo.Options{State: file, PlainHTTP: true})
		if err == nil {
			s.Close()
		}
		return err
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.Remove(file); err != nil { // another inode: a damaged one may still be mapped
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for size := 100; size < len(whole); size += len(whole)/40 + 1 {
		write(whole[:size])
		err := start()
		if err == nil && size > len(whole)/2 {
			continue // only free pages are missing
		}
		if !errors.Is(err, fakehalo.ErrStateDamaged) {
			t.Errorf("%d of %d bytes: %v", size, len(whole), err)
		}
	}
	for at := 0; at < len(whole); at += len(whole)/40 + 1 {
		changed := append([]byte(nil), whole...)
		for n := range min(300, len(whole)-at) {
			changed[at+n] ^= 0x5a
		}
		write(changed)
		if err := start(); err != nil && !errors.Is(err, fakehalo.ErrStateDamaged) {
			t.Errorf("changed at %d: %v", at, err)
		}
	}
}
