package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
)

var strengthFaults = []fault{
	{Fault{"weak-key", "The leaf has an RSA key of 1024 bits.", "trust.strength", "weak_key"},
		[]aspect{leafKey}, false, func(p *plan) error { p.leaf.makeKey = rsa1024; return nil }},
	{Fault{"weak-signature", "The leaf is signed with SHA-1.", "trust.strength", "weak_signature"},
		[]aspect{signature}, false, func(p *plan) error { p.leaf.tmpl.SignatureAlgorithm = x509.ECDSAWithSHA1; return nil }},
	{Fault{"leaf-is-ca", "The leaf may act as a certificate authority.", "trust.tidy", "leaf_is_ca"},
		[]aspect{leafPurpose}, false, func(p *plan) error {
			p.leaf.tmpl.IsCA = true
			p.mid.tmpl.MaxPathLenZero = false
			return nil
		}},
	{Fault{"must-staple", "The leaf demands a stapled OCSP response and none comes.", "trust.tidy", "must_staple"},
		[]aspect{leafPurpose, status}, false, mustStaple},
}

// mustStaple adds the TLS feature extension with status_request, value 5 (RFC 7633).
func mustStaple(p *plan) error {
	p.leaf.tmpl.ExtraExtensions = append(p.leaf.tmpl.ExtraExtensions, pkix.Extension{
		Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 0x03, 0x02, 0x01, 0x05},
	})
	return nil
}
