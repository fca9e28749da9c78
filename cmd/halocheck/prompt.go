package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
)

// secrets are where this process reads secrets from.
func (env environment) secrets() credential.Source {
	return credential.Source{Stdin: env.in, Getenv: env.getenv, Keyring: env.keyring}
}

// loadCredentials puts one application's id and secret together. The secret comes from the file, else from the environment,
// else from the terminal. idFlag and fileFlag are named in errors.
func loadCredentials(ctx context.Context, env environment, id, file, variable, idFlag, fileFlag string) (probes.Credentials, error) {
	given, ok, err := env.secrets().Read(ctx, file, variable)
	switch {
	case err != nil:
		return probes.Credentials{}, usagef("--%s: %w", fileFlag, err)
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
