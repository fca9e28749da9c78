package trust

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
)

// Most that is accepted of a chain: Java reads no more than ten certificates and 32 KiB, and follows no more than five
// intermediates (tls.md §4).
const (
	mostCerts   = 10
	mostBytes   = 32 << 10
	mostBetween = 5
)

// chain is the guide's own sentence, "Fully Chained SSL Certificate": that a client which fetches nothing gets from the
// server's certificate to a root that it trusts. Windows, macOS and Chrome fetch what is missing, so that nobody sees it
// in a browser: tls.md §2.
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

// judgeChain judges the path alone. Dates, the host's name and the strength of keys are requirements of their own, so an
// expired certificate without its intermediate fails twice, with a cause each. What clients make of the list as such, its
// length and whether it can be read, comes before the path. A path that ends in a root of --ca-file passes, and says so.
func judgeChain(c Chained) probes.Verdict {
	switch {
	case len(c.Sent) == 0 && c.Broken == "":
		return probes.Fail(probes.BadCertificate, "the server sent no certificate")
	case c.tooLong():
		return probes.Fail(probes.ChainTooLong, fmt.Sprintf("the server sent %s, %d bytes; Java and others read at most %d certificates and %d bytes", counted(len(c.Sent)), c.Bytes, mostCerts, mostBytes)).
			With(c.fix("Serve only the certificates between the server's own and the root."))
	case c.between() > mostBetween:
		return probes.Fail(probes.ChainTooLong, fmt.Sprintf("%d intermediates lie between the server's certificate and the root; Java and others follow at most %d: %s", c.between(), mostBetween, c.pathWords())).
			With(c.fix("Have the certificate issued by an authority that is nearer to its root."))
	case c.Broken != "":
		return probes.Fail(c.Cause, c.Broken).With(c.remedy())
	case c.leaf() == nil:
		return probes.Fail(probes.BadCertificate, "the server's own certificate cannot be read: "+c.Sent[c.Own].Error)
	case c.Builds && c.Private != "":
		return probes.Pass(fmt.Sprintf("%s; the root %q came with --ca-file, and a public integration lacks it", c.pathWords(), c.Private))
	case c.Builds:
		return probes.Pass(c.pathWords())
	}
	return probes.Fail(c.Cause, c.why()).With(c.remedy())
}

// between is how many authorities stand between the server's own certificate and the root of a path that builds.
func (c Chained) between() int {
	if !c.Builds {
		return 0
	}
	return len(c.Path) - 2
}

// tooLong tells whether clients give up on the list for its length.
func (c Chained) tooLong() bool { return len(c.Sent) > mostCerts || c.Bytes > mostBytes }
