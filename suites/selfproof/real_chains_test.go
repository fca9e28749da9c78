package selfproof_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// issued is a certificate with its key.
type issued struct {
	*x509.Certificate
	key crypto.Signer
}

// issue makes a certificate of a name by an authority, for a key of its own unless it is another edition of one that is there.
// Without an authority it certifies itself.
func issue(name string, by, edition *issued, edits ...func(*x509.Certificate)) *issued {
	GinkgoHelper()
	var key crypto.Signer
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	Expect(err).NotTo(HaveOccurred())
	if edition != nil {
		key = edition.key
	} else if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		Fail(err.Error())
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
	}
	for _, edit := range edits {
		edit(template)
	}
	if by == nil {
		by = &issued{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.key)
	Expect(err).NotTo(HaveOccurred())
	cert, err := x509.ParseCertificate(der)
	Expect(err).NotTo(HaveOccurred())
	return &issued{cert, key}
}

// authority is what an authority's certificate has.
func authority(c *x509.Certificate) {
	c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign|x509.KeyUsageDigitalSignature
}

// ended is a certificate that was valid until yesterday.
func ended(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Now().Add(-90*24*time.Hour), time.Now().Add(-24*time.Hour)
}

// forHost is what a server's certificate has.
func forHost(host string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.DNSNames, c.KeyUsage, c.ExtKeyUsage = []string{host}, x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
}

// trust adds roots to those that vouch for what the servers serve.
func (l *realLab) trust(roots ...*issued) {
	for _, r := range roots {
		l.roots = append(l.roots, inPEM(r.Raw)...)
	}
}

// serving is a server's certificate and what it sends behind it.
func serving(leaf *issued, behind ...*issued) *pair {
	p := &pair{certs: inPEM(leaf.Raw), key: keyInPEM(leaf.key)}
	for _, c := range behind {
		p.certs = append(p.certs, inPEM(c.Raw)...)
	}
	return p
}

// inTag4 makes a GeneralName of a directory's name.
func inTag4(name []byte) []byte {
	GinkgoHelper()
	der, err := asn1.Marshal(asn1.RawValue{Class: 2, Tag: 4, IsCompound: true, Bytes: name})
	Expect(err).NotTo(HaveOccurred())
	return der
}

// chainCases are lists with several editions of one authority: an old root has signed a new one, or two roots one
// intermediate. OpenSSL goes by the order in the list where it has no root of the name.
func chainCases(lab *realLab, one func(*pair) served) []realCase {
	GinkgoHelper()
	crossed := func(label string, knowsOld, knowsNew bool, editsOld, editsCross []func(*x509.Certificate)) *pair {
		old := issue("Old Root "+label, nil, nil, append([]func(*x509.Certificate){authority}, editsOld...)...)
		root := issue("New Root "+label, nil, nil, authority)
		cross := issue("New Root "+label, old, root, append([]func(*x509.Certificate){authority}, editsCross...)...)
		mid := issue("Issuing CA "+label, root, nil, authority)
		if knowsOld {
			lab.trust(old)
		}
		if knowsNew {
			lab.trust(root)
		}
		return serving(issue(realHost, mid, nil, forHost(realHost)), mid, cross)
	}
	past := []func(*x509.Certificate){ended}
	// editions is a list with two editions of the intermediate, one of them by a root that nobody knows.
	editions := func(label string, knownFirst bool) *pair {
		known, unknown := issue("Known Root "+label, nil, nil, authority), issue("Unknown Root "+label, nil, nil, authority)
		mid := issue("Issuing CA "+label, known, nil, authority)
		other := issue("Issuing CA "+label, unknown, mid, authority)
		lab.trust(known)
		leaf := issue(realHost, mid, nil, forHost(realHost))
		if knownFirst {
			return serving(leaf, mid, other)
		}
		return serving(leaf, other, mid)
	}
	// pinned is a certificate that asks for one edition of its issuer by the serial number, and a list that begins with another.
	pinned := func(label string, alone bool) *pair {
		root := issue("Root of serials "+label, nil, nil, authority)
		mid := issue("CA with serials "+label, root, nil, authority)
		other := issue("CA with serials "+label, root, mid, authority)
		lab.trust(root)
		leaf := issue(realHost, mid, nil, forHost(realHost), func(c *x509.Certificate) {
			value, err := asn1.Marshal(struct {
				Key    []byte        `asn1:"tag:0"`
				Issuer asn1.RawValue `asn1:"tag:1"`
				Serial *big.Int      `asn1:"tag:2"`
			}{mid.SubjectKeyId, asn1.RawValue{Class: 2, Tag: 1, IsCompound: true, Bytes: inTag4(root.RawSubject)}, mid.SerialNumber})
			Expect(err).NotTo(HaveOccurred())
			c.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 35}, Value: value}}
		})
		if alone {
			return serving(leaf, other)
		}
		return serving(leaf, other, mid)
	}
	renewed := func() *pair {
		root := issue("Root of renewed", nil, nil, authority)
		mid := issue("Renewed CA", root, nil, authority)
		lab.trust(root)
		return serving(issue(realHost, mid, nil, forHost(realHost)), issue("Renewed CA", root, mid, authority, ended), mid)
	}
	return []realCase{
		{name: "cross-sign, old root known", served: one(crossed("1", true, false, nil, nil))},
		{name: "cross-sign, new root known", served: one(crossed("2", false, true, nil, nil))},
		{name: "cross-sign, both roots known", served: one(crossed("3", true, true, nil, nil))},
		{name: "cross-sign has ended", served: one(crossed("4", false, true, past, past)), want: []string{"trust.tidy fail expired_extra"}},
		{name: "cross-sign has ended, roots known", served: one(crossed("5", true, true, past, past)), want: []string{"trust.tidy fail expired_extra"}},
		{name: "old root has ended, roots known", served: one(crossed("6", true, true, past, nil))},
		{name: "cross-sign has ended, old clients", served: one(crossed("7", true, false, nil, past)), want: []string{"trust.in-date fail expired_intermediate"}},
		{name: "old root has ended, old clients", served: one(crossed("8", true, false, past, nil)), want: []string{"trust.in-date fail expired_root"}},
		{name: "two editions, the known first", served: one(editions("1", true))},
		{name: "two editions, the known last", served: one(editions("2", false)), want: []string{"trust.chain fail wrong_intermediate"}},
		{name: "two editions, by serial number", served: one(pinned("1", true)), want: []string{"trust.chain fail aki_mismatch"}},
		{name: "two editions, the right serial last", served: one(pinned("2", false))},
		{name: "an edition that has ended first", served: one(renewed()), want: []string{"trust.tidy fail expired_extra"}},
	}
}
