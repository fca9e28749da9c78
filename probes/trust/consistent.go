package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// consistent looks past the first handshake: nodes behind one name, the addresses of the name, versions of TLS and kinds
// of key have a certificate file each, and one of them is forgotten at a renewal: tls.md §6.
func (t *Site) consistent() *probes.Requirement[Looks] {
	return &probes.Requirement[Looks]{
		ID:     "trust.consistent",
		Level:  probes.Must,
		Says:   "Every address, node, TLS version and key type serves a complete chain.",
		Source: implied(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve the full chain everywhere: on every node behind the name, and for every certificate that the server holds (RSA and ECDSA have a chain each).",
			Where: "each node and listener that ends TLS",
		},
		Causes: []probes.Cause{probes.InconsistentChain},
		Given:  t.deeper,
		Host:   t.Where,
		Judge:  judgeLooks,
	}
}

// judgeLooks fails on a single look that got a chain which does not build, and names how it was looked. A way in which the
// server does not shake hands at all, such as with an RSA key, is no fault.
func judgeLooks(l Looks) probes.Verdict {
	var good, bad []string
	for _, s := range l.Looks {
		switch {
		case s.Refused != "":
		case s.Builds:
			good = append(good, s.How)
		default:
			bad = append(bad, fmt.Sprintf("%s (%d sent, %s)", s.How, s.Sent, s.Cause))
		}
	}
	switch {
	case len(bad) > 0:
		return probes.Fail(probes.InconsistentChain, fmt.Sprintf("%d of %d further handshakes got a chain that does not build: %s", len(bad), len(bad)+len(good), strings.Join(slices.Compact(bad), "; ")))
	case len(good) == 0:
		return probes.CannotTell(probes.NotObserved, "no further handshake completed")
	}
	return probes.Pass(fmt.Sprintf("%d further handshakes got a complete chain (%s)", len(good), strings.Join(slices.Compact(good), "; ")))
}
