package credential

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/zalando/go-keyring"
)

// KeyringPrefix is what an entry of the keyring starts with where a secret's file is named. A file of such a name is ./keyring:…
const KeyringPrefix = "keyring:"

// keyringService is what halocheck's entries in a keyring are filed under. What follows the prefix is their account.
const keyringService = "halocheck"

// keyringTimeout is how long a keyring may take: somebody may have to type its password.
const keyringTimeout = time.Minute

// keyringMutex lets one entry be asked for after the other, so that whoever has to unlock the keyring is asked once.
var keyringMutex sync.Mutex

var (
	errKeyringEntry   = errors.New("it has no such entry of halocheck's; `halocheck help secrets` says how to add one")
	errKeyringBus     = errors.New("nobody is logged in with a session bus, DBUS_SESSION_BUS_ADDRESS is not set; where nobody is, put the secret into a file")
	errKeyringLocked  = errors.New("it is locked; unlock it first, and where nobody is there to do that, put the secret into a file")
	errKeyringService = errors.New("no program on the session bus keeps secrets, as gnome-keyring, KWallet and KeePassXC do; start one, or put the secret into a file")
	errKeyringTimeout = errors.New("it does not answer; unlock it first, and where nobody is there to do that, put the secret into a file")
)

// SystemKeyring reads an entry of the operating system's keyring. It is reached only where an entry is asked for by name.
func SystemKeyring(getenv func(string) string) func(service, account string) (string, error) {
	return func(service, account string) (string, error) {
		switch runtime.GOOS {
		case "darwin", "windows":
		default:
			if !hasSessionBus(getenv, filepath.Join("/run/user", strconv.Itoa(os.Getuid()))) {
				return "", errKeyringBus
			}
		}
		keyringMutex.Lock()
		defer keyringMutex.Unlock()
		text, err := keyring.Get(service, account)
		switch {
		case errors.Is(err, keyring.ErrNotFound):
			return "", errKeyringEntry
		case err != nil && strings.Contains(err.Error(), "failed to unlock"):
			return "", errKeyringLocked
		case err != nil && strings.Contains(err.Error(), "org.freedesktop.secrets was not provided"):
			return "", errKeyringService
		}
		return decodeUTF16(text), err
	}
}

// hasSessionBus tells whether there is a session bus to ask on, in the two places where the library looks. Where it finds none it
// would start one, in which no keyring is.
func hasSessionBus(getenv func(string) string, runtimeFolder string) bool {
	if address := getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" {
		return address != "autolaunch:"
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(runtimeFolder, name)); err == nil {
			return true
		}
	}
	return false
}

// decodeUTF16 is an entry as it was typed: Windows' own tools keep it in UTF-16, little-endian, and others as it is. A
// secret has no zero bytes, so the two cannot be confused.
func decodeUTF16(text string) string {
	if len(text)%2 != 0 || !strings.Contains(text, "\x00") {
		return text
	}
	units := make([]uint16, len(text)/2)
	for n := range units {
		units[n] = uint16(text[2*n]) | uint16(text[2*n+1])<<8
	}
	return string(utf16.Decode(units))
}

// readKeyring reads a secret from the keyring. No error repeats the account: somebody may have typed the secret there.
func (s Source) readKeyring(ctx context.Context, account string, timeout time.Duration) (string, error) {
	if account == "" {
		return "", errors.New("keyring: names no entry; it looks like keyring:acme")
	}
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := s.Keyring(keyringService, account)
		got <- answer{text, err}
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var a answer
	select {
	case a = <-got:
	case <-timer.C:
		a.err = errKeyringTimeout
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if a.err != nil {
		return "", fmt.Errorf("the keyring gives no secret: %w", a.err)
	}
	return a.text, nil
}
