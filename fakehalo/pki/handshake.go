package pki

import (
	"crypto"
	"crypto/tls"
)

var handshakeFaults = []fault{
	{Fault{"tls-too-old", "The server speaks TLS 1.0 and 1.1 only.", "trust.handshake", "tls_too_old"},
		[]aspect{handshake}, false, func(p *plan) error {
			p.tls = func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }
			return nil
		}},
	{Fault{"client-cert-required", "The server demands a client certificate.", "trust.handshake", "client_cert_required"},
		[]aspect{handshake}, false, func(p *plan) error {
			p.tls = func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }
			return nil
		}},
	{Fault{"key-mismatch", "The server's key does not belong to its certificate.", "trust.handshake", "key_mismatch"},
		[]aspect{handshake, leafKey}, false, keyMismatch},
	{Fault{"legacy-tls", "The server still accepts TLS 1.0.", "trust.tidy", "legacy_tls"},
		[]aspect{handshake}, false, func(p *plan) error {
			p.tls = func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 }
			return nil
		}},
}

// keyMismatch signs the handshake with a new key in the name of the leaf's.
func keyMismatch(p *plan) error {
	p.signer = func() (crypto.Signer, error) {
		named, err := p.leaf.signer()
		if err != nil {
			return nil, err
		}
		used, err := newECDSA()
		return impostor{used, named.Public()}, err
	}
	return nil
}

// An impostor signs with one key and shows another.
type impostor struct {
	crypto.Signer
	shows crypto.PublicKey
}

// Public is the key that the certificate holds, not the one that signs.
func (i impostor) Public() crypto.PublicKey { return i.shows }
