package trust

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
)

// tidy is a should, because TLS 1.3 has clients cope with extra certificates and any order; some clients of TLS 1.2 do not:
// tls.md §1.
func (t *Site) tidy() *probes.Requirement[Hygiene] {
	return &probes.Requirement[Hygiene]{
		ID:     "trust.tidy",
		Level:  probes.Should,
		Says:   "The server sends the chain in order, and nothing else.",
		Source: probes.Source{Section: "not in the guide: strict clients stumble over it"},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve the server's certificate, then each issuer once and in order, without the root.",
			Where: "what ends TLS: the certificate file or the chain object",
		},
		Causes: []probes.Cause{
			probes.ExtraCerts, probes.DuplicateCert, probes.WrongOrder, probes.ContainsAnchor, probes.ExpiredExtra,
			probes.ValidityTooLong, probes.LeafIsCA, probes.MustStaple, probes.LegacyTLS,
		},
		Given: t.hygieneProbe,
		Host:  t.Where,
		Judge: judgeTidy,
	}
}

// judgeTidy tells everything that it finds; the cause is that of the first: the list, then the leaf, then old versions.
func judgeTidy(n Hygiene) probes.Verdict {
	c := n.Chain
	leaf := c.leaf()
	if leaf == nil || len(c.Path) == 0 {
		return probes.CannotTell(probes.NotObserved, "there is no path to compare with")
	}
	flaws := append(sentListFlaws(c), leafFlaws(c, leaf)...)
	if n.LegacyVersion != "" {
		flaws = append(flaws, flaw{probes.LegacyTLS, "the server still accepts " + n.LegacyVersion + ", which scanners object to and nobody needs"})
	}
	v := verdictOf(flaws, fmt.Sprintf("%d sent, in order", len(c.Sent)))
	if v.Cause == probes.LegacyTLS {
		return v.With(legacyRemedy)
	}
	return v
}
