package fleet

import "slices"

// kind is what a setting may hold.
type kind int

const (
	scalar kind = iota
	list        // one value, or several
	path        // a file, relative to the inventory's folder
	secret      // where a secret is
)

// settings are what an entry, a group and the defaults may hold: the names of the flags of `halocheck check`, and url, fake
// and the two references to secrets.
var settings = map[string]kind{
	"url": scalar, "fake": list,
	"auth-url": scalar, "tenant": scalar, "client-id": scalar, "admin-client-id": scalar,
	"client-secret": secret, "admin-secret": secret, "client-secret-file": path, "admin-secret-file": path,
	"guide": path, "ca-file": path, "waive": path,
	"profile": list, "team": list, "resolve": list, "via": list, "only": list, "skip": list, "attest": list,
	"hosting": scalar, "stable": scalar, "aia": scalar, "timeout": scalar,
}

// customerSettings are the settings that speak of one customer's instance: a fake inherits none of them.
var customerSettings = []string{
	"url", "auth-url", "tenant", "client-id", "admin-client-id", "client-secret", "admin-secret", "client-secret-file",
	"admin-secret-file", "ca-file", "resolve", "via", "team", "stable",
}

// Names are the names of all settings, sorted.
func Names() []string {
	var names []string
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// secretKeys are keys under which somebody may have written a secret.
var secretKeys = []string{"secret", "password", "client_secret", "clientsecret", "client-secret-value", "admin-client-secret", "token"}

// Reference says where a secret is, and is none itself.
type Reference struct {
	Scheme string // "file", "env", "keyring", "credential"; empty: there is none
	Value  string // a path, or the name of a variable, of an entry of the keyring or of a systemd credential
	Line   int    // where it is written
}

// Given tells whether there is one.
func (r Reference) Given() bool { return r.Scheme != "" }
