package trust

import (
	"fmt"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// revocation holds unless somebody says otherwise. No OCSP address is normal since Let's Encrypt gave its own up in 2025,
// and an authority that cannot be reached says nothing of the certificate: tls.md §5, contract §9.
func (t *HostProbes) revocation() *probes.Requirement[RevocationStatus] {
	return &probes.Requirement[RevocationStatus]{
		ID:     "trust.revocation",
		Level:  probes.Must,
		Says:   "No certificate of the path is known to be revoked.",
		Source: impliedSource(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Have a new certificate issued with a new key, and bind it.",
			Where: "the certificate authority's portal, then the web server or load balancer",
		},
		Causes: []probes.Cause{probes.Revoked},
		Given:  t.revocationProbe,
		Host:   t.Where,
		Judge: func(st RevocationStatus) probes.Verdict {
			var silent []string
			for _, c := range st.Certs {
				if c.State == "revoked" {
					return probes.Fail(probes.Revoked, fmt.Sprintf("%q was revoked on %s, says %s", c.Subject, formatTime(c.At), c.From))
				}
				if c.State == "" {
					silent = append(silent, fmt.Sprintf("%q (%s)", c.Subject, c.Why))
				}
			}
			switch {
			case len(st.Certs) == 0:
				return probes.Pass("not known to be revoked; nobody could be asked, since no certificate's issuer is known", st.Now)
			case len(silent) > 0:
				return probes.Pass("not known to be revoked; nobody could be asked about "+strings.Join(silent, ", ")+wire.ClockNote(time.Duration(st.ClockAhead)*time.Second), st.Certs)
			}
			return probes.Pass("not known to be revoked; asked: "+strings.Join(sources(st.Certs), ", "), st.Certs)
		},
	}
}
