package wire

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Roots are the trust anchors: the Mozilla roots with their constraints, and those that the user adds. The system's pool
// is never among them: on Windows and macOS it would fetch a missing intermediate and hide it (tls.md §3.1).
type Roots struct {
	Pool  *x509.CertPool
	Certs []*x509.Certificate // the same anchors, to be named
	Extra []*x509.Certificate // those that the user added: a public integration will not have them
	Known []*x509.Certificate // intermediates that came with them: never trusted by themselves, and never taken for sent
}

// builtIn are the certificates of the built-in bundle, each with its constraint; nil: none. They are parsed once in a process.
var builtIn = sync.OnceValues(func() ([]builtInRoot, error) {
	var all []builtInRoot
	for root := range bundle.Roots() {
		c, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return nil, fmt.Errorf("built-in roots: %w", err)
		}
		all = append(all, builtInRoot{c, root.Constraint})
	}
	return all, nil
})

type builtInRoot struct {
	*x509.Certificate
	constraint func([]*x509.Certificate) error
}

// ParseBuiltInRoots parses the built-in bundle, which takes milliseconds; a caller has it done beside other work.
func ParseBuiltInRoots() { _, _ = builtIn() }

// NewRoots is the built-in bundle, dated 2026-10-30 by its module version, and extra on top. Of the extra certificates
// the self-signed ones become anchors; where there are none, all do.
func NewRoots(extra []*x509.Certificate) (*Roots, error) {
	public, err := builtIn()
	if err != nil {
		return nil, err
	}
	r := &Roots{Pool: x509.NewCertPool()}
	for _, root := range public {
		r.Certs = append(r.Certs, root.Certificate)
		if root.constraint == nil {
			r.Pool.AddCert(root.Certificate)
		} else {
			r.Pool.AddCertWithConstraint(root.Certificate, root.constraint)
		}
	}
	for _, c := range extra {
		switch {
		case slices.ContainsFunc(r.Certs, c.Equal): // a public root stays one
		case bytes.Equal(c.RawSubject, c.RawIssuer):
			r.Extra = append(r.Extra, c)
		default:
			r.Known = append(r.Known, c)
		}
	}
	if len(r.Extra) == 0 {
		r.Extra, r.Known = r.Known, nil
	}
	for _, c := range r.Extra {
		r.Pool.AddCert(AsOthersRead(c))
	}
	r.Certs = append(r.Certs, r.Extra...)
	return r, nil
}

// ParsePEM reads the certificates of a PEM file. One that cannot be read keeps no other from being read; the error is set
// where none can.
func ParsePEM(data []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	var bad error
	for at := 1; len(data) > 0; {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err == nil {
			certs = append(certs, c)
		} else if bad == nil {
			bad = fmt.Errorf("certificate %d: %w", at, err)
		}
		at++
	}
	switch {
	case len(certs) == 0 && bad != nil:
		return nil, bad
	case len(certs) == 0:
		return nil, errors.New("it holds no PEM certificate (-----BEGIN CERTIFICATE-----)")
	}
	return certs, nil
}
