package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
)

// pathFaults are flaws of the way from the leaf to a trusted root. Everything that the way needs is sent: no further
// certificate would mend it.
func pathFaults() []fault {
	return []fault{
		// A private CA whose root nobody handed over. Without an AIA address it cannot be told from a public chain of which an
		// upper part is missing (tls §6).
		flaw("unknown-issuer", "trust.chain", "unknown_issuer", "The chain leads to an issuer that is not trusted and cannot be found.",
			unknownIssuer, rootCert, issuerOf),
		// The same CA with its root published: now the end of the path can be seen, and named.
		flaw("untrusted-root", "trust.chain", "untrusted_root", "The chain is complete but ends in a root that clients do not trust.",
			func(p *plan) { p.trust = []*node{otherRoot(p.site)} }, rootCert),
		// Seen from a network that inspects TLS; the server is as it should be (tls-clients §7).
		flaw("tls-inspection", "trust.chain", "untrusted_root", "Something on the way signed the certificate anew with an authority of its own.",
			tlsInspection, rootCert, midCert),
		// "IIS Express", the distribution's snakeoil, an appliance's default (tls §6).
		flaw("self-signed", "trust.chain", "self_signed", "The server certificate signed itself.",
			selfSigned, issuerOf, midCert, rootCert, sentList, signature, status),
		flaw("name-constraints", "trust.chain", "name_constraints", "The intermediate may not issue for the site's names.",
			nameConstraints, midCert, constrained),
		// Go compares names by their bytes, OpenSSL normalises them first (tls §3.7).
		flaw("name-encoding", "trust.chain", "name_encoding", "The leaf spells its issuer in another string type than the issuer does.",
			nameEncoding, issuerOf),
		// Somebody's ordinary certificate was used to sign another: the classic attack on clients that do not look.
		flaw("intermediate-not-ca", "trust.chain", "intermediate_not_ca", "The leaf's issuer is not a certificate authority.",
			notCA, midCert),
		// Go blames the leaf for either of the next two (tls §3.5).
		flaw("intermediate-eku", "trust.chain", "intermediate_eku", "The intermediate is for e-mail, not for servers.",
			func(p *plan) { p.mid.tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} }, midCert),
		flaw("eku-missing", "trust.chain", "eku_missing", "The leaf is for clients, not for servers.",
			func(p *plan) { p.leaf.tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, leafPurpose),
		flaw("path-length", "trust.chain", "path_length", "An intermediate that may only issue leaves has issued another intermediate.",
			func(p *plan) { p.insertUpper().tmpl.MaxPathLenZero = true }, midCert),
		flaw("unknown-critical-extension", "trust.chain", "unknown_critical_extension", "The leaf has a critical extension that no client knows.",
			unknownCritical, leafPurpose),
		// One bit of the signature's last byte differs; the encoding stays valid.
		flaw("bad-signature", "trust.chain", "bad_signature", "The leaf's signature does not fit its contents.",
			func(p *plan) { p.leaf.corrupt = func(der []byte) { der[len(der)-1] ^= 1 } }, signature),
		// Go does not look at key identifiers, OpenSSL refuses the issuer as if it were not there (tls §3.7).
		flaw("aki-mismatch", "trust.chain", "aki_mismatch", "The leaf names another key of its issuer than the one that signed it.",
			akiMismatch, issuerOf),
		// Twelve certificates are sent, where Java reads ten and follows five intermediates (tls §4).
		flaw("chain-too-long", "trust.chain", "chain_too_long", "Eleven intermediates lie between the leaf and the root.",
			chainTooLong, midCert, sentList),
		flaw("path-too-deep", "trust.chain", "chain_too_long", "Six intermediates lie between the leaf and the root, one more than Java follows.",
			func(p *plan) { p.deepen(5) }, midCert, sentList),
	}
}

// unknownIssuer leaves nothing by which the root could be found or trusted.
func unknownIssuer(p *plan) {
	p.trust = []*node{otherRoot(p.site)}
	p.leaf.tmpl.IssuingCertificateURL, p.mid.tmpl.IssuingCertificateURL = nil, nil
	p.mid.aiaName, p.root.aiaName = "", ""
}

// otherRoot is a root that has issued nothing here.
func otherRoot(site Site) *node { return authority(site.Now, "Halo Fake Root X2", nil, -5*365, 15*365) }

// selfSigned leaves the healthy root as the trusted one.
func selfSigned(p *plan) {
	p.leaf.parent = nil
	p.leaf.tmpl.IssuingCertificateURL = nil
}

// notCA gives the intermediate the key identifier that only an authority gets by itself.
func notCA(p *plan) {
	p.mid.tmpl.IsCA, p.mid.tmpl.MaxPathLenZero = false, false
	p.mid.tmpl.SubjectKeyId = []byte("a server's own number")
}

// nameConstraints permits only names and addresses that are reserved for documentation (RFC 2606, RFC 5737).
// tlsInspection has the names that one product's authorities really have.
func tlsInspection(p *plan) {
	p.trust = []*node{otherRoot(p.site)}
	p.root.tmpl.Subject = pkix.Name{Country: []string{"US"}, Organization: []string{"Zscaler Inc."}, CommonName: "Zscaler Root CA"}
	p.mid.tmpl.Subject = pkix.Name{Country: []string{"US"}, Organization: []string{"Zscaler Inc."}, CommonName: "Zscaler Intermediate Root CA"}
}

func nameConstraints(p *plan) {
	p.mid.tmpl.PermittedDNSDomainsCritical = true
	p.mid.tmpl.PermittedDNSDomains = []string{"permitted.example"}
	p.mid.tmpl.PermittedIPRanges = []*net.IPNet{{IP: net.IPv4(192, 0, 2, 0).To4(), Mask: net.CIDRMask(24, 32)}}
}

// nameEncoding issues the leaf under the intermediate's name in UTF8String.
func nameEncoding(p *plan) {
	subject := p.mid.tmpl.Subject
	p.leaf.issuerAlias = func(issuer x509.Certificate) *x509.Certificate {
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

func akiMismatch(p *plan) {
	p.leaf.issuerAlias = func(issuer x509.Certificate) *x509.Certificate {
		issuer.SubjectKeyId = []byte("another key's number")
		return &issuer
	}
}

// insertUpper puts a second intermediate between the issuing one and the root.
func (p *plan) insertUpper() *node {
	upper := authority(p.site.Now, "Halo Fake Intermediate CA B1", p.root, -3*365, 8*365)
	upper.aiaName = "b1"
	p.setAIA(upper, p.root)
	p.mid.parent = upper
	p.setAIA(p.mid, upper)
	return upper
}

func chainTooLong(p *plan) { p.deepen(10) }

// deepen puts further intermediates between the issuing one and the root.
func (p *plan) deepen(more int) {
	for i := range more {
		p.mid.parent = authority(p.site.Now, fmt.Sprintf("Halo Fake Intermediate CA C%d", i+1), p.mid.parent, -3*365, 8*365)
	}
}
