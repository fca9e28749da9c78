// Package credential reads secrets from where the user said that they are: a file, standard input, the operating system's
// keyring, or an environment variable. No error repeats what was typed as the place of a secret, since that may be the
// secret itself.
package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/halocheck/halocheck/internal/document"
)

// maxSecret bounds a secret, in bytes; Halo's have 73.
const maxSecret = 64 << 10

// Source is what secrets are read through.
type Source struct {
	Stdin   io.Reader
	Getenv  func(name string) string
	Keyring func(service, account string) (string, error)
}

// Read reads a secret from a file, standard input ("-") or the keyring ("keyring:NAME"); where file is empty, from the
// environment variable. The second result is false where there is none.
func (s Source) Read(ctx context.Context, file, variable string) (string, bool, error) {
	if file == "" {
		given := s.Getenv(variable)
		return given, given != "", nil
	}
	var from io.Reader = s.Stdin
	switch account, inKeyring := strings.CutPrefix(file, KeyringPrefix); {
	case inKeyring:
		text, err := s.readKeyring(ctx, account, keyringTimeout)
		if err != nil {
			return "", false, err
		}
		from = strings.NewReader(text)
	case file != "-":
		f, err := document.Open(ctx, file)
		if err != nil {
			return "", false, unreadable(ctx, err)
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, maxSecret+1))
	if err != nil {
		return "", false, unreadable(ctx, err)
	}
	if len(data) > maxSecret {
		return "", false, fmt.Errorf("what it names is larger than %d bytes, so it is no secret", maxSecret)
	}
	if err := checkEncoding(data); err != nil {
		return "", false, err
	}
	// One trailing newline is the editor's; anything else is sent as it is, and noticed: contract §9.
	if line, ok := bytes.CutSuffix(data, []byte("\n")); ok {
		data = bytes.TrimSuffix(line, []byte("\r"))
	}
	if len(data) == 0 {
		return "", false, errors.New("the secret is empty; put it into the file, on one line")
	}
	return string(data), true, nil
}

// checkEncoding refuses what Windows' editors and PowerShell add to a secret: it would be sent as part of it. Contract §11.
func checkEncoding(data []byte) error {
	problem := ""
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.IndexByte(data, 0) >= 0:
		problem = "the file is written in UTF-16"
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		problem = "the file starts with a byte order mark"
	default:
		return nil
	}
	return errors.New(problem + ", which is no part of the secret; write it as plain ASCII, in PowerShell with Out-File -Encoding ascii -NoNewline")
}

// unreadable refuses a secret's file without repeating its name.
func unreadable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("the file cannot be read (%w); name a file that holds the secret on one line, or - for standard input", err)
}

// WorldReadable tells whether every user of this machine can read a file: its own permissions and those of each folder above
// let them. Windows keeps permissions elsewhere.
func WorldReadable(name string) bool {
	real, err := filepath.EvalSymlinks(name)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil || runtime.GOOS == "windows" {
		return false
	}
	for needed := fs.FileMode(0o004); ; needed = 0o001 {
		info, err := os.Stat(real)
		if err != nil || info.Mode().Perm()&needed == 0 {
			return false
		}
		above := filepath.Dir(real)
		if above == real {
			return true
		}
		real = above
	}
}
