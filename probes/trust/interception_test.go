package trust_test

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestSomethingOnTheWay tells a private root that a product on the way may have made from a server's own: on an instance
// that Halo hosts it is unknown whatever the root is called, and nobody is told to serve another certificate there.
func TestSomethingOnTheWay(t *testing.T) {
	const anew = "may have replaced"
	for _, c := range []struct {
		fault   string
		hosting probes.Hosting
		status  probes.Status
		cause   probes.Cause
		says    string
		who     probes.Actor
	}{
		{"tls-inspection", probes.OnPremise, probes.Failed, probes.UntrustedRoot, "Zscaler inspects TLS on the way and " + anew, probes.Operator},
		{"tls-inspection", probes.Hosted, probes.Unknown, probes.UntrustedRoot, "Zscaler inspects TLS on the way and " + anew, probes.Operator},
		{"untrusted-root", probes.Hosted, probes.Unknown, probes.UntrustedRoot, "Halo uses public certificates, so something on the way " + anew, probes.Operator},
		{"unknown-issuer", probes.Hosted, probes.Unknown, probes.UnknownIssuer, anew, probes.Operator},
		{"self-signed", probes.Hosted, probes.Unknown, probes.SelfSigned, anew, probes.Operator},
		{"untrusted-root", probes.OnPremise, probes.Failed, probes.UntrustedRoot, "which is not publicly trusted", probes.NetworkAdmin},
		{"missing-intermediate", probes.Hosted, probes.Failed, probes.MissingIntermediate, "missing at position 2", probes.HaloAdmin},
	} {
		s := serve(t, c.fault).session(t, "private")
		s.Target.Hosting = c.hosting
		f := look(t, s, plenty)["trust.chain"]
		if f.Status != c.status || f.Cause != c.cause || !strings.Contains(f.Because, c.says) || f.Remedy == nil || f.Remedy.Who != c.who {
			t.Errorf("%s, %s: %s %s: %s; %+v", c.fault, c.hosting, f.Status, f.Cause, f.Because, f.Remedy)
		}
		if c.who == probes.Operator && strings.Contains(f.Remedy.Do, "public authority") {
			t.Errorf("%s, %s: %s", c.fault, c.hosting, f.Remedy.Do)
		}
	}
}
