package fleet

import (
	"slices"

	"github.com/halocheck/halocheck/internal/settings"
)

// setting is a row of the table.
func (l *inventoryParser) setting(name string) settings.Setting {
	s, _ := l.table.Lookup(name) // names were looked up when they were read
	return s
}

// settingNames are the names of all settings, sorted.
func (l *inventoryParser) settingNames() []string {
	return slices.Sorted(slices.Values(l.table.Names()))
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
