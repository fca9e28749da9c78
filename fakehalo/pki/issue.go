package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"sync"
)

// A node is one certificate, described before it is issued so that a fault can still change it.
type node struct {
	tmpl        *x509.Certificate
	parent      *node                                           // who signs it; nil: itself
	aiaName     string                                          // its file name under /aia/, without the ending; empty: not published
	makeKey     func() (crypto.Signer, error)                   // nil: a new ECDSA P-256 key
	issuerAlias func(issuer x509.Certificate) *x509.Certificate // nil, or how this certificate misdescribes its issuer
	corrupt     func(der []byte)                                // nil, or what happens to the bytes after the signature

	key  crypto.Signer
	der  []byte            // set from the start for an entry that is no certificate at all
	cert *x509.Certificate // nil while not issued, and for an entry that does not parse
}

// signer returns the node's key, made at the first call.
func (n *node) signer() (crypto.Signer, error) {
	if n.key != nil {
		return n.key, nil
	}
	makeKey := n.makeKey
	if makeKey == nil {
		makeKey = newECDSA
	}
	key, err := makeKey()
	if err != nil {
		return nil, err
	}
	n.key = key
	return key, nil
}

// issue signs the certificate, and its issuer's before it. Further calls do nothing.
func (n *node) issue() error {
	if n.der != nil {
		return nil
	}
	key, err := n.signer()
	if err != nil {
		return err
	}
	issuer, issuerKey := n.tmpl, key
	if n.parent != nil {
		if err := n.parent.issue(); err != nil {
			return err
		}
		issuer = n.parent.cert
		if issuerKey, err = n.parent.signer(); err != nil {
			return err
		}
	}
	if n.issuerAlias != nil {
		issuer = n.issuerAlias(*issuer)
	}
	n.der, err = x509.CreateCertificate(rand.Reader, n.tmpl, issuer, key.Public(), issuerKey)
	if err != nil {
		return err
	}
	if n.corrupt != nil {
		n.corrupt(n.der)
	}
	n.cert, err = x509.ParseCertificate(n.der)
	return err
}

// reissue is another certificate for the same subject and the same key, such as a renewed edition or a cross-sign.
func (n *node) reissue() *node {
	tmpl := *n.tmpl
	return &node{tmpl: &tmpl, parent: n.parent, issuerAlias: n.issuerAlias, makeKey: n.signer}
}

// issued signs every node and returns the certificates of those that parse.
func issued(nodes []*node) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for _, n := range nodes {
		if err := n.issue(); err != nil {
			return nil, err
		}
		if n.cert != nil {
			certs = append(certs, n.cert)
		}
	}
	return certs, nil
}

func newECDSA() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// rsa2048 and rsa1024 are slow to make, so each is made once in a process.
var (
	rsa2048 = sync.OnceValues(func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) })
	rsa1024 = sync.OnceValues(func() (crypto.Signer, error) {
		return rsa.GenerateKey(rand.Reader, 1024)
	})
)
