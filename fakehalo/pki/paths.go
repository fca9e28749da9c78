package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
)

// chainFault is a flaw of the path from the leaf to a trusted root.
func chainFault(name, cause, says string, apply func(*plan), decides ...aspect) fault {
	return fault{Fault{name, says, "trust.chain", cause}, decides, false, func(p *plan) error { apply(p); return nil }}
}

var pathFaults = []fault{
	chainFault("unknown-issuer", "unknown_issuer", "The chain leads to an issuer that is not trusted and cannot be found.",
		unknownIssuer, rootCert, issuerOf),
	chainFault("untrusted-root", "untrusted_root", "The chain is complete but ends in a root that clients do not trust.",
		untrustedRoot, rootCert),
	chainFault("self-signed", "self_signed", "The server certificate signed itself.",
		selfSigned, issuerOf, midCert, rootCert, sentList, signature, status),
	chainFault("name-constraints", "name_constraints", "The intermediate may not issue for the site's names.",
		nameConstraints, midCert),
	chainFault("name-encoding", "name_encoding", "The leaf spells its issuer in another string type than the issuer does.",
		nameEncoding, issuerOf),
	chainFault("intermediate-not-ca", "intermediate_not_ca", "The leaf's issuer is not a certificate authority.",
		func(p *plan) { p.mid.tmpl.IsCA, p.mid.tmpl.MaxPathLenZero = false, false }, midCert),
	chainFault("intermediate-eku", "intermediate_eku", "The intermediate is for e-mail, not for servers.",
		func(p *plan) { p.mid.tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }, midCert),
	chainFault("eku-missing", "eku_missing", "The leaf is for clients, not for servers.",
		func(p *plan) { p.leaf.tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, leafPurpose),
	chainFault("path-length", "path_length", "An intermediate that may only issue leaves has issued another intermediate.",
		func(p *plan) { p.insertUpper().tmpl.MaxPathLenZero = true }, midCert),
	chainFault("unknown-critical-extension", "unknown_critical_extension", "The leaf has a critical extension that no client knows.",
		unknownCritical, leafPurpose),
	chainFault("bad-signature", "bad_signature", "The leaf's signature does not fit its contents.",
		func(p *plan) { p.leaf.spoil = func(der []byte) { der[len(der)-1] ^= 1 } }, signature),
	chainFault("aki-mismatch", "aki_mismatch", "The leaf names another key of its issuer than the one that signed it.",
		akiMismatch, issuerOf),
	chainFault("chain-too-long", "chain_too_long", "Eleven intermediates lie between the leaf and the root.",
		chainTooLong, midCert, sentList),
}

// unknownIssuer leaves nothing by which the root could be found or trusted.
func unknownIssuer(p *plan) {
	p.trust = []*node{otherRoot(p.site)}
	p.leaf.tmpl.IssuingCertificateURL, p.mid.tmpl.IssuingCertificateURL = nil, nil
	p.mid.slug, p.root.slug = "", ""
}

// untrustedRoot keeps the root's AIA address, so that the root can be seen and named.
func untrustedRoot(p *plan) { p.trust = []*node{otherRoot(p.site)} }

// otherRoot is a root that has issued nothing here.
func otherRoot(site Site) *node { return authority(site.Now, "Halo Fake Root X2", nil, -5*365, 15*365) }

func selfSigned(p *plan) {
	p.leaf.parent = nil
	p.leaf.tmpl.IssuingCertificateURL = nil
}

// nameConstraints permits only names and addresses that are reserved for documentation (RFC 2606, RFC 5737).
func nameConstraints(p *plan) {
	p.mid.tmpl.PermittedDNSDomainsCritical = true
	p.mid.tmpl.PermittedDNSDomains = []string{"permitted.example"}
	p.mid.tmpl.PermittedIPRanges = []*net.IPNet{{IP: net.IPv4(192, 0, 2, 0).To4(), Mask: net.CIDRMask(24, 32)}}
}

// nameEncoding: Go compares names by their bytes, OpenSSL normalises them first (tls §3.7).
func nameEncoding(p *plan) {
	subject := p.mid.tmpl.Subject
	p.leaf.alias = func(issuer x509.Certificate) *x509.Certificate {
		issuer.RawSubject = utf8Name(subject)
		return &issuer
	}
}

// utf8Name encodes a name with every value but the country as UTF8String, where crypto/x509 takes PrintableString.
func utf8Name(name pkix.Name) []byte {
	rdns := name.ToRDNSequence()
	for _, set := range rdns {
		for i := range set {
			if s, ok := set[i].Value.(string); ok && len(s) > 2 {
				set[i].Value = asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(s)}
			}
		}
	}
	der, err := asn1.Marshal(rdns)
	if err != nil {
		panic("pki: a name of plain strings always encodes: " + err.Error())
	}
	return der
}

// unknownCritical uses the enterprise number that is set aside for examples (RFC 5612).
func unknownCritical(p *plan) {
	p.leaf.tmpl.ExtraExtensions = append(p.leaf.tmpl.ExtraExtensions, pkix.Extension{
		Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1}, Critical: true, Value: asn1.NullBytes,
	})
}

// akiMismatch: Go does not look at key identifiers, OpenSSL refuses the issuer (tls §3.7).
func akiMismatch(p *plan) {
	p.leaf.alias = func(issuer x509.Certificate) *x509.Certificate {
		issuer.SubjectKeyId = []byte("another key's number")
		return &issuer
	}
}

// insertUpper puts a second intermediate between the issuing one and the root.
func (p *plan) insertUpper() *node {
	upper := authority(p.site.Now, "Halo Fake Intermediate CA B1", p.root, -3*365, 8*365)
	upper.slug = "b1"
	p.point(upper, p.root)
	p.mid.parent = upper
	p.point(p.mid, upper)
	return upper
}

// chainTooLong sends twelve certificates, where Java reads ten (tls §4).
func chainTooLong(p *plan) {
	for i := range 10 {
		p.mid.parent = authority(p.site.Now, fmt.Sprintf("Halo Fake Intermediate CA C%d", i+1), p.mid.parent, -3*365, 8*365)
	}
}
