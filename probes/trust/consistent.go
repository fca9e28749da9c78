package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// consistent judges what the first handshake does not show: nodes behind one name, the addresses of the name, versions of TLS and kinds
// of key have a certificate file each, and one of them is forgotten at a renewal: tls.md §6.
func (t *HostProbes) consistent() *probes.Requirement[Handshakes] {
	return &probes.Requirement[Handshakes]{
		ID:     "trust.consistent",
		Level:  probes.Must,
		Says:   "Every address, node, TLS version and key type serves a complete chain.",
		Source: impliedSource(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve the full chain on every node behind the name, for the RSA and the ECDSA certificate alike.",
			Where: "each node and listener that ends TLS",
		},
		Causes: []probes.Cause{probes.InconsistentChain},
		Given:  t.consistencyProbe,
		Host:   t.Where,
		Judge:  judgeConsistency,
	}
}

// judgeConsistency fails on a single attempt whose chain does not build, or an ordinary handshake that did not complete, and
// names the variant. A variant that the server does not support at all, such as an RSA key, is no fault. As in trust.handshake, a reset may come from anything on the way, and silence counts after a wait of one second.
func judgeConsistency(l Handshakes) probes.Verdict {
	var good, bad, unclear, late []string
	var cause probes.Cause
	atOnce := slices.ContainsFunc(l.Attempts, func(s Attempt) bool { return s.Builds && s.Broke == "" })
	for _, s := range l.Attempts {
		switch {
		case s.Refused != "":
		case s.Builds && s.Broke == probes.TLSAlert && atOnce: // where all are refused at first, it is the hello
			bad = append(bad, fmt.Sprintf("%s (%s on a first try)", s.Variant, s.Broke))
		case s.Builds:
			if good = append(good, s.Variant); s.Broke != "" && s.Broke != probes.TLSAlert {
				late = append(late, fmt.Sprintf("%s (%s)", s.Variant, s.Broke))
			}
		case s.Cause == probes.ConnectionReset, s.Cause == probes.Timeout && s.MS < float64(minSilence.Milliseconds()):
			unclear, cause = append(unclear, fmt.Sprintf("%s (%s)", s.Variant, s.Detail)), s.Cause
		case s.Detail != "":
			bad = append(bad, fmt.Sprintf("%s: %s", s.Variant, s.Detail))
		default:
			bad = append(bad, fmt.Sprintf("%s: %s sent, %s", s.Variant, certificateCount(s.Sent), strings.ReplaceAll(string(s.Cause), "_", " ")))
		}
	}
	count := len(good) + len(bad) + len(unclear)
	switch {
	case len(bad) > 0 && len(good)+len(unclear) == 0 && allSilent(l.Attempts): // the first connection was answered
		return probes.CannotTell(probes.Timeout, fmt.Sprintf("none of %d further connections was answered in time: the server, or something on the way, takes no more of them at once", len(bad)))
	case len(bad) > 0:
		told := fmt.Sprintf("%d of %d connections failed or got no complete chain: one node or listener is set up differently", len(bad), count)
		return probes.Fail(probes.InconsistentChain, probes.Listed(told+" (", bad, ")"))
	case len(unclear) > 0:
		told := fmt.Sprintf("%d of %d further connections broke, twice: ", len(unclear), count)
		return probes.CannotTell(cause, probes.Listed(told, unclear, ""))
	case len(good) == 0:
		return probes.CannotTell(probes.NotObserved, "no further connection was completed")
	}
	told := fmt.Sprintf("%d further connections got a complete chain", len(good))
	if len(late) > 0 {
		told += fmt.Sprintf(", %d of them only on a second try: ", len(late))
		return probes.Pass(probes.Listed(told, late, ""), good)
	}
	return probes.Pass(probes.Listed(told+" (", good, ")"), good)
}

// allSilent tells whether every attempt that was not refused ended for want of an answer.
func allSilent(attempts []Attempt) bool {
	return !slices.ContainsFunc(attempts, func(s Attempt) bool { return s.Refused == "" && s.Cause != probes.Timeout })
}
