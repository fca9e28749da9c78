package main

import (
	"os"

	"github.com/halocheck/halocheck/internal/settings"
)

// proxyVariables are read by other programs. halocheck connects from this machine itself: a proxy would be judged in the
// instance's place, and would be on the way of the secret.
var proxyVariables = []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}

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
