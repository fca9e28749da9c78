package report

import (
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// commandHint is what the command's own flags do for a finding's remedy; empty where none helps. The findings name no flag,
// because programs and pages show them, too. chain tells whether the chain to serve is known.
func commandHint(f probes.Finding, chain bool) string {
	switch {
	case chain && f.Status == probes.Failed && (f.ID == chainID || f.Cause == probes.ExpiredIntermediate):
		return "--out chain=FILE.pem writes the chain to serve"
	case f.ID == "network.allowlist" && f.Status == probes.Unknown && (f.Cause == probes.UnrestrictedHere || f.Cause == probes.NoVantage):
		return "--attest network.allowlist=REASON vouches for it; --via ADDRESS=URL looks from there"
	case f.Cause == probes.StableUnknown:
		return "--stable VERSION"
	case f.Cause == probes.Timeout && f.Remedy != nil && strings.Contains(f.Remedy.Do, "more time"):
		return "--timeout 2m"
	}
	return ""
}
