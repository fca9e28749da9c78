package pki

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
)

// handshakeFaults are flaws of the handshake around a chain that holds.
func handshakeFaults() []fault {
	return []fault{
		// A client with a lower minimum still reads the chain (tls §3.9).
		flaw("tls-too-old", "trust.handshake", "tls_too_old", "The server speaks TLS 1.0 and 1.1 only.",
			configures(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), handshake),
		// With TLS 1.3 the client learns of the refusal after its own side of the handshake is complete.
		flaw("client-cert-required", "trust.handshake", "client_cert_required", "The server demands a client certificate.",
			configures(func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }), handshake),
		// A terminator with the pair of yesterday and today mixed up (tls §6).
		flaw("key-mismatch", "trust.handshake", "key_mismatch", "The server's key does not belong to its certificate.",
			keyMismatch, handshake, leafKey),
		flaw("legacy-tls", "trust.tidy", "legacy_tls", "The server still accepts TLS 1.0.",
			configures(func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 }), handshake),
		// Windows Server 2012 R2 with an RSA certificate and its like (tls-clients §1).
		flaw("weak-cipher", "trust.tidy", "weak_cipher", "The server agrees on TLS 1.2 with a static RSA key exchange only.",
			weakCipher, handshake, leafKey),
	}
}

// configures is an edit of the server's TLS configuration.
func configures(edit func(*tls.Config)) func(*plan) {
	return func(p *plan) { p.tls = edit }
}

func weakCipher(p *plan) {
	p.leaf.makeKey = rsa2048
	p.leaf.tmpl.KeyUsage |= x509.KeyUsageKeyEncipherment
	p.tls = func(c *tls.Config) {
		c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384}
	}
}

// keyMismatch signs the handshake with a new key in the name of the leaf's.
func keyMismatch(p *plan) {
	p.signer = func() (crypto.Signer, error) {
		named, err := p.leaf.signer()
		if err != nil {
			return nil, err
		}
		used, err := newECDSA()
		return impostor{used, named.Public()}, err
	}
}

// An impostor signs with one key and shows another.
type impostor struct {
	crypto.Signer
	shows crypto.PublicKey
}

// Public is the key that the certificate holds, not the one that signs.
func (i impostor) Public() crypto.PublicKey { return i.shows }
