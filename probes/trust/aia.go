package trust

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// Bounds of fetching issuers: tls.md §10.
const (
	aiaTimeout = 5 * time.Second
	maxAIAHops = 5
)

// completePath looks for the certificates that would complete the path: among those that came with --ca-file, then at the
// addresses that the certificates themselves name. It explains and never changes whether the path builds. A wrong
// intermediate stays one: what it finds then is the right one.
func (c *Chain) completePath(ctx context.Context, s *probes.Session) {
	mode := probes.Local[Options](s).AIA
	step, cancel := probes.Step(ctx, aiaTimeout)
	defer cancel()
	current := c.Path[len(c.Path)-1].x509()
	tried := map[string]bool{}
	for range maxAIAHops {
		var next *x509.Certificate
		var from string
		if sent, _, _ := issuersOf(current, c.sentIssuers(), []*x509.Certificate{current}); len(sent) > 0 {
			next = sent[0]
		} else {
			next, from = findIssuer(current, s.Net.Roots.Known), "--ca-file"
		}
		if next == nil {
			next, from = c.fetchIssuer(step, mode, current, tried)
		}
		if next == nil {
			return
		}
		if !containsDER(c.Missing, next.Raw) && !containsDER(c.Sent, next.Raw) {
			found := describeCert(next)
			found.From = from
			c.Missing = append(c.Missing, found)
		}
		root := findIssuer(next, s.Net.Roots.Certs)
		switch {
		case root != nil:
			c.setAnchor(root, s.Net.Roots)
			c.Complete = true
			if c.Cause == probes.UnknownIssuer {
				c.Cause = probes.MissingIntermediate
			}
			return
		case selfSigned(next):
			if c.Cause == probes.UnknownIssuer {
				c.Cause = probes.UntrustedRoot
			}
			return
		}
		current = next
	}
}

// findRenewals looks for the later edition of every intermediate of the path that has ended: authorities publish it at the same
// address, with the same key, so the certificates below it stay good.
func (c *Chain) findRenewals(ctx context.Context, s *probes.Session) {
	if !c.hasExpiredIntermediate() || !c.Complete {
		return
	}
	step, cancel := probes.Step(ctx, aiaTimeout)
	defer cancel()
	tried := map[string]bool{}
	for i := 1; i < len(c.Path)-1; i++ {
		if !c.Now.After(c.Path[i].NotAfter) {
			continue
		}
		child := c.Path[i-1].x509()
		known := slices.DeleteFunc(slices.Clone(s.Net.Roots.Known), func(x *x509.Certificate) bool { return c.Now.After(x.NotAfter) })
		next, from := findIssuer(child, known), "--ca-file"
		if next == nil {
			next, from = c.fetchIssuer(step, probes.Local[Options](s).AIA, child, tried)
		}
		if next != nil && !c.Now.After(next.NotAfter) && !c.Now.Before(next.NotBefore) {
			found := describeCert(next)
			found.From = from
			c.Renewed = append(c.Renewed, found)
		}
	}
}

// fetchIssuer asks the addresses for the certificate that really signed child.
func (c *Chain) fetchIssuer(ctx context.Context, mode string, child *x509.Certificate, tried map[string]bool) (*x509.Certificate, string) {
	if len(child.IssuingCertificateURL) == 0 {
		c.AIALog = append(c.AIALog, fmt.Sprintf("%q names no address of its issuer", displayName(child.Subject.CommonName, child.Subject.String())))
	}
	for _, address := range child.IssuingCertificateURL {
		if tried[address] || len(tried) > 2*maxAIAHops {
			continue
		}
		tried[address] = true
		if mode == "off" {
			c.AIALog = append(c.AIALog, "its address "+address+" was not asked (--aia off)")
			continue
		}
		if strings.HasPrefix(strings.ToLower(address), "ldap:") {
			c.AIALog = append(c.AIALog, "its address "+address+" is in a directory, as a Windows domain's own authority has it; that is a private one")
			continue
		}
		body, err := fetch(ctx, address, mode == "private")
		if err != nil {
			c.AIALog = append(c.AIALog, fmt.Sprintf("its address %s could not be asked: %v", address, err))
			continue
		}
		for _, candidate := range certificatesIn(body) {
			if bytes.Equal(candidate.RawSubject, child.RawIssuer) && signed(child, candidate) {
				return candidate, address
			}
		}
		c.AIALog = append(c.AIALog, "what "+address+" serves is not the issuer")
	}
	return nil, ""
}

// certificatesIn reads DER, PEM (also several) and PKCS #7. What is none of them holds no certificates.
func certificatesIn(body []byte) []*x509.Certificate {
	block, rest := pem.Decode(body)
	if block == nil {
		return fromDER(body)
	}
	var certs []*x509.Certificate
	for ; block != nil; block, rest = pem.Decode(rest) {
		certs = append(certs, fromDER(block.Bytes)...)
	}
	return certs
}

// fromDER reads one or more certificates in a row, or a PKCS #7 bundle; nil for anything else.
func fromDER(der []byte) []*x509.Certificate {
	if certs, err := x509.ParseCertificates(der); err == nil {
		return certs
	}
	return fromPKCS7(der)
}
