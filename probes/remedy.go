package probes

import (
	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// Remedies that belong to no requirement: no setting is in question.
var (
	reportBug    = Remedy{Who: Operator, Do: "Report it to halocheck's maintainers, with a bundle of this run."}
	letItFinish  = Remedy{Who: Operator, Do: "Run halocheck again and let it finish."}
	moreTime     = Remedy{Who: Operator, Do: "Run halocheck again and give the run more time."}
	runSaved     = Remedy{Who: Operator, Do: "Run halocheck against the instance again."}
	pauseOthers  = Remedy{Who: Operator, Do: "Run halocheck again in some minutes, and pause whatever else uses the instance's API meanwhile."}
	runAgain     = Remedy{Who: Operator, Do: "Run halocheck again. If it stays so, look into the event log of HaloPSA's server and the log of the reverse proxy or load balancer before it."}
	runElsewhere = Remedy{Who: Operator, Do: "Run halocheck again, from another network if it stays so."}

	runAgainHosted = Remedy{Who: Operator, Do: "Run halocheck again. If it stays so, ask Halo's support."}
	// askGateway is about 502, 503 and 504, the answers of what stands before HaloPSA and reached no HaloPSA behind it.
	askGateway = Remedy{
		Who:   NetworkAdmin,
		Do:    "Look into the log of the reverse proxy or load balancer for the server that did not answer, and start it or its application pool.",
		Where: "the reverse proxy or load balancer before HaloPSA; with IIS alone, the application pool of the API",
	}
	askSupport = Remedy{Who: HaloAdmin, Do: "Ask Halo's support to look at this: Halo runs this server. Send them what was seen.", Where: "Halo's support portal"}
)

// remedyOf is what a finding says to do. It is the only place that chooses one: a fail gets its requirement's Remedy, an
// unknown never does. On an instance that Halo hosts, nothing is asked of the customer's network: Halo's support acts there.
func (r *Requirement[T]) remedyOf(v Verdict, hosted bool) *Remedy {
	var remedy Remedy
	again, hasAgain := runAgainFor(v, hosted)
	switch {
	case v.Status == Broken:
		remedy = reportBug
	case v.Status != Failed && v.Status != Unknown:
		return nil
	case v.Remedy != nil:
		remedy = *v.Remedy
	case v.Status == Failed:
		remedy = r.Remedy
	case hasAgain:
		remedy = again
	default:
		remedy = r.findOut()
	}
	if hosted && (remedy.Who == NetworkAdmin || remedy.Who == HaloAdmin && onServer().MatchString(remedy.Where)) {
		remedy = askSupport
	}
	return &remedy
}

// gatewayStatus is how the statuses of a gateway are told, Cloudflare's own (520 to 527) included: every sentence about a
// [ServerError] names the status.
var gatewayStatus = lazyregexp.New(`\bstatus 5(0[234]|2[0-7])\b`)

// onServer are places on the machine that HaloPSA runs on.
var onServer = lazyregexp.New(`\bIIS\b|appsettings\.json`)

// runAgainFor is the way to find out where the server did not get to answer, by cause.
func runAgainFor(v Verdict, hosted bool) (Remedy, bool) {
	switch v.Cause {
	case RateLimited:
		return pauseOthers, true
	case ServerError, Timeout, AnswerMalformed:
		switch {
		case hosted:
			return runAgainHosted, true
		case v.Cause == ServerError && gatewayStatus().MatchString(v.Because):
			return askGateway, true
		}
		return runAgain, true
	case ConnectionRefused, ConnectionReset, ConnectionClosed, DNSFailure:
		return runElsewhere, true
	}
	return Remedy{}, false
}
