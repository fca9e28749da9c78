package credential

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Without a session bus nothing is started that would make one.
func TestKeyringWithoutABus(t *testing.T) {
	folder := t.TempDir()
	for _, x := range []struct {
		address, file string
		want          bool
	}{{"", "", false}, {"autolaunch:", "", false}, {"unix:path=/x", "", true}, {"", "bus", true}, {"", "dbus-session", true}} {
		place := filepath.Join(folder, x.file+"_")
		if err := os.MkdirAll(place, 0o700); err != nil {
			t.Fatal(err)
		}
		if x.file != "" {
			if err := os.WriteFile(filepath.Join(place, x.file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := hasSessionBus(func(string) string { return x.address }, place); got != x.want {
			t.Errorf("%+v: %t", x, got)
		}
	}
}

// Windows' own tools keep an entry in UTF-16.
func TestKeyringOfWindows(t *testing.T) {
	for kept, want := range map[string]string{
		"s3cret":                 "s3cret",
		"s\x003\x00c\x00":        "s3c",
		"\xe9\x00":               "é",
		"\x3d\xd8\x00\xde":       "😀",
		"s\x003":                 "s\x003",
		"a3f1c9e0-even-as-it-is": "a3f1c9e0-even-as-it-is",
	} {
		if got := decodeUTF16(kept); got != want {
			t.Errorf("%q: %q, want %q", kept, got, want)
		}
	}
}

// A keyring that keeps silent, and Ctrl-C while somebody should unlock it; what was typed is not repeated.
func TestKeyringThatKeepsSilent(t *testing.T) {
	silent := make(chan struct{})
	defer close(silent)
	source := Source{Keyring: func(string, string) (string, error) { <-silent; return "", nil }}
	_, err := source.readKeyring(t.Context(), "hunter22", time.Millisecond)
	if err == nil || strings.Contains(err.Error(), "hunter22") || !strings.HasPrefix(err.Error(), "the keyring gives no secret: it does not answer; ") {
		t.Error(err)
	}
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted)
	if _, err = source.readKeyring(ctx, "hunter22", time.Hour); !errors.Is(err, interrupted) {
		t.Error(err)
	}
}

// One trailing newline of an entry is that of whoever put it there.
func TestReadSecretFromTheKeyring(t *testing.T) {
	source := Source{Keyring: func(service, account string) (string, error) { return service + " of " + account + "\n", nil }}
	if got, ok, err := source.Read(t.Context(), "keyring:acme", ""); got != "halocheck of acme" || !ok || err != nil {
		t.Errorf("%q, %t, %v", got, ok, err)
	}
}
