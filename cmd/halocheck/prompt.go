package main

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/probes"
)

// secrets are where this process reads secrets from.
func (env environment) secrets() credential.Source {
	return credential.Source{Stdin: env.in, Getenv: env.getenv, Keyring: env.keyring}
}

// promptSecret asks at the terminal, without echo; elsewhere there is nobody to ask, and the secret is empty. The setting is
// the Client ID's.
func promptSecret(env environment, setting string) (string, error) {
	terminal, ok := env.in.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return "", nil
	}
	_, _ = fmt.Fprintf(env.err, "Client Secret for --%s (not shown): ", setting)
	typed, err := readHidden(env, int(terminal.Fd()))
	_, _ = fmt.Fprintln(env.err)
	return string(typed), err
}

// readHidden reads a line without echo. Ctrl-C ends the waiting and gives the terminal its echo back.
func readHidden(env environment, fd int) ([]byte, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return nil, unreadableTerminal(err)
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
			return nil, unreadableTerminal(got.err)
		}
		return got.typed, nil
	}
}

func unreadableTerminal(err error) error {
	return &halocheck.SettingError{Setting: "client-id", Problem: fmt.Errorf("the secret could not be read from the terminal: %w", err)}
}
