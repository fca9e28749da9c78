package credential

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
			got, ok, err := Source{Stdin: strings.NewReader(written)}.Read(t.Context(), from, "")
			if got != want || !ok || err != nil {
				t.Errorf("%q from %s: %q, %t, %v; want %q", written, name, got, ok, err, want)
			}
		}
	}
}

func TestReadSecretLeavesTheEnvironmentAlone(t *testing.T) {
	source := Source{Getenv: func(name string) string { return map[string]string{"HALO_CLIENT_SECRET": "s3cret\n"}[name] }}
	if got, ok, err := source.Read(t.Context(), "", "HALO_CLIENT_SECRET"); got != "s3cret\n" || !ok || err != nil {
		t.Errorf("%q, %t, %v", got, ok, err)
	}
}

func TestReadSecretRefusesNothing(t *testing.T) {
	for _, written := range []string{"", "\n", "\r\n"} {
		_, _, err := Source{Stdin: strings.NewReader(written)}.Read(t.Context(), "-", "")
		if err == nil || !strings.Contains(err.Error(), "the secret is empty") {
			t.Errorf("%q: %v", written, err)
		}
	}
}

// A file is open to everybody where its folders are, too.
func TestExposed(t *testing.T) {
	if !WorldReadable(os.TempDir()) {
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
			if got := WorldReadable(name); got != x.want {
				t.Errorf("%s of %o in %o: %t", filepath.Base(name), x.file, x.folder, got)
			}
		}
	}
	if WorldReadable(filepath.Join(t.TempDir(), "nowhere")) {
		t.Error("a file that is not there is open to everybody")
	}
}

// What Windows' tools add to a secret is refused, and never becomes a part of it.
func TestReadSecretRefusesOtherEncodings(t *testing.T) {
	for written, want := range map[string]string{
		"\xef\xbb\xbfs3cret": "the file starts with a byte order mark", "\xef\xbb\xbf\r\n": "the file starts with a byte order mark",
		"\xff\xfes\x003\x00\r\x00\n\x00": "the file is written in UTF-16", "\xfe\xff\x00s\x003": "the file is written in UTF-16", "s\x003\x00": "the file is written in UTF-16",
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(written), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{file, "-"} {
			got, ok, err := Source{Stdin: strings.NewReader(written)}.Read(t.Context(), from, "")
			if err == nil || !strings.HasPrefix(err.Error(), want+", ") || !strings.HasSuffix(err.Error(), "Out-File -Encoding ascii -NoNewline") || ok || got != "" {
				t.Errorf("%q from %s: %q, %t, %v", written, from, got, ok, err)
			}
		}
	}
}
