package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

func (site *HostProbes) resolves() *probes.Requirement[Addresses] {
	return &probes.Requirement[Addresses]{
		ID:     "network.resolves",
		Level:  probes.Must,
		Says:   "The host's name resolves to an address.",
		Source: probes.Source{Section: "not in the guide: every other check needs it"},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Publish an A or AAAA record for the host in public DNS, or correct the spelling of the URL.",
			Where: "the public DNS zone of the domain",
		},
		Causes: []probes.Cause{probes.DNSFailure, probes.Timeout},
		Given:  site.Addresses,
		Host:   site.Where,
		Judge:  site.judgeAddresses,
	}
}

// judgeAddresses accuses the name only where a name server was asked and knows of none.
func (site *HostProbes) judgeAddresses(a Addresses) probes.Verdict {
	switch {
	case a.Proxy != "" && a.Cause != "":
		return probes.CannotTell(probes.NotObserved, a.Detail+"; whether the name resolves cannot be seen through it").With(askProxy)
	case a.Proxy != "":
		return probes.Pass(fmt.Sprintf("the proxy %s found an address for %s and connected to it", a.Proxy, a.Host), a.Found, a.Proxy)
	case len(a.Found) > 0:
		return probes.Pass(fmt.Sprintf("%s is %s", a.Host, list(a.Found)), a.Found)
	case a.Offline:
		return a.offline(a.Detail)
	case a.UnusedProxy != "":
		return a.unusedProxy(a.Detail)
	case a.Cause == probes.Timeout:
		return probes.CannotTell(probes.Timeout, fmt.Sprintf("no name server answered for %s in time", a.Host)).With(checkResolver)
	case a.NoResolver:
		return probes.CannotTell(probes.NotObserved, "no name server of this machine gave an answer: "+a.Detail).With(checkResolver)
	}
	v := probes.Fail(probes.DNSFailure, a.Detail)
	if InternalName(a.Host) {
		v.Because += "; it is a name of an internal network"
		v = v.With(site.publicName(a.Host))
	}
	return a.typeInstead(v)
}

// InternalName tells whether a name can only be known inside one network: a single label, or a domain that is never
// delegated (RFC 6762, RFC 8375, ICANN's .internal, and what Windows domains and routers are called).
func InternalName(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	return len(labels) == 1 || strings.HasSuffix(host, ".home.arpa") ||
		slices.Contains([]string{"local", "localdomain", "localhost", "internal", "intranet", "lan", "corp", "home", "private", "domain"}, last)
}

// publicName is the remedy for an internal name: another name, since no public DNS can hold this one.
func (site *HostProbes) publicName(host string) probes.Remedy {
	if site.Suffix != "" {
		return probes.Remedy{
			Who:   probes.HaloAdmin,
			Do:    fmt.Sprintf("Replace %s by the name under which the Authorisation Server is reached from the internet: in HaloPSA where the instance names it, in the integration where it was typed.", host),
			Where: "authentication_root in the API's appsettings.json; the integration's Authorization Server field",
		}
	}
	return probes.Remedy{
		Who:   probes.Operator,
		Do:    fmt.Sprintf("Replace %s by the name under which HaloPSA is reached from the internet; if there is none, HaloPSA has to be published first.", host),
		Where: "the integration's Resource Server field",
	}
}
