package report

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// countsText counts the findings as people read them. Fails of a Must, recommendations and accepted exceptions are told apart,
// and what a person vouched for is no pass that was seen.
func countsText(r *Report) string {
	fails, recommendations, accepted := 0, 0, 0
	for _, f := range r.Findings {
		switch {
		case f.Status != probes.Failed:
		case f.Waived != nil:
			accepted++
		case f.Level == probes.Must:
			fails++
		default:
			recommendations++
		}
	}
	parts := []string{fmt.Sprintf("%d passed", r.Counts[probes.Passed]-r.Attested)}
	if r.Attested > 0 {
		parts = []string{fmt.Sprintf("%d pass, %d vouched for", r.Counts[probes.Passed]-r.Attested, r.Attested)}
	}
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{fails, "failed", "failed"}, {recommendations, "recommendation", "recommendations"}, {accepted, "accepted exception", "accepted exceptions"},
		{r.Counts[probes.Unknown], "unknown", "unknown"}, {r.Counts[probes.Blocked], "blocked", "blocked"}, {r.Counts[probes.Broken], "broken", "broken"},
		{r.Counts[probes.NotApplicable], "not applicable", "not applicable"}, {r.Counts[probes.Skipped], "skipped", "skipped"},
	} {
		if part.n > 0 {
			parts = append(parts, count(part.n, part.one, part.many))
		}
	}
	return strings.Join(parts, ", ")
}

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
