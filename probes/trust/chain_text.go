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
		titles = append(titles, fmt.Sprintf("%q", cert.Subject))
	}
	return "the chain is " + strings.Join(titles, ", issued by ")
}

// sentWords is what was sent in words.
func (c Chain) sentWords() string {
	if len(c.Sent) == 1 {
		return fmt.Sprintf("the server sent only its own certificate, %q", c.Sent[c.LeafIndex].Subject)
	}
	return "the server sent " + certificateCount(len(c.Sent))
}

// certificateCount is a number of certificates in words.
func certificateCount(n int) string {
	if n == 1 {
		return "1 certificate"
	}
	return fmt.Sprintf("%d certificates", n)
}

// explain says what was seen of a path that does not build: which certificates, by name and address. Key identifiers and
// digests are in the evidence. Positions count from 1, as openssl's depth does from 0.
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
			missing = append(missing, fmt.Sprintf("missing at position %d: %q (%s)", c.ErrorDepth+2+i, m.Subject, m.From))
		}
		return c.sentWords() + "; " + strings.Join(missing, "; ")
	case probes.UnknownIssuer:
		if r := c.retired(); r != nil {
			return fmt.Sprintf("the chain leads to %s%s", r.what, c.aiaWords())
		}
		return fmt.Sprintf("%s; %q, the issuer of %q, is not known: its certificate is missing, or it is a private authority%s", c.sentWords(), last.Issuer, last.Subject, c.aiaWords())
	case probes.UntrustedRoot:
		if r := c.retired(); r != nil {
			return fmt.Sprintf("the chain leads to %s", r.what)
		}
		if c.partlyTrusted() {
			return fmt.Sprintf("the chain ends in %q, a public root that clients trust for older certificates only", c.topSubject())
		}
		return fmt.Sprintf("the chain ends in %q, which is not publicly trusted", c.topSubject())
	case probes.SelfSigned:
		return fmt.Sprintf("%q signed itself; no authority stands behind it", last.Subject)
	case probes.WrongIntermediate:
		if taken, holds, ok := c.editions(); ok {
			return c.editionsWords(taken, holds)
		}
		told := fmt.Sprintf("the server sends another certificate named %q than the one that issued %q", by.Subject, last.Subject)
		if len(c.Missing) > 0 {
			told += "; the right one: " + c.Missing[0].From
		}
		return told
	case probes.BadSignature:
		if c.uncheckable() {
			return fmt.Sprintf("%q signed %q in a way that clients cannot check", by.Subject, last.Subject)
		}
		return fmt.Sprintf("%q names the issuer %q, but that one did not sign it", last.Subject, by.Subject)
	case probes.BadCertificate:
		return fmt.Sprintf("the dates of %q are written in a form that OpenSSL refuses: without seconds, or with an offset from UTC", last.Subject)
	case probes.IntermediateNotCA:
		return fmt.Sprintf("%q issued a certificate without being an authority", orElse(by.Subject, last.Issuer))
	case probes.NameEncoding:
		return fmt.Sprintf("%q spells its issuer's name in another encoding than the issuer itself, %q", last.Subject, by.Subject)
	case probes.AKIMismatch:
		if x, issuer := last.x509(), by.x509(); last.IssuerKey == by.KeyID && x != nil && issuer != nil && issuerSerial(x) != nil {
			return fmt.Sprintf("%q names another certificate of %q, with the serial number %X, than the one in the chain, with %X; OpenSSL refuses that", last.Subject, by.Subject, issuerSerial(x), issuer.SerialNumber)
		}
		return fmt.Sprintf("%q names another key of its issuer than the one that %q has; OpenSSL refuses that", last.Subject, by.Subject)
	case probes.NameConstraints:
		return fmt.Sprintf("an issuer in the chain may not issue for %s; %s", quote(names(c.leaf())), c.pathWords())
	case probes.PathLength:
		return "an issuer in the chain allows fewer issuers below it; " + c.pathWords()
	case probes.EKUMissing:
		return fmt.Sprintf("the purposes of %q leave out servers (serverAuth)", c.Sent[c.LeafIndex].Subject)
	case probes.IntermediateEKU:
		return "an issuer in the chain may not issue certificates for servers; " + c.pathWords()
	case probes.UnknownCriticalExtension:
		return "a certificate in the chain has a critical extension that clients do not know; " + c.pathWords()
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

// orElse is s, or other where s is empty.
func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
