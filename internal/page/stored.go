package page

import (
	"errors"
	"net/netip"
	"strings"
)

// StoredSecret is a Client Secret that the owner of the server offers by reference, for one host.
type StoredSecret struct {
	Host      string // of the Resource Server
	Reference string // file:PATH or keyring:NAME
}

// ParseStoredSecrets reads what is typed as HOST=REFERENCE.
func ParseStoredSecrets(typed []string) (list []StoredSecret, err error) {
	for _, t := range typed {
		host, reference, _ := strings.Cut(t, "=")
		kind, name, _ := strings.Cut(reference, ":")
		if _, err := netip.ParseAddr(host); host == "" || strings.ContainsAny(host, "/:@ ") && err != nil || kind != "file" && kind != "keyring" || name == "" {
			return nil, errors.New("it is not HOST=REFERENCE; it looks like acme.halopsa.com=keyring:acme or acme.halopsa.com=file:/etc/halocheck/acme.secret")
		}
		list = append(list, StoredSecret{Host: host, Reference: reference})
	}
	return list, nil
}
