package probes

import (
	"fmt"
	"slices"
)

// glance is how many bytes a sentence has that is read at a glance.
const glance = 200

// AsManyAsFit lists what of all a sentence that begins with told has room for, one at least, and counts the others, so that a
// sentence does not grow with a host's addresses. What follows itself is listed once; of nothing, the list is empty.
func AsManyAsFit(told string, all []string) string {
	if len(all) == 0 {
		return ""
	}
	all = slices.Compact(slices.Clone(all))
	list := all[0]
	for i, next := range all[1:] {
		if len(told)+len(list)+len(next)+len("; ; 99 more") > glance {
			return fmt.Sprintf("%s; %d more", list, len(all)-1-i)
		}
		list += "; " + next
	}
	return list
}
