package report

import (
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// Annotations are the findings as a CI runner shows them: an error for each Must that fails, a warning for each that nobody could
// judge, a notice for each recommendation. What waits for another is told there.
func Annotations(r *Report) (all []safetext.Annotation) {
	for _, f := range byWeight(r) {
		level := "warning"
		switch {
		case f.Waived != nil || !isExplained(f):
			continue
		case f.Level != probes.Must:
			level = "notice"
		case f.Status == probes.Failed:
			level = "error"
		}
		message := f.Because
		if isTask(f) {
			do, _, _ := splitRemedy(f.Remedy)
			message += ". To do: " + do
		}
		all = append(all, safetext.Annotation{Level: level, Title: Verdict(f) + " (" + RequirementLabel(f.ID, f.Host) + ")", Message: message})
	}
	return all
}
