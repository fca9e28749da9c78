package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
)

// maxSecret bounds a secret, in bytes; Halo's have 73.
const maxSecret = 64 << 10

// loadCredentials puts one application's id and secret together. The secret comes from the file, else from the environment,
// else from whoever sits at the terminal. idFlag and fileFlag are named in complaints.
func loadCredentials(env environment, id, file, variable, idFlag, fileFlag string) (probes.Credentials, error) {
	given, ok, err := readSecret(env, file, variable, fileFlag)
	switch {
	case err != nil:
		return probes.Credentials{}, err
	case id == "" && !ok:
		return probes.Credentials{}, nil
	case id == "":
		return probes.Credentials{}, usagef("there is a secret without a client id; add --%s", idFlag)
	case !ok:
		if given, err = promptSecret(env, idFlag); err != nil {
			return probes.Credentials{}, err
		}
	}
	return probes.Credentials{ID: secret.New(id), Secret: secret.New(given)}, nil
}

// readSecret reads the secret from a file, standard input, the keyring or the environment; ok is false where none of them has one.
func readSecret(env environment, file, variable, flag string) (given string, ok bool, err error) {
	if file == "" {
		given = env.getenv(variable)
		return given, given != "", nil
	}
	var from io.Reader = env.in
	switch account, inKeyring := strings.CutPrefix(file, keyringPrefix); {
	case inKeyring:
		text, err := readKeyring(env, account, flag, keyringTimeout)
		if err != nil {
			return "", false, err
		}
		from = strings.NewReader(text)
	case file != "-":
		f, err := os.Open(file)
		if err != nil {
			return "", false, unreadable(flag, err)
		}
		defer f.Close()
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, maxSecret+1))
	if err != nil {
		return "", false, unreadable(flag, err)
	}
	// One trailing newline is the editor's; anything else is sent as it is, and noticed: contract §9.
	if line, ok := bytes.CutSuffix(data, []byte("\n")); ok {
		data = bytes.TrimSuffix(line, []byte("\r"))
	}
	switch {
	case len(data) == 0:
		return "", false, usagef("--%s: the secret is empty; put the Client Secret into the file, on one line", flag)
	case len(data) > maxSecret:
		return "", false, usagef("--%s: what it names is larger than %d bytes, so it is no secret", flag, maxSecret)
	}
	return string(data), true, nil
}

// unreadable refuses a secret's file without repeating its name: somebody may have typed the secret itself there.
func unreadable(flag string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return usagef("--%s: the file cannot be read (%w); name a file that holds the Client Secret on one line, or - for standard input", flag, err)
}

// worldReadable tells whether every user of this machine can read a file: its own permissions and those of each folder above let
// them. Windows keeps permissions elsewhere.
func worldReadable(name string) bool {
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

// errNoSecret is the refusal where nobody can be asked.
var errNoSecret = errors.New("there is a client id without a secret; add --client-secret-file, or set HALO_CLIENT_SECRET")

// promptSecret asks at the terminal, without echo.
func promptSecret(env environment, idFlag string) (string, error) {
	terminal, ok := env.in.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		if idFlag == "admin-client-id" {
			return "", usagef("there is an admin client id without a secret; add --admin-secret-file, or set HALO_ADMIN_CLIENT_SECRET")
		}
		return "", errNoSecret
	}
	_, _ = fmt.Fprintf(env.err, "Client Secret for --%s (not shown): ", idFlag)
	typed, err := readHidden(env, int(terminal.Fd()))
	_, _ = fmt.Fprintln(env.err)
	if err != nil {
		return "", err
	}
	if len(typed) == 0 {
		return "", errNoSecret
	}
	return string(typed), nil
}

// readHidden reads a line without echo. Ctrl-C ends the waiting and gives the terminal its echo back.
func readHidden(env environment, fd int) ([]byte, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return nil, usagef("the secret could not be read from the terminal: %w", err)
	}
	type line struct {
		typed []byte
		err   error
	}
	read := make(chan line, 1)
	go func() {
		typed, err := term.ReadPassword(fd)
		read <- line{typed, err}
	}()
	select {
	case <-env.interrupted:
		_ = term.Restore(fd, before)
		return nil, exitError{probes.ExitIncomplete}
	case got := <-read:
		if got.err != nil {
			return nil, usagef("the secret could not be read from the terminal: %w", got.err)
		}
		return got.typed, nil
	}
}
