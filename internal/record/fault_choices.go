package record

import (
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Fault is a fault of the fake, and the finding that it causes.
type Fault struct{ Name, Requirement, Status, Cause string }

// beforeHTTP are prefixes of requirements that recorded answers cannot reproduce: they are judged before HTTP or, as the form
// of the credentials, by input that is not recorded.
var beforeHTTP = []string{"network.resolves", "network.reachable", "trust.", "login.secret-form"}

// FaultChoice is a finding that a replay reproduces only with a fault, and the names of such faults, the likeliest first.
type FaultChoice struct {
	Finding probes.Finding
	Names   []string
}

// FaultChoices returns the findings that need a fault, most fundamental first. Findings without a matching fault are left out.
func FaultChoices(findings []probes.Finding, faults []Fault, resource *url.URL) []FaultChoice {
	here := (probes.Server{URL: resource.String()}).Host()
	var out []FaultChoice
	for _, f := range findings {
		if !slices.ContainsFunc(beforeHTTP, func(b string) bool { return strings.HasPrefix(f.ID, b) }) {
			continue
		}
		c := FaultChoice{Finding: f}
		for _, x := range faults {
			if x.Requirement != f.ID || x.Status != string(f.Status) || x.Cause != string(f.Cause) {
				continue
			}
			if f.Host != "" && f.Host != here {
				x.Name += "@auth"
			}
			c.Names = append(c.Names, x.Name)
		}
		if len(c.Names) > 0 {
			out = append(out, c)
		}
	}
	return out
}
