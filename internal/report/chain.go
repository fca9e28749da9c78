package report

import (
	"encoding/json"
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// datesID is the requirement that judges the dates of a chain.
const datesID = "trust.in-date"

// ServableChain is the chain, in PEM, that a host should send: the first host whose chain fails, by its path or its dates, else
// the Resource host. It is empty where no chain is known that clients would accept.
func ServableChain(r *Report) []byte {
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

// RequirementLabel is a requirement, with the host that it was judged for where there is one.
func RequirementLabel(id, host string) string {
	if host == "" {
		return id
	}
	return fmt.Sprintf("%s [%s]", id, host)
}
