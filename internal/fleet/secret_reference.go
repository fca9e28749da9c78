package fleet

import (
	"net/url"
	"strings"

	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// variableName and credentialName are what may follow env:, and keyring: or credential:.
var (
	variableName   = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)
	credentialName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._@-]*$`)
)

// parseReference reads where a secret is. The complaint never repeats what was written: it may be the secret.
func parseReference(text string) (Reference, string) {
	scheme, value, _ := strings.Cut(text, ":")
	r := Reference{Scheme: scheme, Value: value}
	switch {
	case scheme == "file" && value != "":
		return r, ""
	case scheme == "file":
		return Reference{}, "file: names no file"
	case scheme == "env" && variableName().MatchString(value):
		return r, ""
	case scheme == "env":
		return Reference{}, "what follows env: is no name of a variable, such as ACME_SECRET"
	case scheme == "credential" && credentialName().MatchString(value):
		return r, ""
	case scheme == "credential":
		return Reference{}, "what follows credential: is no name of a systemd credential"
	case scheme == "keyring" && credentialName().MatchString(value):
		return r, ""
	case scheme == "keyring":
		return Reference{}, "what follows keyring: is no name of an entry, such as acme"
	}
	return Reference{}, "a secret does not belong into an inventory; say where it is with file:PATH, env:NAME, keyring:NAME or credential:NAME"
}

// holdsPassword tells whether a URL, or the one after the = of a vantage point, has a user's password in it.
func holdsPassword(value string) bool {
	_, after, named := strings.Cut(value, "=")
	for _, text := range []string{value, after} {
		if u, err := url.Parse(text); err == nil && u.User != nil {
			if _, has := u.User.Password(); has {
				return true
			}
		}
		if !named {
			break
		}
	}
	rest := value[strings.Index(value, "://")+1:]
	rest, _, _ = strings.Cut(strings.TrimPrefix(rest, "//"), "/")
	before, _, at := strings.Cut(rest, "@")
	return at && strings.Contains(before, ":") && strings.Contains(value, "://")
}
