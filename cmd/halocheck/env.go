package main

import (
	"os"

	"github.com/halocheck/halocheck/internal/settings"
)

// readEnvironment takes the secrets out of the process's environment, so that no child process inherits one, and returns what
// reads all variables nevertheless.
func readEnvironment() func(name string) string {
	taken := settings.All.TakeSecrets(os.Getenv, os.Unsetenv)
	return func(name string) string {
		if value, ok := taken[name]; ok {
			return value
		}
		return os.Getenv(name)
	}
}
