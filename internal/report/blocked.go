package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// blockedGroup is what cannot be asked until one requirement holds.
type blockedGroup struct {
	root  string
	ids   []string
	shown bool // somewhere in the text already
}

// groupBlocked gathers the blocked findings under their root causes, in report order.
func groupBlocked(findings []probes.Finding) []*blockedGroup {
	var queues []*blockedGroup
	for _, f := range findings {
		if f.Status != probes.Blocked {
			continue
		}
		at := slices.IndexFunc(queues, func(q *blockedGroup) bool { return q.root == f.BlockedBy })
		if at < 0 {
			at = len(queues)
			queues = append(queues, &blockedGroup{root: f.BlockedBy})
		}
		queues[at].ids = append(queues[at].ids, f.ID)
	}
	return queues
}

// maxNamed is how many of the waiting requirements are named; the rest is counted.
const maxNamed = 6

// idList are the waiting requirements in words.
func (q *blockedGroup) idList() string {
	ids := slices.Compact(slices.Clone(q.ids))
	if len(ids) <= maxNamed {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(ids[:maxNamed], ", "), len(ids)-maxNamed)
}
