package main

import (
	"encoding/json"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// chainID is the requirement whose evidence holds the chain to serve, datesID the one that judges its dates.
const (
	chainID = "trust.chain"
	datesID = "trust.in-date"
)

// hasServableChain tells whether a chain to serve is known.
func hasServableChain(r *report.Report) bool { return len(servableChain(r)) > 0 }

// servableChain is the chain, in PEM, that a host should send: the first host whose chain fails, by its path or its dates, else
// the Resource host. It is empty where no chain is known that clients would accept.
func servableChain(r *report.Report) []byte {
	failing := map[string]bool{}
	for _, f := range r.Findings {
		if f.Status == probes.Failed && (f.ID == chainID || f.ID == datesID) {
			failing[f.Host] = true
		}
	}
	var found []byte
	for _, f := range r.Findings {
		if f.ID != chainID {
			continue
		}
		var answer trust.Chain
		if err := json.Unmarshal(r.Evidence[f.Evidence], &answer); err != nil {
			continue // nothing was seen of this host
		}
		pem, ok := answer.FixedPEM()
		switch {
		case ok && failing[f.Host]:
			return pem
		case ok && found == nil:
			found = pem
		}
	}
	return found
}
