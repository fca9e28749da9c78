package record

import (
	"net/url"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Fault is one that the fake can serve, and the finding that it comes to.
type Fault struct{ Name, Requirement, Status, Cause string }

// below are the requirements whose deviations no recorded answer can bring back: what happens before HTTP, and the form of
// the credentials, of which a recording has none. The areas and IDs are prefixes.
var below = []string{"network.resolves", "network.reachable", "trust.", "login.secret-form"}

// Choice is a finding that takes a fault to bring back, and the names of the faults that come to it, the likeliest first.
type Choice struct {
	Finding probes.Finding
	Names   []string
}

// Choices are what takes a fault, most fundamental first. A finding that no fault comes to is left alone: what became of
// it shows in the replay.
func Choices(findings []probes.Finding, faults []Fault, resource *url.URL) []Choice {
	here := (probes.Server{URL: resource.String()}).Host()
	var out []Choice
	for _, f := range findings {
		if !slices.ContainsFunc(below, func(b string) bool { return strings.HasPrefix(f.ID, b) }) {
			continue
		}
		c := Choice{Finding: f}
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
