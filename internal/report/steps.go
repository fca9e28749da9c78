package report

import (
	"slices"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// Step is a change that the customer's letter asks for.
type Step struct {
	N        int
	Optional bool
	IDs      []string         // of the requirements that tell whether it is done
	asked    []probes.Finding // what those requirements said, for the guides of several that ask for the change
}

// Steps are the changes of a report's letter, in its order.
func Steps(r *Report) (list []Step) {
	for _, p := range newLetter(r).People {
		for _, i := range p.Items {
			list = append(list, Step{i.N, i.Optional, i.Asked, i.findings})
		}
	}
	return list
}

// Settled tells by a later check whether a step is done, or why not, in words for the customer; empty where the check did not find
// it out.
func (s Step) Settled(later *Report) (done bool, why string) {
	done = true
	for _, was := range s.asked {
		seen := slices.DeleteFunc(slices.Clone(later.Findings), func(f probes.Finding) bool { return f.ID != was.ID || !was.SharesGuide(f) })
		done = done && len(seen) > 0
		for _, f := range seen {
			switch f.Status {
			case probes.Passed, probes.NotApplicable:
			case probes.Failed:
				if customerReason(f) == customerReason(was) {
					return false, "It is not done yet: what we see is the same as before."
				}
				return false, safetext.Line(customerReason(f))
			default:
				done = false
			}
		}
	}
	return done, ""
}
