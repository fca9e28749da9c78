package main

import (
	"encoding/json"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/report"
	"github.com/halocheck/halocheck/probes/trust"
)

// chainID is the requirement whose evidence holds the chain to serve.
const chainID = "trust.chain"

// hasChain tells whether a chain to serve is known.
func hasChain(r *report.Report) bool { return len(chainOf(r)) > 0 }

// chainOf is the chain, in PEM, that a host should send: the first host whose chain fails, else the Resource host. It is
// empty where the issuers could not be found.
func chainOf(r *report.Report) []byte {
	var found []byte
	for _, f := range r.Findings {
		if f.ID != chainID {
			continue
		}
		var answer trust.Chained
		if err := json.Unmarshal(r.Evidence[f.Evidence], &answer); err != nil {
			continue // nothing was seen of this host
		}
		pem, ok := answer.FixedPEM()
		switch {
		case ok && f.Status == probes.Failed:
			return pem
		case ok && found == nil:
			found = pem
		}
	}
	return found
}
