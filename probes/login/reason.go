package login

import (
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// agentPage is where agents are set up.
const agentPage = "Configuration > Teams & Agents > Agents > the agent that the application logs in as"

var (
	tickActive = probes.Remedy{Who: probes.HaloAdmin, Do: "Tick Active on the application and save.", Where: detailsTab}
	setMethod  = probes.Remedy{
		Who:   probes.HaloAdmin,
		Do:    "Set the Authentication Method to Client ID and Secret (Services), save, and copy the Client ID and Secret again, which have changed by it.",
		Where: detailsTab,
	}
)

// findReason is who can look at the reason that a server gives in its own words; ok is false where it gives none that is known.
func findReason(reason halo.Reason) (remedy probes.Remedy, ok bool) {
	switch reason {
	case halo.ApplicationOff:
		return probes.Remedy{Who: probes.HaloAdmin, Do: "Check whether Active is ticked on the application.", Where: detailsTab}, true
	case halo.AgentOff:
		return probes.Remedy{Who: probes.HaloAdmin, Do: "Check whether the agent is active and not locked.", Where: agentPage}, true
	case halo.Licence:
		return probes.Remedy{Who: probes.HaloAdmin, Do: "Ask Halo's support about the licence or the trial: HaloPSA gives it as the reason.", Where: "Halo's support portal"}, true
	case halo.OtherMethod:
		return probes.Remedy{Who: probes.HaloAdmin, Do: "Check whether the Authentication Method is Client ID and Secret (Services).", Where: detailsTab}, true
	}
	return probes.Remedy{}, false
}
