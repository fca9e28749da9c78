package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
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
