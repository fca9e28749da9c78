package trust

import (
	"fmt"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// inDate is about the path only: the leaf, what stands between, and the root, at the session's clock.
func (t *HostProbes) inDate() *probes.Requirement[Chain] {
	return &probes.Requirement[Chain]{
		ID:     "trust.in-date",
		Level:  probes.Must,
		Says:   "Every certificate that the path needs is valid today.",
		Source: impliedSource(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Renew the certificate and bind the new one. If it was renewed already, bind that one and reload the service.",
			Where: "IIS Manager > Bindings > https, or the certificate file and a reload",
		},
		Causes: []probes.Cause{
			probes.Expired, probes.ExpiredIntermediate, probes.ExpiredRoot, probes.NotYetValid, probes.NotYetValidIntermediate,
		},
		Given: t.datesProbe,
		Host:  t.Where,
		Judge: behindPortal(judgeDates),
	}
}

// judgeDates looks at the path that was found. A sent certificate that no path needs is never called expired: tls.md §5.
func judgeDates(c Chain) probes.Verdict {
	if c.leaf() == nil {
		return probes.CannotTell(probes.NotObserved, "the server's certificate cannot be read, so neither can its dates")
	}
	path := c.pathOrLeaf()
	if c.Valid {
		return probes.Pass("valid until "+formatTime(path[0].NotAfter)+c.clockNote(), path)
	}
	v := c.withNodes(c.byClocks(Chain.dateFlaws, "valid until "+formatTime(path[0].NotAfter)))
	if v.Status != probes.Failed {
		return v
	}
	switch v.Cause {
	case probes.ExpiredIntermediate:
		for _, r := range c.Renewed {
			v.Because += fmt.Sprintf("; a later edition of %q is at %s", r.Subject, r.From)
		}
		return v.With(c.renewRemedy())
	case probes.ExpiredRoot:
		return v.With(c.fixRemedy("Have the certificate issued again by an authority whose root has not ended, and serve it with the intermediates that come with it."))
	case probes.NotYetValid, probes.NotYetValidIntermediate:
		return v.With(c.fixRemedy("Serve the old certificate until that day; if it is past, set the clock of this machine."))
	}
	return v
}

// dateFlaws are the certificates of the path that are not in date.
func (c Chain) dateFlaws() (flaws []flaw) {
	path := c.pathOrLeaf()
	for i, cert := range path {
		if cause, seen := dateOf(c, cert, i, i == len(path)-1 && c.topIsRoot()); cause != "" {
			flaws = append(flaws, flaw{cause, seen})
		}
	}
	return flaws
}

// dateOf tells what is wrong with the dates of the certificate at position i of the path, if anything.
func dateOf(c Chain, cert Cert, i int, root bool) (cause probes.Cause, told string) {
	switch {
	case c.Now.After(cert.NotAfter):
		cause = probes.ExpiredIntermediate
		if i == 0 {
			cause = probes.Expired
		} else if root {
			cause = probes.ExpiredRoot
		}
		return cause, fmt.Sprintf("%q ended on %s, %s ago", cert.Subject, formatTime(cert.NotAfter), formatDuration(c.Now.Sub(cert.NotAfter)))
	case c.Now.Before(cert.NotBefore):
		cause = probes.NotYetValidIntermediate
		if i == 0 {
			cause = probes.NotYetValid
		}
		return cause, fmt.Sprintf("%q starts on %s, in %s; if that is past, the clock of this machine is wrong", cert.Subject, formatTime(cert.NotBefore), formatDuration(cert.NotBefore.Sub(c.Now)))
	}
	return "", ""
}

// formatTime is a moment to the minute, in UTC, since the two ends of a certificate are.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// formatDuration is a duration in the unit that people would use.
func formatDuration(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%.0f hours", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
