package trust

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Most that is accepted of a chain: Java reads no more than ten certificates and 32 KiB, and follows no more than five
// intermediates (tls.md §4).
const (
	maxCerts         = 10
	maxChainBytes    = 32 << 10
	maxIntermediates = 5
)

// chain is the guide's own sentence, "Fully Chained SSL Certificate": that a client which fetches nothing gets from the
// server's certificate to a root that it trusts. Windows, macOS and Chrome fetch what is missing, so that nobody sees it
// in a browser: tls.md §2.
func (t *HostProbes) chain() *probes.Requirement[Chain] {
	return &probes.Requirement[Chain]{
		ID:     "trust.chain",
		Level:  probes.Must,
		Says:   "The server sends every certificate between its own and a trusted root.",
		Source: guideSource(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve the full chain: the server's certificate first, then each issuer's, without the root.",
			Where: "on Windows, certlm.msc > Intermediate Certification Authorities, then bind the certificate again in IIS Manager; elsewhere the certificate file",
		},
		Causes: []probes.Cause{
			probes.MissingIntermediate, probes.WrongIntermediate, probes.LeafNotFirst, probes.UnknownIssuer, probes.UntrustedRoot,
			probes.SelfSigned, probes.NameConstraints, probes.NameEncoding, probes.IntermediateNotCA, probes.IntermediateEKU,
			probes.EKUMissing, probes.PathLength, probes.UnknownCriticalExtension, probes.BadSignature, probes.BadCertificate,
			probes.AKIMismatch, probes.ChainTooLong,
		},
		Given: t.chainProbe,
		Host:  t.Where,
		Judge: behindPortal(judgeChain),
	}
}

// judgeChain judges the path alone. Dates, the host's name and the strength of keys are requirements of their own, so an
// expired certificate without its intermediate fails twice, with a cause each. What clients make of the list as such, its
// length and whether it can be read, comes before the path. A path that ends in a root of --ca-file passes, and says so.
func judgeChain(c Chain) probes.Verdict {
	switch {
	case len(c.Sent) == 0 && c.ListError == "":
		return probes.Fail(probes.BadCertificate, "the server sent no certificate")
	case c.tooLong():
		return probes.Fail(probes.ChainTooLong, fmt.Sprintf("the server sent %s, %d bytes; Java and others read at most %d certificates and %d bytes", certificateCount(len(c.Sent)), c.Bytes, maxCerts, maxChainBytes)).
			With(c.fixRemedy("Serve only the certificates between the server's own and the root."))
	case c.intermediates() > maxIntermediates:
		return probes.Fail(probes.ChainTooLong, fmt.Sprintf("%d intermediates lie between the server's certificate and the root; Java and others follow at most %d: %s", c.intermediates(), maxIntermediates, c.pathWords())).
			With(c.fixRemedy("Have the certificate issued by an authority that is nearer to its root."))
	case c.ListError != "" && c.isReadElsewhere():
		return probes.CannotTell(probes.NotObserved, c.ListError+"; other clients accept that, so whether the chain is complete cannot be seen from here").
			With(probes.Remedy{Who: probes.Operator, Do: "Check the chain with OpenSSL, which reads more." + ProofMark + c.proofCommand()})
	case strings.Contains(c.ListError, "incorrectly marked critical"): // for crypto/x509 the list is malformed, for others the extension is unknown
		return probes.Fail(probes.UnknownCriticalExtension, c.ListError).With(c.fixWithNewCertificate("Have the certificate issued again without that mark, and serve it with the intermediates that come with it."))
	case c.ListError != "":
		return probes.Fail(c.Cause, c.ListError).With(c.remedy())
	case c.leaf() == nil:
		return probes.Fail(probes.BadCertificate, "the server's own certificate cannot be read: "+c.Sent[c.LeafIndex].Error)
	case c.Builds:
		told := c.pathWords()
		if c.PrivateRoot != "" {
			told += fmt.Sprintf("; the root %q is one of the further roots that this check was given, and a public integration lacks it", c.PrivateRoot)
		}
		if c.BesideRSA {
			told += "; it is that of the ECDSA certificate, which most clients ask for first, and the RSA certificate's does not hold"
		}
		return probes.Pass(told, c.Sent)
	}
	if c.Cause == probes.NotObserved && c.RejectedIssuer != nil {
		return c.judgeForeignSignature()
	}
	if c.Cause == probes.NotObserved {
		return probes.CannotTell(c.Cause, "an authority in the chain demands a certificate policy that the certificate does not have; Java refuses that, and OpenSSL, curl and Node do not look at it; "+c.pathWords()).
			With(c.fixWithNewCertificate("Have the certificate issued again with the policy that its authority demands, and serve it with the intermediates that come with it."))
	}
	if v, ok := c.intercepted(); ok {
		return v
	}
	return probes.Fail(c.Cause, c.explain()+c.nodes()).With(c.remedy())
}

// isReadElsewhere tells whether every certificate that this program cannot read is one that ordinary clients can.
func (c Chain) isReadElsewhere() bool {
	known := false
	for _, cert := range c.Sent {
		if cert.Error == "" {
			continue
		}
		if known = true; !cert.isReadElsewhere(cert.Error) {
			return false
		}
	}
	return known || Cert{}.isReadElsewhere(c.ListError)
}

// intermediates is how many authorities stand between the server's own certificate and the root of a path that builds.
func (c Chain) intermediates() int {
	if !c.Builds {
		return 0
	}
	return len(c.Path) - 2
}

// tooLong tells whether clients give up on the list for its length.
func (c Chain) tooLong() bool { return len(c.Sent) > maxCerts || c.Bytes > maxChainBytes }
