package main

import (
	"errors"
	"fmt"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/terminal"
)

// secrets are where this process reads secrets from.
func (env environment) secrets() credential.Source {
	return credential.Source{Stdin: env.in, Getenv: env.getenv, Keyring: env.keyring}
}

// promptSecret asks at the terminal, without echo; elsewhere there is nobody to ask, and the secret is empty. The setting is
// the Client ID's.
func promptSecret(env environment, setting string) (string, error) {
	typed, err := terminal.ReadHidden(env.in, env.err, fmt.Sprintf("Client Secret for --%s (not shown): ", setting), env.interrupted)
	var told exit.Code
	if err == nil || errors.As(err, &told) {
		return typed, err
	}
	return "", &halocheck.SettingError{Setting: "client-id", Problem: fmt.Errorf("the secret could not be read from the terminal: %w", err)}
}
