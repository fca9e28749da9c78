package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// TestKeyring asks a real keyring, on a session bus of its own: gnome-keyring, into which secret-tool put an entry.
func TestKeyring(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems have one keyring, and that is the user's")
	}
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon", "secret-tool"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("%v: apt-get install dbus gnome-keyring libsecret-tools", err)
		}
	}
	folder := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "halocheck")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"session.sh": `
exec 2>/dev/null
printf unlock | gnome-keyring-daemon --unlock --components=secrets >/dev/null
printf 'wrong-but-there\n' | secret-tool store --label=halocheck service halocheck username acme
printf elsewhere | secret-tool store --label=other service other username bolt
r() { halocheck "$@" >out 2>err </dev/null; echo "$? $(cat err) $(grep -c invalid_client out)"; }
r fleet acme.yaml --quiet
r fleet bolt.yaml --quiet
r check --fake healthy --client-secret-file keyring:acme --quiet
r check --fake healthy --client-secret-file keyring: --quiet
secret-tool lock --collection=login
r check --fake healthy --client-secret-file keyring:acme --quiet
grep -rl wrong-but-there . | grep -v session.sh`,
		"acme.yaml": "instances:\n  - {name: acme, fake: healthy, client-secret: 'keyring:{name}'}\n",
		"bolt.yaml": "instances:\n  - name: bolt\n    fake: healthy\n    client-secret: keyring:bolt\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("dbus-run-session", "--", "sh", "session.sh")
	c.Dir = folder
	c.Env = append(os.Environ(), "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "XDG_DATA_HOME="+folder, "DISPLAY=", "WAYLAND_DISPLAY=", "PATH="+folder+":"+os.Getenv("PATH"))
	said, err := c.Output()
	var code *exec.ExitError
	if err != nil && !errors.As(err, &code) {
		t.Fatal(err)
	}
	// A fake has its own secret, so one that comes from the keyring is told from none by being wrong.
	want := `1  1
2 halocheck: bolt.yaml:4: bolt: client-secret: the keyring gives no secret: it has no such entry of halocheck's; ` + "`halocheck help secrets`" + ` says how to add one 0
1  2
2 halocheck: --client-secret-file: keyring: names no entry; it looks like keyring:acme 0
2 halocheck: --client-secret-file: the keyring gives no secret: it is locked; unlock it first, and where nobody is there to do that, put the secret into a file 0
`
	if got := string(said); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

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
	silent, over := make(chan struct{}), make(chan struct{})
	defer close(silent)
	env := environment{interrupted: over, keyring: func(string, string) (string, error) { <-silent; return "", nil }}
	_, err := readKeyring(env, "hunter22", "client-secret-file", time.Millisecond)
	if err == nil || strings.Contains(err.Error(), "hunter22") || !strings.HasPrefix(err.Error(), "--client-secret-file: the keyring gives no secret: it does not answer; ") {
		t.Error(err)
	}
	close(over)
	_, err = readKeyring(env, "hunter22", "client-secret-file", time.Hour)
	var code exitError
	if !errors.As(err, &code) || code.code != probes.ExitIncomplete {
		t.Error(err)
	}
}

// One trailing newline of an entry is that of whoever put it there.
func TestReadSecretFromTheKeyring(t *testing.T) {
	env := environment{keyring: func(service, account string) (string, error) { return service + " of " + account + "\n", nil }}
	if got, ok, err := readSecret(env, "keyring:acme", "", "client-secret-file"); got != "halocheck of acme" || !ok || err != nil {
		t.Errorf("%q, %t, %v", got, ok, err)
	}
}
