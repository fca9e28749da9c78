package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// queue is what cannot be asked until one requirement holds.
type queue struct {
	root string
	ids  []string
	told bool // somewhere in the text already
}

// waitingFor gathers the blocked findings under their root causes, in report order.
func waitingFor(findings []probes.Finding) []*queue {
	var queues []*queue
	for _, f := range findings {
		if f.Status != probes.Blocked {
			continue
		}
		at := slices.IndexFunc(queues, func(q *queue) bool { return q.root == f.BlockedBy })
		if at < 0 {
			at = len(queues)
			queues = append(queues, &queue{root: f.BlockedBy})
		}
		queues[at].ids = append(queues[at].ids, f.ID)
	}
	return queues
}

// mostNamed is how many of the waiting requirements are named; the rest is counted.
const mostNamed = 6

// names are the waiting requirements in words.
func (q *queue) names() string {
	ids := slices.Compact(slices.Clone(q.ids))
	if len(ids) <= mostNamed {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(ids[:mostNamed], ", "), len(ids)-mostNamed)
}
