package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// failedKinds counts what fails: of a Must, of a recommendation, and as an accepted exception.
func failedKinds(r *Report) (fails, recommendations, accepted int) {
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
	return fails, recommendations, accepted
}

// unneeded are the recommendations that could not be checked.
func unneeded(findings []probes.Finding) []probes.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f probes.Finding) bool { return !isUnneeded(f) })
}

// unneededText names the recommendations that could not be checked, which are no open questions; empty where there are none or
// they are told with what needs credentials.
func unneededText(findings []probes.Finding, told []*findingGroup) string {
	var labels []string
	for _, f := range unneeded(findings) {
		if !isFolded(told, f) {
			labels = append(labels, RequirementLabel(f.ID, f.Host))
		}
	}
	if len(labels) == 0 {
		return ""
	}
	return "Not checked, recommended only: " + strings.Join(labels, ", ")
}

// countsText counts the findings as people read them. Fails of a Must, recommendations and accepted exceptions are told apart, an
// open question is a Must, and what a person vouched for is no pass that was seen.
func countsText(r *Report) string {
	fails, recommendations, accepted := failedKinds(r)
	notNeeded := len(unneeded(r.Findings))
	parts := []string{fmt.Sprintf("%d passed", r.Counts[probes.Passed]-r.Attested)}
	if r.Attested > 0 {
		parts = []string{fmt.Sprintf("%d pass, %d vouched for", r.Counts[probes.Passed]-r.Attested, r.Attested)}
	}
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{fails, "failed", "failed"}, {recommendations, "recommendation", "recommendations"}, {accepted, "accepted exception", "accepted exceptions"},
		{r.Counts[probes.Unknown] - notNeeded, "unknown", "unknown"}, {r.Counts[probes.Blocked], "blocked", "blocked"}, {r.Counts[probes.Broken], "broken", "broken"},
		{notNeeded, "recommendation not checked", "recommendations not checked"}, {r.Counts[probes.NotApplicable], "not applicable", "not applicable"}, {r.Counts[probes.Skipped], "skipped", "skipped"},
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
