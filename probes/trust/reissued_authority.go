package trust

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// checkEditions finds a list in which OpenSSL takes another path than the one that holds. An authority that two roots have
// signed, or that was renewed, has several certificates of one name. crypto/x509, Java and Windows try each of them; OpenSSL
// and what is built on it (curl, Node, .NET on Linux: dotnet/runtime#98921) take the first and never come back.
func (c *Chain) checkEditions(path, sent []*x509.Certificate, roots *wire.Roots) {
	taken := firstPath(path[0], sent, roots, c.Now)
	for i := range min(len(path), len(taken)) {
		if taken[i].Equal(path[i]) {
			continue
		}
		if _, err := verifyAt(path[0], taken[1:], roots, c.Now, x509.ExtKeyUsageServerAuth); err != nil {
			by := describeCert(taken[i])
			c.Builds, c.Cause, c.ErrorDepth, c.RejectedIssuer = false, probes.WrongIntermediate, i-1, &by
		}
		return
	}
}

// firstPath is the path that OpenSSL takes through the list, up to the last certificate before a trusted root or as far as
// it goes.
func firstPath(leaf *x509.Certificate, sent []*x509.Certificate, roots *wire.Roots, now time.Time) []*x509.Certificate {
	path := []*x509.Certificate{leaf}
	for {
		current := path[len(path)-1]
		if findIssuer(current, roots.Certs) != nil || selfSigned(current) {
			return path
		}
		var next *x509.Certificate
		for _, x := range sent {
			fits := bytes.Equal(x.RawSubject, current.RawIssuer) && namesIssuer(current, x) && !contains(path, x)
			if fits && !now.Before(x.NotBefore) && now.Before(x.NotAfter) {
				next = x
				break
			}
		}
		if next == nil {
			return path
		}
		path = append(path, next)
	}
}

// misnamedIssuer is the index in a path of the first certificate that asks for another issuer than the one behind it; -1: none
// does.
func misnamedIssuer(path []*x509.Certificate) int {
	for i, x := range path[:len(path)-1] {
		if !namesIssuer(x, path[i+1]) {
			return i
		}
	}
	return -1
}

// namesIssuer tells whether what child says of its issuer's key and serial number fits a certificate. What it leaves open fits
// any: RFC 5280 §4.2.1.1. Go does not look at it, OpenSSL refuses what does not fit (tls.md §3.7).
func namesIssuer(child, issuer *x509.Certificate) bool {
	serial := issuerSerial(child)
	return (len(child.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0 || bytes.Equal(child.AuthorityKeyId, issuer.SubjectKeyId)) &&
		(serial == nil || serial.Cmp(issuer.SerialNumber) == 0)
}

// idAuthorityKey is the extension in which a certificate says which one of its issuer's signed it.
var idAuthorityKey = []int{2, 5, 29, 35}

// issuerSerial is the serial number of the issuer's certificate that a certificate asks for; nil where it asks for none.
func issuerSerial(c *x509.Certificate) *big.Int {
	for _, e := range c.Extensions {
		value, number := cryptobyte.String(e.Value), cryptobyte.String(nil)
		var present bool
		if e.Id.Equal(idAuthorityKey) && value.ReadASN1(&value, asn1.SEQUENCE) &&
			value.SkipOptionalASN1(asn1.Tag(0).ContextSpecific()) && value.SkipOptionalASN1(asn1.Tag(1).ContextSpecific().Constructed()) &&
			value.ReadOptionalASN1(&number, &present, asn1.Tag(2).ContextSpecific()) && present {
			return new(big.Int).SetBytes(number)
		}
	}
	return nil
}

// editions are where the certificate that OpenSSL takes and the one that holds stand in the list; ok is false where that is
// not what is wrong.
func (c Chain) editions() (taken, holds int, ok bool) {
	if c.Cause != probes.WrongIntermediate || c.RejectedIssuer == nil || c.ErrorDepth+1 >= len(c.Path) {
		return 0, 0, false
	}
	at := func(cert Cert) int {
		return slices.IndexFunc(c.Sent, func(s Cert) bool { return s.SHA256 == cert.SHA256 })
	}
	taken, holds = at(*c.RejectedIssuer), at(c.Path[c.ErrorDepth+1])
	return taken, holds, taken >= 0 && holds >= 0
}

// editionsWords says which of several certificates of one authority is in the way of the other.
func (c Chain) editionsWords(taken, holds int) string {
	return fmt.Sprintf("the server sends %q twice, issued by %q at position %d and by %q at position %d; only the latter holds, and OpenSSL, curl, Node and .NET on Linux use the former alone",
		c.Sent[holds].Subject, c.Sent[taken].Issuer, taken+1, c.Sent[holds].Issuer, holds+1)
}
