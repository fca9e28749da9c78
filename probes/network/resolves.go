package network

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
)

func (site *Site) resolves() *probes.Requirement[Addresses] {
	return &probes.Requirement[Addresses]{
		ID:     "network.resolves",
		Level:  probes.Must,
		Says:   "The host's name resolves to an address.",
		Source: probes.Source{Section: "not in the guide: nothing can be asked otherwise"},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Publish an A or AAAA record for the host in public DNS, or correct the spelling of the URL.",
			Where: "the public DNS zone of the domain",
		},
		Causes: []probes.Cause{probes.DNSFailure, probes.Timeout},
		Given:  site.Addresses,
		Host:   site.Where,
		Judge: func(a Addresses) probes.Verdict {
			if len(a.Found) == 0 {
				if a.Cause == probes.Timeout {
					return probes.CannotTell(probes.Timeout, fmt.Sprintf("no name server answered for %s in time", a.Host))
				}
				return probes.Fail(probes.DNSFailure, a.Detail)
			}
			return probes.Pass(fmt.Sprintf("%s is %s", a.Host, list(a.Found)), a.Found)
		},
	}
}
