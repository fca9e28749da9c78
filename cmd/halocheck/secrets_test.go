package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// One trailing newline is the editor's; everything else is the customer's and sent as it is: contract §9.
func TestReadSecretDropsOneNewline(t *testing.T) {
	for written, want := range map[string]string{
		"s3cret":       "s3cret",
		"s3cret\n":     "s3cret",
		"s3cret\r\n":   "s3cret",
		"s3cret\n\n":   "s3cret\n",
		"s3cret\r":     "s3cret\r",
		"s3cret\r\r\n": "s3cret\r",
		" s3cret \n":   " s3cret ",
		"a\nb\n":       "a\nb",
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(written), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, from := range map[string]string{"file": file, "standard input": "-"} {
			got, ok, err := readSecret(environment{in: strings.NewReader(written)}, from, "", "client-secret-file")
			if got != want || !ok || err != nil {
				t.Errorf("%q from %s: %q, %t, %v; want %q", written, name, got, ok, err, want)
			}
		}
	}
}

func TestReadSecretLeavesTheEnvironmentAlone(t *testing.T) {
	env := environment{getenv: func(name string) string { return map[string]string{"HALO_CLIENT_SECRET": "s3cret\n"}[name] }}
	if got, ok, err := readSecret(env, "", "HALO_CLIENT_SECRET", "client-secret-file"); got != "s3cret\n" || !ok || err != nil {
		t.Errorf("%q, %t, %v", got, ok, err)
	}
}

func TestReadSecretRefusesNothing(t *testing.T) {
	for _, written := range []string{"", "\n", "\r\n"} {
		_, _, err := readSecret(environment{in: strings.NewReader(written)}, "-", "", "client-secret-file")
		if err == nil || !strings.Contains(err.Error(), "the secret is empty") {
			t.Errorf("%q: %v", written, err)
		}
	}
}

// A file is open to everybody where its folders are, too.
func TestExposed(t *testing.T) {
	if !worldReadable(os.TempDir()) {
		t.Skip("temporary files are out of everybody's reach")
	}
	for _, x := range []struct {
		file, folder os.FileMode
		want         bool
	}{{0o644, 0o755, true}, {0o604, 0o701, true}, {0o640, 0o755, false}, {0o600, 0o755, false}, {0o644, 0o700, false}, {0o644, 0o750, false}} {
		above := t.TempDir()
		folder := filepath.Join(above, "secrets")
		file, link := filepath.Join(folder, "acme"), filepath.Join(above, "link")
		for _, err := range []error{os.Chmod(above, 0o755), os.Chmod(filepath.Dir(above), 0o755), os.Mkdir(folder, 0o700), os.WriteFile(file, nil, 0o600), os.Chmod(file, x.file), os.Chmod(folder, x.folder), os.Symlink(file, link)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{file, link} {
			if got := worldReadable(name); got != x.want {
				t.Errorf("%s of %o in %o: %t", filepath.Base(name), x.file, x.folder, got)
			}
		}
	}
	if worldReadable(filepath.Join(t.TempDir(), "nowhere")) {
		t.Error("a file that is not there is open to everybody")
	}
}

// TestNoChildInheritsASecret: what a process is started with is what is left in the environment.
func TestNoChildInheritsASecret(t *testing.T) {
	for _, name := range []string{"HALO_CLIENT_SECRET", "HALO_ADMIN_CLIENT_SECRET"} {
		t.Setenv(name, "canary of "+name)
	}
	t.Setenv("HALO_TENANT", "acme")
	getenv := readEnvironment()
	if left := strings.Join(os.Environ(), "\n"); strings.Contains(left, "canary") || !strings.Contains(left, "HALO_TENANT=acme") {
		t.Errorf("a child inherits %s", left)
	}
	for name, want := range map[string]string{
		"HALO_CLIENT_SECRET": "canary of HALO_CLIENT_SECRET", "HALO_ADMIN_CLIENT_SECRET": "canary of HALO_ADMIN_CLIENT_SECRET", "HALO_TENANT": "acme", "HALO_CLIENT_ID": "",
	} {
		if got := getenv(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
