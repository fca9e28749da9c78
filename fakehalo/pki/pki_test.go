package pki_test

import (
	"net"
	"testing"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// now is the moment of every test: the verdicts do not depend on the day they are reached.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func site() pki.Site {
	return pki.Site{Hosts: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, Now: now, BaseURL: "http://127.0.0.1:1"}
}

func TestEveryFaultCanBeMade(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range pki.Faults() {
		if seen[f.Name] {
			t.Errorf("%s is listed twice", f.Name)
		}
		seen[f.Name] = true
		m, err := pki.Make(site(), f.Name)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		if (m.TLS == nil) == (m.Raw == nil) {
			t.Errorf("%s: TLS and Raw have to exclude each other", f.Name)
		}
	}
}
