package independent_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"time"
)

// hostNames are all names that a certificate of this suite is for.
var hostNames = []string{
	"acme.halopsa.com", "beta.haloitsm.com", "gamma.haloservicedesk.com", "delta.halocrm.io", "epsilon.trial.usehalo.com",
	"auth.haloservicedesk.com", "uk-trial.halopsa.com", "auth.halopsa.com",
	"psa.contoso.example", "login.contoso.example", "helpdesk.fabrikam.example", "service.northwind.example", "sso.northwind.example",
}

// authority is a certificate authority with one server certificate. Keys are made once for the whole process.
type authority struct {
	root   *x509.Certificate
	server tls.Certificate
}

// authorities are an ECDSA chain with an intermediate certificate, an RSA chain with one, a server certificate directly
// under its root, and one for longer than public authorities may issue.
var authorities = sync.OnceValue(func() []*authority {
	rsaKey := func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) }
	ecKey := func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }
	return []*authority{
		newAuthority("Second Root EC", ecKey, true, 100),
		newAuthority("Second Root RSA", rsaKey, true, 100),
		newAuthority("Second Flat Root", ecKey, false, 100),
		newAuthority("Second Slow Root", ecKey, true, 500),
	}
})

// today is when every check of this suite happens, so that versions, certificates and their ages are the same in every run.
var today = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newAuthority(name string, key func() crypto.Signer, between bool, days int) *authority {
	now := today
	serial := int64(1)
	issue := func(subject string, ca bool, days int, parent *x509.Certificate, parentKey crypto.Signer) (*x509.Certificate, crypto.Signer) {
		serial++
		own := key()
		c := &x509.Certificate{
			SerialNumber: new(big.Int).Lsh(big.NewInt(serial+0x5eed), 64),
			Subject:      pkix.Name{CommonName: subject, Organization: []string{"Second HaloPSA"}},
			NotBefore:    now.AddDate(0, 0, -20), NotAfter: now.AddDate(0, 0, days),
			BasicConstraintsValid: true, IsCA: ca, KeyUsage: x509.KeyUsageDigitalSignature,
		}
		if ca {
			c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		} else {
			c.ExtKeyUsage, c.DNSNames = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, hostNames
		}
		if parent == nil {
			parent, parentKey = c, own
		}
		der := must(x509.CreateCertificate(rand.Reader, c, parent, own.Public(), parentKey))
		return must(x509.ParseCertificate(der)), own
	}
	root, rootKey := issue(name, true, 3650, nil, nil)
	chain, parent, parentKey := [][]byte(nil), root, rootKey
	if between {
		parent, parentKey = issue(name+" Issuing CA", true, 1825, root, rootKey)
		chain = append(chain, parent.Raw)
	}
	leaf, leafKey := issue(hostNames[0], false, days, parent, parentKey)
	return &authority{root: root, server: tls.Certificate{
		Certificate: append([][]byte{leaf.Raw}, chain...), PrivateKey: leafKey, Leaf: leaf,
	}}
}
