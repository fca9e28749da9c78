package trust

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
)

// strength is stricter than crypto/x509, which still takes RSA with 1024 bits and does not look below: tls.md §3.7.
func (t *HostProbes) strength() *probes.Requirement[Chain] {
	return &probes.Requirement[Chain]{
		ID:     "trust.strength",
		Level:  probes.Must,
		Says:   "The path's keys and signatures are strong enough to be accepted.",
		Source: impliedSource(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Have the certificate issued again with an RSA key of at least 2048 bits or an ECDSA P-256 key, signed with SHA-256.",
			Where: "the certificate authority's order form, then the web server or load balancer",
		},
		Causes: []probes.Cause{probes.WeakKey, probes.WeakSignature},
		Given:  t.chainProbe,
		Host:   t.Where,
		Judge:  behindPortal(judgeStrength),
	}
}

// judgeStrength looks at the path; the signature on a root is nobody's proof and does not count.
func judgeStrength(c Chain) probes.Verdict {
	if c.leaf() == nil {
		return probes.CannotTell(probes.NotObserved, "the server's certificate cannot be read, so neither can its key")
	}
	path := c.pathOrLeaf()
	var flaws []flaw
	for i := range path {
		x := path[i].x509()
		if x == nil {
			continue
		}
		if weakKey(x) {
			flaws = append(flaws, flaw{probes.WeakKey, fmt.Sprintf("%q has the key %s", path[i].Subject, path[i].Key)})
		}
		if weakSignature(x) && !selfIssued(x) {
			flaws = append(flaws, flaw{probes.WeakSignature, fmt.Sprintf("%q is signed with %s", path[i].Subject, x.SignatureAlgorithm)})
		}
	}
	return c.withNodes(verdictOf(path, flaws, fmt.Sprintf("%s, signed with %s", path[0].Key, signatureName(c.leaf()))))
}
