package trust

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Most that is accepted of a chain: Java reads no more than ten certificates and 32 KiB (tls.md §4).
const (
	mostCerts = 10
	mostBytes = 32 << 10
)

func (t *Site) chain() *probes.Requirement[Chained] {
	return &probes.Requirement[Chained]{
		ID:     "trust.chain",
		Level:  probes.Must,
		Says:   "The server sends every certificate between its own and a trusted root.",
		Source: source(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve the full chain: the server's certificate first, then each issuer's, without the root.",
			Where: "what ends TLS: on Windows, certlm.msc > Intermediate Certification Authorities, then bind the certificate again in IIS Manager; elsewhere the certificate file",
		},
		Causes: []probes.Cause{
			probes.MissingIntermediate, probes.WrongIntermediate, probes.LeafNotFirst, probes.UnknownIssuer, probes.UntrustedRoot,
			probes.SelfSigned, probes.NameConstraints, probes.NameEncoding, probes.IntermediateNotCA, probes.IntermediateEKU,
			probes.EKUMissing, probes.PathLength, probes.UnknownCriticalExtension, probes.BadSignature, probes.BadCertificate,
			probes.AKIMismatch, probes.ChainTooLong,
		},
		Given: t.chained,
		Host:  t.Where,
		Judge: judgeChain,
	}
}

func judgeChain(c Chained) probes.Verdict {
	switch {
	case c.Broken != "":
		return probes.Fail(probes.BadCertificate, c.Broken)
	case len(c.Sent) == 0:
		return probes.Fail(probes.BadCertificate, "the server sent no certificate")
	case c.leaf() == nil:
		return probes.Fail(probes.BadCertificate, "the server's own certificate cannot be read: "+c.Sent[0].Error)
	case len(c.Sent) > mostCerts || c.Bytes > mostBytes:
		return probes.Fail(probes.ChainTooLong, fmt.Sprintf("the server sent %d certificates, %d bytes; Java and others read at most %d certificates and %d bytes", len(c.Sent), c.Bytes, mostCerts, mostBytes)).
			With(fix("Serve only the certificates between the server's own and the root.", ""))
	case c.Builds && c.Private != "":
		return probes.Pass(fmt.Sprintf("%s; the root %q came with --ca-file, and a public integration lacks it", c.pathWords(), c.Private))
	case c.Builds:
		return probes.Pass(c.pathWords())
	}
	return probes.Fail(c.Cause, c.why()).With(c.remedy())
}

// pathWords is the path in words.
func (c Chained) pathWords() string {
	var titles []string
	for _, cert := range c.Path {
		titles = append(titles, cert.Subject)
	}
	return "the path is " + strings.Join(titles, " < ")
}

// sentWords is what was sent in words.
func (c Chained) sentWords() string {
	count := "1 certificate"
	if len(c.Sent) != 1 {
		count = fmt.Sprintf("%d certificates", len(c.Sent))
	}
	leaf := c.Sent[0]
	return fmt.Sprintf("the server sent %s: %q, issued by %q", count, leaf.Subject, leaf.Issuer)
}

