package report

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// countsText counts the findings by status. What a person vouched for is no pass that was seen, and is counted apart.
func countsText(r *Report, statuses ...probes.Status) string {
	var parts []string
	for _, status := range statuses {
		n := r.Counts[status]
		if status == probes.Passed {
			n -= r.Attested
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, status))
		if status == probes.Passed && r.Attested > 0 {
			parts = append(parts, fmt.Sprintf("%d vouched for", r.Attested))
		}
	}
	return strings.Join(parts, ", ")
}

// shortStatuses are those that are counted where there is little room.
var shortStatuses = []probes.Status{probes.Passed, probes.Failed, probes.Unknown, probes.Blocked}

// coverageText says that a run was narrowed, and to how much; empty where everything was checked.
func coverageText(r *Report) string {
	switch {
	case !r.Partial:
		return ""
	case r.Coverage.Total > 0:
		return fmt.Sprintf("%d of %s checked", r.Coverage.Checked, count(r.Coverage.Total, "requirement", "requirements"))
	}
	return "only " + count(r.Coverage.Checked, "requirement", "requirements") + " checked"
}
