package pki_test

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// shape is what of a site does not depend on the keys: who is sent, for whom, until when, and who is trusted.
func shape(t *testing.T, m *pki.Material) string {
	var b strings.Builder
	if m.TLS != nil {
		for _, der := range list(t, m) {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				b.WriteString("junk;")
				continue
			}
			b.WriteString(c.Subject.String() + c.Issuer.String() + strings.Join(c.DNSNames, ",") + c.NotAfter.String() + ";")
		}
	}
	return b.String() + strings.Join(names(m.Roots), ",") + m.Host
}

// TestPairs makes every two faults in both orders: they clash in both, or give the same site in both.
func TestPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("sites are made, and none is served")
	}
	faults := pki.Faults()
	clashes := 0
	for i, first := range faults {
		for _, second := range faults[i+1:] {
			one, err := pki.Make(site(), first.Name, second.Name)
			other, otherErr := pki.Make(site(), second.Name, first.Name)
			if (err == nil) != (otherErr == nil) {
				t.Errorf("%s and %s: %v one way, %v the other", first.Name, second.Name, err, otherErr)
				continue
			}
			if err != nil {
				clashes++
				if !strings.Contains(err.Error(), "clash: both decide") {
					t.Errorf("%s and %s: %v", first.Name, second.Name, err)
				}
				continue
			}
			if a, b := shape(t, one), shape(t, other); a != b {
				t.Errorf("%s and %s depend on their order:\n%s\n%s", first.Name, second.Name, a, b)
			}
		}
	}
	if pairs := len(faults) * (len(faults) - 1) / 2; clashes == 0 || clashes == pairs {
		t.Errorf("%d of %d pairs clash", clashes, pairs)
	}
}

// TestNamesakes: what a name alone does not tell, the key does.
func TestNamesakes(t *testing.T) {
	m := made(t, site(), "wrong-intermediate")
	sent := parsed(list(t, m))
	if sent[1].Subject.String() != m.Chain[1].Subject.String() || bytes.Equal(sent[1].SubjectKeyId, m.Chain[1].SubjectKeyId) {
		t.Error("wrong-intermediate: the one that is sent is not a namesake with another key")
	}
	m = made(t, site(), "expired-extra")
	cross := parsed(list(t, m))[2]
	if !bytes.Equal(cross.RawSubjectPublicKeyInfo, m.Roots[0].RawSubjectPublicKeyInfo) || cross.NotAfter.After(now) ||
		cross.Issuer.CommonName != "Halo Fake Legacy Root" {
		t.Errorf("expired-extra: %s by %s until %s is no expired cross-sign of the root", cross.Subject, cross.Issuer, cross.NotAfter)
	}
}
