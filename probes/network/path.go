package network

import "github.com/halocheck/halocheck/probes"

// Remedies for what this machine itself is missing: nothing is known of the instance, so nobody at the customer acts.
var (
	goOnline      = probes.Remedy{Who: probes.Operator, Do: "Look at this machine's own network connection, then run halocheck again."}
	checkResolver = probes.Remedy{Who: probes.Operator, Do: "Check whether this machine resolves other names, then run halocheck again, from another network if it stays so."}
	signIn        = probes.Remedy{Who: probes.Operator, Do: "Sign in to this network with a browser, or use another network, then run halocheck again."}
	useProxy      = probes.Remedy{Who: probes.Operator, Do: "Run halocheck again through the proxy that this machine uses, or from a network without one."}
	askOwner      = probes.Remedy{Who: probes.Operator, Do: "Ask the owner of this halocheck server to allow the address and port, or check from a machine that may connect to it."}
	askProxy      = probes.Remedy{Who: probes.Operator, Do: "Ask the administrator of the proxy to allow this host and port, or run halocheck from a network without a proxy."}
)

// BehindPortal is v for a network that asks for a sign-in first, as portal says; v itself where there is no portal. What
// was seen is then the portal's, and accuses nobody.
func BehindPortal(v probes.Verdict, portal string) probes.Verdict {
	if portal == "" || v.Status != probes.Failed {
		return v
	}
	return probes.CannotTell(v.Cause, v.Because+"; this network asks for a sign-in first ("+portal+"), so that was not the server").With(signIn)
}

// offline is the verdict where this machine has no route to the internet.
func (p Path) offline(seen ...string) probes.Verdict {
	return probes.CannotTell(probes.NotObserved, probes.Listed("this machine is offline: it has no route to the internet (", seen, ")")).With(goOnline)
}

// unusedProxy is the verdict where this machine reaches nothing directly and has a proxy that was not used.
func (p Path) unusedProxy(seen ...string) probes.Verdict {
	return probes.CannotTell(probes.NotObserved, probes.Listed("", seen, "; this machine uses the proxy "+p.UnusedProxy+", and halocheck connected without it")).With(useProxy)
}
