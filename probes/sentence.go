package probes

import (
	"fmt"
	"slices"
)

// glance is how many bytes a sentence has that is read at a glance.
const glance = 200

// Listed is a sentence with as many of all between its beginning and its end as it has room for, one at least; the others are
// counted, so that it does not grow with a host's addresses. What follows itself is listed once.
func Listed(before string, all []string, after string) string {
	if len(all) == 0 {
		return before + after
	}
	all = slices.Compact(slices.Clone(all))
	list := all[0]
	for i, next := range all[1:] {
		if len(before)+len(list)+len(next)+len("; ; 99 more")+len(after) > glance {
			list += fmt.Sprintf("; %d more", len(all)-1-i)
			break
		}
		list += "; " + next
	}
	return before + list + after
}
