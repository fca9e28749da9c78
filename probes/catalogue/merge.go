package catalogue

import (
	"slices"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// together is what several guides are judged by. What all rest on stands once. What they ask for stands once for each guide that
// asks, under the same ID and in one place; where none does, once without a guide.
func together(guides []*guide.Guide) []probes.Check {
	lists := make([][]probes.Check, len(guides))
	for i, g := range guides {
		lists[i] = one(g)
	}
	var all []probes.Check
	seen := map[string]bool{}
	for _, area := range areas(lists) {
		for _, list := range lists {
			for _, c := range list {
				if m := c.Meta(); m.Area() == area && !seen[m.ID] {
					seen[m.ID] = true
					all = append(all, forEach(guides, lists, m.ID)...)
				}
			}
		}
	}
	return all
}

// areas are the areas in report order.
func areas(lists [][]probes.Check) (names []string) {
	for _, list := range lists {
		for _, c := range list {
			if area := c.Meta().Area(); !slices.Contains(names, area) {
				names = append(names, area)
			}
		}
	}
	return names
}

// forEach are the checks of one requirement.
func forEach(guides []*guide.Guide, lists [][]probes.Check, id string) (checks []probes.Check) {
	var unasked []probes.Check
	for i, g := range guides {
		for _, c := range lists[i] {
			switch {
			case c.Meta().ID != id || slices.Contains(checks, c):
			case c.Meta().Unasked:
				unasked = append(unasked, c)
			case !slices.ContainsFunc(lists, func(list []probes.Check) bool { return !slices.Contains(list, c) }):
				checks = append(checks, c) // no guide's own
			default:
				checks = append(checks, probes.AskedBy(g.Name, c))
			}
		}
	}
	if len(checks) == 0 {
		return unasked[:1]
	}
	return checks
}
