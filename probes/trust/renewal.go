package trust

import (
	"fmt"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// renewalWindow is the longest time before its end at which a certificate counts as near it. Short-lived ones have a third of
// their lifetime: tls.md §5.
const renewalWindow = 30 * 24 * time.Hour

// renewal is told as a should: nothing is wrong yet. An intermediate that ends before the leaf counts as well, since its
// end is nobody's calendar entry.
func (t *HostProbes) renewal() *probes.Requirement[Chain] {
	return &probes.Requirement[Chain]{
		ID:     "trust.renewal",
		Level:  probes.Should,
		Says:   "No certificate of the path ends soon.",
		Source: probes.Source{Section: "not in the guide: the connection breaks on that day"},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Renew the certificate before it ends, and bind the new one.",
			Where: "IIS Manager > Bindings > https, or the certificate file and a reload",
		},
		Causes: []probes.Cause{probes.NearExpiry, probes.NearExpiryIntermediate},
		Given:  t.datesProbe,
		Host:   t.Where,
		Judge:  judgeRenewal,
	}
}

// judgeRenewal tells of what ends soon by this machine's clock.
func judgeRenewal(c Chain) probes.Verdict {
	if c.leaf() == nil {
		return probes.CannotTell(probes.NotObserved, "the server's certificate cannot be read, so neither can its dates")
	}
	left := c.pathOrLeaf()[0].NotAfter.Sub(c.Now)
	if left <= 0 {
		return c.byClocks(Chain.endsSoon, "the certificate has ended already, which trust.in-date tells")
	}
	return c.byClocks(Chain.endsSoon, formatDuration(left)+" left")
}

// endsSoon are the certificates of the path that end soon.
func (c Chain) endsSoon() (flaws []flaw) {
	for i, cert := range c.pathOrLeaf() {
		left := cert.NotAfter.Sub(c.Now)
		if left <= 0 || left > min(renewalWindow, cert.NotAfter.Sub(cert.NotBefore)/3) {
			continue // what has ended already is trust.in-date's matter
		}
		cause := probes.NearExpiryIntermediate
		if i == 0 {
			cause = probes.NearExpiry
		}
		flaws = append(flaws, flaw{cause, fmt.Sprintf("%q ends on %s, in %s", cert.Subject, formatTime(cert.NotAfter), formatDuration(left))})
	}
	return flaws
}
