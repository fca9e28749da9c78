package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/compare"
	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/fleet/summary"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes"
)

// OfWatch is the notice at the end of a watch: what changed between the first and the last whole run.
func OfWatch(first, last *probes.Report) Notice {
	n := Notice{Schema: Schema, Changes: []Change{}, Target: last.Target.URL, Outcome: last.Outcome, Open: last.RootCauses, Counts: map[string]int{}, Tool: version.String(), Time: time.Now().UTC()}
	for status, count := range last.Counts {
		n.Counts[string(status)] = count
	}
	for _, p := range compare.Pairs(first.Findings, last.Findings) {
		if p.Old == nil || p.New == nil || p.New.Level != probes.Must {
			continue
		}
		c := Change{string(p.Kind()), last.Target.URL, p.New.ID, p.New.Host, p.New.Cause}
		if p.Kind() == compare.Fixed {
			c.Cause = p.Old.Cause
		}
		if slices.Contains(kinds, c.Kind) {
			n.Changes = append(n.Changes, c)
		}
	}
	n.finish(fmt.Sprintf("%s is %s", last.Target.URL, last.Outcome))
	return n
}

// OfFleet is the notice at the end of a fleet's run. Without an earlier run to compare with there are no changes to tell.
func OfFleet(inventory string, sum summary.Summary) Notice {
	n := Notice{Schema: Schema, Changes: []Change{}, Target: inventory, Open: []string{}, Counts: map[string]int{}, Tool: version.String(), Time: time.Now().UTC(), Shard: sum.Shard}
	for outcome, count := range sum.Outcomes {
		n.Counts[string(outcome)] = count
	}
	for _, root := range sum.Roots {
		n.Open = append(n.Open, root.ID)
	}
	if c := sum.Changes; c != nil {
		n.add(compare.Broken, c.New)
		n.add(compare.Lost, c.Unjudged)
		n.add(compare.Fixed, c.Fixed)
	}
	n.finish(fmt.Sprintf("%d of %d instances are conformant", sum.Outcomes[probes.Conformant], sum.Instances))
	return n
}

func (n *Notice) add(kind compare.Kind, changes []fleet.Change) {
	for _, c := range changes {
		cause := c.Cause
		if kind == compare.Fixed {
			cause = c.Was
		}
		n.Changes = append(n.Changes, Change{string(kind), c.Name, c.ID, c.Host, cause})
	}
}

// kinds are those that a notice tells, the worst first.
var kinds = []string{string(compare.Broken), string(compare.Lost), string(compare.Fixed)}

// maxTold is how many changes the sentence names.
const maxTold = 5

// finish sorts the changes and writes the sentence.
func (n *Notice) finish(whole string) {
	slices.SortStableFunc(n.Changes, func(a, b Change) int { return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind) })
	var parts []string
	for _, kind := range kinds {
		var names []string
		for _, c := range n.Changes {
			if c.Kind != kind {
				continue
			}
			name := c.ID
			if c.Instance != n.Target {
				name = c.Instance + " " + c.ID
			}
			names = append(names, name)
		}
		if len(names) > maxTold {
			names = append(names[:maxTold], fmt.Sprintf("%d more", len(names)-maxTold))
		}
		if len(names) > 0 {
			parts = append(parts, kind+": "+strings.Join(names, ", "))
		}
	}
	n.Text = strings.Join(append(parts, whole), "; ")
}
