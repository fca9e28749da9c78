package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
)

// strengthFaults are flaws of the leaf's key, of the signature on it, and of what it claims to be.
func strengthFaults() []fault {
	return []fault{
		// Go takes 1024 bits and refuses less (tls §3.7); browsers and public CAs have refused both since 2014.
		flaw("weak-key", "trust.strength", "weak_key", "The leaf has an RSA key of 1024 bits.",
			func(p *plan) { p.leaf.makeKey = rsa1024 }, leafKey),
		// Go's Verify never builds a path over SHA-1 and calls the issuer unknown (tls §3.5, §3.7).
		flaw("weak-signature", "trust.strength", "weak_signature", "The leaf is signed with SHA-1.",
			func(p *plan) { p.leaf.tmpl.SignatureAlgorithm = x509.ECDSAWithSHA1 }, signature),
		// Windows templates that combine a server and a CA; whoever has the key can issue for every name.
		flaw("leaf-is-ca", "trust.tidy", "leaf_is_ca", "The leaf may act as a certificate authority.",
			leafIsCA, leafPurpose),
		// The responder of the CA that was asked for this most is gone since August 2025 (tls §5).
		// Chrome and Java refuse the handshake, OpenSSL, Node and Go do not (tls-clients §8).
		flaw("key-usage", "trust.tidy", "key_usage", "The leaf's key may encipher keys and not sign.",
			func(p *plan) { p.leaf.makeKey, p.leaf.tmpl.KeyUsage = rsa2048, x509.KeyUsageKeyEncipherment }, leafPurpose, leafKey),
		flaw("must-staple", "trust.tidy", "must_staple", "The leaf demands a stapled OCSP response and none comes.",
			mustStaple, leafPurpose, status),
	}
}

// leafIsCA lifts the intermediate's path length, so that the leaf is untidy and not a violation.
func leafIsCA(p *plan) {
	p.leaf.tmpl.IsCA = true
	p.mid.tmpl.MaxPathLenZero = false
}

// mustStaple adds the TLS feature extension with status_request, value 5 (RFC 7633).
func mustStaple(p *plan) {
	p.leaf.tmpl.ExtraExtensions = append(p.leaf.tmpl.ExtraExtensions, pkix.Extension{
		Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 0x03, 0x02, 0x01, 0x05},
	})
}