// why says what was seen of a path that does not build.
func (c Chained) why() string {
	last := c.Sent[0]
	if c.At < len(c.Path) {
		last = c.Path[c.At]
	}
	by := ""
	if c.By != nil {
		by = c.By.Subject
	}
	switch c.Cause {
	case probes.MissingIntermediate:
		var missing []string
		for i, m := range c.Missing {
			missing = append(missing, fmt.Sprintf("missing at position %d: %q (key id %s, SHA-256 %s, from %s)", c.At+2+i, m.Subject, m.KeyID, m.SHA256, m.From))
		}
		return c.sentWords() + "; " + strings.Join(missing, "; ")
	case probes.UnknownIssuer:
		return fmt.Sprintf("%s; no certificate of the issuer %q (key id %s) was sent and none is known, so it is either missing from the chain or a private authority%s", c.sentWords(), last.Issuer, orNone(last.IssuerKey), c.tried())
	case probes.UntrustedRoot:
		return fmt.Sprintf("%s; the path ends in %q, a root that is not publicly trusted", c.sentWords(), c.top())
	case probes.SelfSigned:
		return fmt.Sprintf("the certificate %q certifies itself; no authority stands behind it", last.Subject)
	case probes.WrongIntermediate:
		return fmt.Sprintf("a certificate of %q was sent, but %q was issued by another key of that name (wanted key id %s, sent %s)", by, last.Subject, orNone(last.IssuerKey), orNone(c.By.KeyID))
	case probes.BadSignature:
		return fmt.Sprintf("the signature on %q was not made by %q, whose name and key id it carries", last.Subject, by)
	case probes.IntermediateNotCA:
		return fmt.Sprintf("%q certifies another certificate without being an authority", orElse(by, last.Issuer))
	case probes.NameEncoding:
		return fmt.Sprintf("%q names its issuer in another encoding than the issuer %q names itself", last.Subject, by)
	case probes.LeafNotFirst:
		return fmt.Sprintf("the first certificate is the authority %q; the server's own stands behind it", c.Sent[0].Subject)
	case probes.AKIMismatch:
		return fmt.Sprintf("%q asks for the issuer key %s, but %q has the key %s; OpenSSL refuses that", last.Subject, last.IssuerKey, by, c.By.KeyID)
	case probes.NameConstraints:
		return fmt.Sprintf("an authority in the path may not certify names such as %s; %s", quote(names(c.leaf())), c.pathWords())
	case probes.PathLength:
		return "an authority in the path allows fewer authorities below it; " + c.pathWords()
	case probes.EKUMissing:
		return fmt.Sprintf("the certificate %q is not for servers (no serverAuth among its purposes)", c.Sent[0].Subject)
	case probes.IntermediateEKU:
		return "an authority in the path may not certify servers; " + c.pathWords()
	case probes.UnknownCriticalExtension:
		return "a certificate in the path has a critical extension that clients do not know; " + c.pathWords()
	}
	return c.sentWords()
}

// tried is what became of the attempts to fetch an issuer.
func (c Chained) tried() string {
	if len(c.AIA) == 0 {
		return ""
	}
	return "; " + strings.Join(c.AIA, "; ")
}

// top is the last certificate of the path, fetched ones included.
func (c Chained) top() string {
	if n := len(c.Missing); n > 0 {
		return c.Missing[n-1].Subject
	}
	return c.Path[len(c.Path)-1].Subject
}

func orNone(s string) string { return orElse(s, "none") }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// remedy says what to do about a path that does not build.
func (c Chained) remedy() probes.Remedy {
	switch c.Cause {
	case probes.MissingIntermediate:
		var titles []string
		for _, m := range c.Missing {
			titles = append(titles, fmt.Sprintf("%q", m.Subject))
		}
		return fix("Add the certificate of "+strings.Join(titles, " and of ")+" to what the server sends, behind its own.", c.proof())
	case probes.WrongIntermediate, probes.BadSignature, probes.AKIMismatch:
		return fix("Replace the intermediate by the one that issued the certificate; delete the old one from the store or the file.", c.proof())
	case probes.LeafNotFirst:
		return fix("Put the server's own certificate first in the chain.", c.proof())
	case probes.UntrustedRoot, probes.SelfSigned, probes.UnknownIssuer:
		return fix("Serve a certificate from a public authority, with its intermediates: the integration trusts no private one.", c.proof())
	}
	return fix("Have the certificate issued again by a public authority, and serve it with the intermediates that come with it.", c.proof())
}

// proof is the command that shows whether it worked.
func (c Chained) proof() string {
	return fmt.Sprintf("openssl s_client -connect %s:PORT -servername %s -showcerts -verify_return_error", c.Host, c.Host)
}

// fix is a remedy for whoever runs what ends TLS.
func fix(do, proof string) probes.Remedy {
	if proof != "" {
		do += " To prove it: " + proof
	}
	return probes.Remedy{
		Who: probes.NetworkAdmin, Do: do,
		Where: "Windows: certlm.msc > Intermediate Certification Authorities (Local Computer), then choose the certificate again in IIS Manager > Bindings; nginx: ssl_certificate; Apache: SSLCertificateFile; HAProxy: crt; a load balancer: its chain field",
	}
}
