package trust

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
)

// tidy is a should, because TLS 1.3 has clients cope with extra certificates and any order; some clients of TLS 1.2 do not:
// tls.md §1.
func (t *HostProbes) tidy() *probes.Requirement[Hygiene] {
	return &probes.Requirement[Hygiene]{
		ID:     "trust.tidy",
		Level:  probes.Should,
		Says:   "The server sends the chain in order, and nothing else.",
		Source: probes.Source{Section: "not in the guide: strict clients stumble over it"},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve the server's certificate, then each issuer once and in order, without the root.",
			Where: "the certificate file or the chain object",
		},
		Causes: []probes.Cause{
			probes.ExtraCerts, probes.DuplicateCert, probes.WrongOrder, probes.ContainsAnchor, probes.ExpiredExtra,
			probes.ValidityTooLong, probes.LeafIsCA, probes.MustStaple, probes.KeyUsage, probes.WeakCipher, probes.LegacyTLS,
		},
		Given: t.hygieneProbe,
		Host:  t.Where,
		Judge: judgeTidy,
	}
}

// judgeTidy tells everything that it finds; the cause and the remedy are those of the first: the list, then the leaf, then
// the cipher suite and old versions.
func judgeTidy(n Hygiene) probes.Verdict {
	c := n.Chain
	leaf := c.leaf()
	if leaf == nil || len(c.Path) == 0 {
		return probes.CannotTell(probes.NotObserved, "there is no path to compare with")
	}
	flaws := append(sentListFlaws(c), leafFlaws(c, leaf)...)
	if isWeakSuite(n.Suite) {
		flaws = append(flaws, flaw{probes.WeakCipher, "the server offers nothing better than the old cipher suite " + n.Suite + "; some clients refuse it"})
	}
	if n.LegacyVersion != "" {
		flaws = append(flaws, flaw{probes.LegacyTLS, "the server still accepts " + n.LegacyVersion + ", which scanners object to and nobody needs"})
	}
	v := verdictOf(c.Sent, flaws, fmt.Sprintf("%d sent, in order", len(c.Sent)))
	if r, ok := tidyRemedies[v.Cause]; ok {
		return v.With(r)
	}
	return v
}

// tidyRemedies are those that differ from the requirement's own, which is about the list.
var tidyRemedies = map[probes.Cause]probes.Remedy{
	probes.ContainsAnchor: {
		Who:   probes.NetworkAdmin,
		Do:    "Take the root out of what the server sends; keep its own certificate and the intermediates.",
		Where: chainFile,
	},
	probes.WrongOrder: {
		Who:   probes.NetworkAdmin,
		Do:    "Put the certificates in order: the server's own first, then each one's issuer behind it.",
		Where: chainFile,
	},
	probes.DuplicateCert: {
		Who:   probes.NetworkAdmin,
		Do:    "Take the second copy of the certificate out of what the server sends.",
		Where: chainFile,
	},
	probes.ExtraCerts: {
		Who:   probes.NetworkAdmin,
		Do:    "Take the certificate that nobody needs out of what the server sends.",
		Where: chainFile,
	},
	probes.ExpiredExtra: {
		Who:   probes.NetworkAdmin,
		Do:    "Take the expired certificate out of what the server sends.",
		Where: chainFile,
	},
	probes.ValidityTooLong: {
		Who:   probes.NetworkAdmin,
		Do:    "Have the certificate issued again with a lifetime that clients accept.",
		Where: "the certificate authority's order form, then the web server or load balancer",
	},
	probes.LeafIsCA: {
		Who:   probes.NetworkAdmin,
		Do:    "Have a server certificate issued, and serve it in place of the authority's own.",
		Where: "the certificate authority, by its template for web servers; then the web server or load balancer",
	},
	probes.MustStaple: {
		Who:   probes.NetworkAdmin,
		Do:    "Switch on OCSP stapling, or have the certificate issued again without the must-staple feature.",
		Where: "nginx: ssl_stapling on; Apache: SSLUseStapling on; HAProxy: ocsp-update on; Windows staples by itself where it reaches the responder; else the certificate authority's order form",
	},
	probes.KeyUsage: {
		Who:   probes.NetworkAdmin,
		Do:    "Have the certificate issued again with digitalSignature among its key usages.",
		Where: "the certificate authority, by its template for web servers",
	},
	probes.WeakCipher: {
		Who:   probes.NetworkAdmin,
		Do:    "Switch on the current cipher suites, ECDHE with AES-GCM. On Windows Server 2012 R2, use an ECDSA certificate with them.",
		Where: "Windows: group policy > SSL Configuration Settings > SSL Cipher Suite Order; nginx: ssl_ciphers; Apache: SSLCipherSuite; HAProxy: ssl-default-bind-ciphers; a load balancer: its TLS policy",
	},
	probes.LegacyTLS: {
		Who:   probes.NetworkAdmin,
		Do:    "Switch off TLS 1.0 and 1.1.",
		Where: "Windows: SCHANNEL registry keys, Protocols; nginx: ssl_protocols TLSv1.2 TLSv1.3; a load balancer: its TLS policy",
	},
}

// chainFile is where the list that a server sends is set.
const chainFile = "the certificate file or the chain object"
