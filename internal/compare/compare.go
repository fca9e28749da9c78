// Package compare pairs the findings of two runs and tells how one changed. Every comparison uses it: diff, fleet, watch, notices.
package compare

import (
	"iter"

	"github.com/halocheck/halocheck/probes"
)

// Key is a requirement on one of its hosts, by their order: the Resource Server comes first, and its name may have changed.
type Key struct {
	ID    string
	Guide string // the one of several that asks for it; empty: there is one, or all rest on it
	N     int
}

// Keys ranges over findings with their keys: one for each guide that asks for it.
func Keys(findings []probes.Finding) iter.Seq2[Key, *probes.Finding] {
	return func(yield func(Key, *probes.Finding) bool) {
		count := map[Key]int{}
		for i := range findings {
			guides := findings[i].Guides()
			if len(guides) == 0 {
				guides = []string{""}
			}
			for _, g := range guides {
				key := Key{ID: findings[i].ID, Guide: g}
				n := count[key]
				count[key]++
				key.N = n
				if !yield(key, &findings[i]) {
					return
				}
			}
		}
	}
}

// State is how bad a finding is. An accepted failure holds.
type State int

// The states, the best first.
const (
	Holds State = iota
	Blocked
	Unjudged // unknown, or broken
	Fails
)

// StateOf is the state of a finding. What a run does not have counts as holding.
func StateOf(f *probes.Finding) State {
	switch {
	case f == nil:
	case f.Status == probes.Failed && f.Waived == nil:
		return Fails
	case f.Status == probes.Blocked:
		return Blocked
	case f.Status == probes.Unknown, f.Status == probes.Broken:
		return Unjudged
	}
	return Holds
}

// Kind is what became of a requirement.
type Kind string

// The kinds, with the names that notices use.
const (
	Same      Kind = ""          // neither better nor worse
	Broken    Kind = "broken"    // it fails, and did not
	Uncovered Kind = "uncovered" // it fails, and could not be asked before
	Lost      Kind = "unjudged"  // it held or failed, and cannot be judged now
	Hidden    Kind = "hidden"    // it held, and something else keeps it from being asked
	Fixed     Kind = "fixed"     // it failed, and holds
	Settled   Kind = "settled"   // it could not be judged, and holds
)

// kinds are what becomes of a requirement from one state to another.
var kinds = [...][4]Kind{
	Holds:    {Same, Hidden, Lost, Broken},
	Blocked:  {Settled, Same, Same, Uncovered},
	Unjudged: {Settled, Same, Same, Broken},
	Fails:    {Fixed, Lost, Lost, Same},
}

// KindOf tells what became of a requirement.
func KindOf(was, is State) Kind { return kinds[was][is] }

// Pair is a requirement in two runs; nil: a run does not have it.
type Pair struct {
	Old, New *probes.Finding
	Guides   []string // those of several that it is told for
}

// Kind tells what became of the requirement.
func (p Pair) Kind() Kind { return KindOf(StateOf(p.Old), StateOf(p.New)) }

// pairs collects pairs, each once for all guides that it is told for.
type pairs struct {
	all []Pair
	at  map[[2]*probes.Finding]int
}

func (p *pairs) add(older, newer *probes.Finding, guide string) {
	i, ok := p.at[[2]*probes.Finding{older, newer}]
	if !ok {
		i = len(p.all)
		p.at[[2]*probes.Finding{older, newer}] = i
		p.all = append(p.all, Pair{Old: older, New: newer})
	}
	if guide != "" {
		p.all[i].Guides = append(p.all[i].Guides, guide)
	}
}

// Pairs are the requirements of two runs in the newer one's order; those that it does not have come last. Of several guides, each one's
// verdict is paired with its own, however verdicts were joined; what all rest on in one run is paired with any guide's in the other.
func Pairs(older, newer []probes.Finding) []Pair {
	out := pairs{at: map[[2]*probes.Finding]int{}}
	olds, shared, paired := map[Key]*probes.Finding{}, map[Key]*probes.Finding{}, map[Key]bool{}
	for key, f := range Keys(older) {
		olds[key] = f
		if all := (Key{ID: key.ID, N: key.N}); shared[all] == nil {
			shared[all] = f
		}
	}
	whole := map[*probes.Finding]bool{} // an older finding that is paired for all its guides
	for key, f := range Keys(newer) {
		all := Key{ID: key.ID, N: key.N}
		was := olds[key]
		switch {
		case was != nil:
			paired[key] = true
		case olds[all] != nil:
			was, paired[all] = olds[all], true
		case key.Guide == "" && shared[all] != nil:
			was, whole[shared[all]] = shared[all], true
		}
		out.add(was, f, key.Guide)
	}
	for key, f := range Keys(older) {
		if !paired[key] && !whole[f] {
			out.add(f, nil, key.Guide)
		}
	}
	return out.all
}
