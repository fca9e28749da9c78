package pki_test

import (
	"crypto/x509"
	"fmt"
	"time"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// A site with two flaws at once: crypto/x509 stops at the first, a good diagnosis names both.
func Example() {
	m, err := pki.Make(pki.Site{
		Hosts:   []string{"acme.halo.test"},
		Now:     time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
		BaseURL: "http://127.0.0.1:8080",
	}, "expired", "missing-intermediate")
	if err != nil {
		fmt.Println(err)
		return
	}
	roots := x509.NewCertPool()
	for _, root := range m.Roots {
		roots.AddCert(root)
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	_, err = m.Chain[0].Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now})
	fmt.Println(err)
	_, err = m.Chain[0].Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now.AddDate(0, 0, -10)})
	fmt.Println(err)
	fmt.Println(m.Chain[0].IssuingCertificateURL[0])
	// Output:
	// x509: certificate has expired or is not yet valid: current time 2026-06-01T12:00:00Z is after 2026-05-30T12:00:00Z
	// x509: certificate signed by unknown authority
	// http://127.0.0.1:8080/aia/a1.cer
}
