package trust_test

import (
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
)

// TestServedForAnyName tells a default site from a certificate that is bound to this name and is for another one: it asks
// without a name and under a strange one, and both have to show the same.
func TestServedForAnyName(t *testing.T) {
	const none, strange = "", "halocheck.invalid"
	for name, c := range map[string]struct {
		shownFor []string
		refuses  bool // the other names are refused, rather than shown another certificate
		want     bool
	}{
		"for any name":                 {[]string{labHost, none, strange}, false, true},
		"for this one alone":           {[]string{labHost}, false, false},
		"for this one and for none":    {[]string{labHost, none}, false, false},
		"for all names, not for none":  {[]string{labHost, strange}, false, false},
		"for this one, others refused": {[]string{labHost}, true, false},
	} {
		wrong, err := pki.Make(pki.Site{Hosts: []string{labHost}}, "wrong-name")
		if err != nil {
			t.Fatal(err)
		}
		other, err := pki.Make(pki.Site{Hosts: []string{labHost}})
		if err != nil {
			t.Fatal(err)
		}
		hello := &tls.ClientHelloInfo{ServerName: labHost}
		own, err := wrong.TLS.GetCertificate(hello)
		if err != nil {
			t.Fatal(err)
		}
		another, err := other.TLS.GetCertificate(hello)
		if err != nil {
			t.Fatal(err)
		}
		wrong.TLS.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			switch {
			case slices.Contains(c.shownFor, hello.ServerName):
				return own, nil
			case c.refuses:
				return nil, errors.New("nobody of that name")
			}
			return another, nil
		}
		f := look(t, open(t, wrong).session(t, "off"), plenty)["trust.name"]
		if f.Cause != probes.NameMismatch || strings.Contains(f.Because, "served for any name and for none") != c.want {
			t.Errorf("%s: %s: %s", name, f.Cause, f.Because)
		}
	}
}
