package fakehalo_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
)

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
