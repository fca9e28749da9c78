package trust

import (
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// pathWords is the path in words.
func (c Chain) pathWords() string {
	var titles []string
	for _, cert := range c.Path {
		titles = append(titles, cert.Subject)
	}
	return "the path is " + strings.Join(titles, " < ")
}

// sentWords is what was sent in words.
func (c Chain) sentWords() string {
	leaf := c.Sent[c.LeafIndex]
	return fmt.Sprintf("the server sent %s: %q, issued by %q", certificateCount(len(c.Sent)), leaf.Subject, leaf.Issuer)
}

// certificateCount is a number of certificates in words.
func certificateCount(n int) string {
	if n == 1 {
		return "1 certificate"
	}
	return fmt.Sprintf("%d certificates", n)
}

// explain says what was seen of a path that does not build: which certificates, by names and key identifiers, so that they can
// be found in a store. Positions count from 1, as openssl's depth does from 0.
func (c Chain) explain() string {
	last := c.pathOrLeaf()[min(c.ErrorDepth, len(c.pathOrLeaf())-1)]
	by := Cert{}
	if c.RejectedIssuer != nil {
		by = *c.RejectedIssuer
	}
	switch c.Cause {
	case probes.MissingIntermediate:
		var missing []string
		for i, m := range c.Missing {
			missing = append(missing, fmt.Sprintf("missing at position %d: %q, which %s", c.ErrorDepth+2+i, m.Subject, m.whereFound()))
		}
		return c.sentWords() + "; " + strings.Join(missing, "; ")
	case probes.UnknownIssuer:
		if r := c.retired(); r != nil {
			return fmt.Sprintf("%s; the path leads to %s%s", c.sentWords(), r.what, c.aiaWords())
		}
		return fmt.Sprintf("%s; no certificate of the issuer %q (key id %s) was sent and none is known, so it is either missing from the chain or a private authority%s", c.sentWords(), last.Issuer, orNone(last.IssuerKey), c.aiaWords())
	case probes.UntrustedRoot:
		if r := c.retired(); r != nil {
			return fmt.Sprintf("%s; the path leads to %s", c.sentWords(), r.what)
		}
		if c.partlyTrusted() {
			return fmt.Sprintf("%s; the path ends in %q, a public root that the stores trust for older certificates only", c.sentWords(), c.topSubject())
		}
		return fmt.Sprintf("%s; the path ends in %q, a root that is not publicly trusted", c.sentWords(), c.topSubject())
	case probes.SelfSigned:
		return fmt.Sprintf("the certificate %q certifies itself; no authority stands behind it", last.Subject)
	case probes.WrongIntermediate:
		told := fmt.Sprintf("a certificate of %q was sent, but %q was issued by another key of that name (wanted key id %s, sent %s)", by.Subject, last.Subject, orNone(last.IssuerKey), orNone(by.KeyID))
		if len(c.Missing) > 0 {
			told += "; the right one " + c.Missing[0].whereFound()
		}
		return told
	case probes.BadSignature:
		if c.uncheckable() {
			return fmt.Sprintf("the signature on %q, which names the issuer %q, is of a kind that clients cannot check", last.Subject, by.Subject)
		}
		return fmt.Sprintf("the signature on %q was not made by %q, whose name and key id it carries", last.Subject, by.Subject)
	case probes.IntermediateNotCA:
		return fmt.Sprintf("%q certifies another certificate without being an authority", orElse(by.Subject, last.Issuer))
	case probes.NameEncoding:
		return fmt.Sprintf("%q names its issuer in another encoding than the issuer %q names itself", last.Subject, by.Subject)
	case probes.AKIMismatch:
		return fmt.Sprintf("%q asks for the issuer key %s, but %q has the key %s; OpenSSL refuses that", last.Subject, last.IssuerKey, by.Subject, by.KeyID)
	case probes.NameConstraints:
		return fmt.Sprintf("an authority in the path may not certify names such as %s; %s", quote(names(c.leaf())), c.pathWords())
	case probes.PathLength:
		return "an authority in the path allows fewer authorities below it; " + c.pathWords()
	case probes.EKUMissing:
		return fmt.Sprintf("the certificate %q is not for servers (no serverAuth among its purposes)", c.Sent[c.LeafIndex].Subject)
	case probes.IntermediateEKU:
		return "an authority in the path may not certify servers; " + c.pathWords()
	case probes.UnknownCriticalExtension:
		return "a certificate in the path has a critical extension that clients do not know; " + c.pathWords()
	}
	return c.sentWords()
}

// uncheckable tells whether what is wrong with the signature is its kind.
func (c Chain) uncheckable() bool {
	last := c.pathOrLeaf()[min(c.ErrorDepth, len(c.pathOrLeaf())-1)]
	child, by := last.x509(), (*x509.Certificate)(nil)
	if c.RejectedIssuer != nil {
		by = c.RejectedIssuer.x509()
	}
	return child != nil && by != nil && uncheckable(child, by)
}

// whereFound is how to recognise a certificate that was not sent, and where it was found.
func (c Cert) whereFound() string {
	return fmt.Sprintf("has the key id %s and the SHA-256 %s, from %s", orNone(c.KeyID), c.SHA256, c.From)
}

// aiaWords is what became of the attempts to fetch an issuer.
func (c Chain) aiaWords() string {
	if len(c.AIALog) == 0 {
		return ""
	}
	return "; " + strings.Join(c.AIALog, "; ")
}

// topSubject is the last certificate of the path, fetched ones included.
func (c Chain) topSubject() string {
	if n := len(c.Missing); n > 0 {
		return c.Missing[n-1].Subject
	}
	return c.pathOrLeaf()[len(c.pathOrLeaf())-1].Subject
}

// orNone is for key identifiers, which a certificate need not have.
func orNone(s string) string { return orElse(s, "none") }

// orElse is s, or other where s is empty.
func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
