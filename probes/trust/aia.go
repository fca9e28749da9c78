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

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// fromRoots is where a certificate was found that no server sent and no address gave.
const fromRoots = "the further roots"

// Bounds of fetching issuers: tls.md §10.
const (
	aiaTimeout = 5 * time.Second
	maxAIAHops = 5
)

// completePath looks for the certificates that would complete the path: among those that came with --ca-file, then at the
// addresses that the certificates themselves name. It explains and never changes whether the path builds. A wrong
// intermediate stays one: what it finds then is the right one. A path that ends in a self-signed root outside the store is
// looked at from below that root: an older root that the store has may have cross-signed it (tls-clients.md §6).
func (c *Chain) completePath(ctx context.Context, s *probes.Session) {
	step, cancel := probes.Step(ctx, aiaTimeout)
	defer cancel()
	search := issuerSearch{chain: c, roots: s.Net.Roots, fetcher: fetcherOf(s), tried: map[string]bool{}}
	last := len(c.Path) - 1
	if c.Cause == probes.UntrustedRoot {
		last--
	}
	current := c.Path[last].x509()
	for range maxAIAHops {
		next, from := search.issuer(step, current)
		if next == nil {
			return
		}
		if !containsDER(c.Missing, next.Raw) && !containsDER(c.Sent, next.Raw) {
			found := describeCert(next)
			found.From = wire.Bound(from)
			c.Missing = append(c.Missing, found)
		}
		root := findIssuer(next, s.Net.Roots.Certs)
		switch {
		case root != nil:
			c.setAnchor(root, s.Net.Roots)
			c.Complete = true
			if c.Cause == probes.UnknownIssuer || c.Cause == probes.UntrustedRoot {
				c.Path, c.ErrorDepth, c.Cause = c.Path[:last+1], last, probes.MissingIntermediate
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

// issuerSearch looks for issuers that were not sent.
type issuerSearch struct {
	chain *Chain
	roots *wire.Roots
	fetcher
	tried map[string]bool // addresses
}

// issuer is the best issuer of child that is known or can be fetched, and where it was found: one that leads to a trusted
// root at once, else one that another authority signed, else one that signed itself.
func (f *issuerSearch) issuer(ctx context.Context, child *x509.Certificate) (best *x509.Certificate, from string) {
	rank := 0
	consider := func(candidates []*x509.Certificate, where string) {
		for _, x := range candidates {
			points := 1
			switch {
			case findIssuer(x, f.roots.Certs) != nil:
				points = 3
			case !selfSigned(x):
				points = 2
			}
			if points > rank {
				best, from, rank = x, where, points
			}
		}
	}
	sent, _, _ := issuersOf(child, f.chain.sentIssuers(), []*x509.Certificate{child})
	consider(sent, "")
	if known := findIssuer(child, f.roots.Known); known != nil && !known.Equal(child) {
		consider([]*x509.Certificate{known}, fromRoots)
	}
	if rank < 2 {
		fetched, address := f.chain.fetchIssuers(ctx, f.fetcher, child, f.tried)
		consider(fetched, address)
	}
	return best, from
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
		next, from := findIssuer(child, known), fromRoots
		if next == nil {
			var fetched []*x509.Certificate
			fetched, from = c.fetchIssuers(step, fetcherOf(s), child, tried)
			if i := slices.IndexFunc(fetched, func(x *x509.Certificate) bool { return !c.Now.After(x.NotAfter) && !c.Now.Before(x.NotBefore) }); i >= 0 {
				next = fetched[i]
			}
		}
		if next != nil && !c.Now.After(next.NotAfter) && !c.Now.Before(next.NotBefore) {
			found := describeCert(next)
			found.From = wire.Bound(from)
			c.Renewed = append(c.Renewed, found)
		}
	}
}

// fetchIssuers asks the addresses for the certificates whose key really signed child: a bundle may hold a root both
// self-signed and cross-signed.
func (c *Chain) fetchIssuers(ctx context.Context, by fetcher, child *x509.Certificate, tried map[string]bool) (found []*x509.Certificate, from string) {
	if len(child.IssuingCertificateURL) == 0 {
		c.AIALog = append(c.AIALog, fmt.Sprintf("%q does not say where its issuer's certificate is", displayName(child.Subject.CommonName, child.Subject.String())))
	}
	for _, address := range child.IssuingCertificateURL {
		if tried[address] || len(tried) > 2*maxAIAHops {
			continue
		}
		tried[address] = true
		if by.aia == "off" {
			c.AIALog = append(c.AIALog, "its address "+wire.Bound(address)+" was not asked, since that is switched off")
			continue
		}
		if strings.HasPrefix(strings.ToLower(address), "ldap:") {
			c.AIALog = append(c.AIALog, "its address "+wire.Bound(address)+" is in a directory, so it is a Windows domain's own authority")
			continue
		}
		body, err := by.fetch(ctx, address)
		if err != nil {
			c.AIALog = append(c.AIALog, fmt.Sprintf("%s did not give it: %v", wire.Bound(address), err))
			continue
		}
		for _, candidate := range certificatesIn(body) {
			if bytes.Equal(candidate.RawSubject, child.RawIssuer) && signed(child, candidate) {
				found = append(found, candidate)
			}
		}
		if len(found) > 0 {
			return found, address
		}
		c.AIALog = append(c.AIALog, "what "+wire.Bound(address)+" serves is not the issuer")
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
	if certs := inRow(der); len(certs) > 0 {
		return certs
	}
	return fromPKCS7(der)
}

// inRow reads certificates in a row. One that cannot be read keeps no other from being read.
func inRow(der []byte) (certs []*x509.Certificate) {
	for rest := cryptobyte.String(der); !rest.Empty(); {
		var one cryptobyte.String
		if !rest.ReadASN1Element(&one, asn1.SEQUENCE) {
			break
		}
		if c, err := x509.ParseCertificate(one); err == nil {
			certs = append(certs, c)
		}
	}
	return certs
}
