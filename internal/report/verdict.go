package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/probes"
)

// notChecked is what people read in place of the status of a recommendation that could not be checked.
const notChecked probes.Status = "not-checked"

// isUnneeded tells a recommendation that could not be checked: it is told, is no open question, and gives nobody a task.
func isUnneeded(f probes.Finding) bool {
	return f.Status == probes.Unknown && f.Level != probes.Must
}

// shownStatus is a finding's status as people read it.
func shownStatus(f probes.Finding) probes.Status {
	if isUnneeded(f) {
		return notChecked
	}
	return f.Status
}

// isTask tells whether a finding gives somebody something to do. It is the one rule of every format but JSON, which keeps all. What
// was accepted is nobody's duty.
func isTask(f probes.Finding) bool {
	return f.Remedy != nil && f.Waived == nil && !isUnneeded(f)
}

// Verdict is a finding in one sentence without a full stop: what is wrong, what could not be confirmed, or what holds.
func Verdict(f probes.Finding) string {
	says := strings.TrimSuffix(f.Says, ".")
	switch {
	case f.Status == probes.Failed && f.Waived != nil:
		return "Accepted exception: " + failVerdict(f)
	case f.Status == probes.Failed:
		return failVerdict(f)
	case isUnneeded(f):
		return "Not checked: " + lowerFirst(says)
	case f.Status == probes.Unknown:
		return "We could not confirm that " + lowerFirst(says)
	case f.Status == probes.Broken:
		return "halocheck broke before it could confirm that " + lowerFirst(says)
	}
	return says
}

// failVerdict is what is wrong. A cause without a sentence, such as an OAuth error code that only a server knows, is told as it is.
func failVerdict(f probes.Finding) string {
	if verdict := labelledVerdicts[f.Cause]; verdict != "" && f.Source.Label != "" {
		return fmt.Sprintf(verdict, f.Source.Label)
	}
	if verdict := CauseMeanings[f.Cause]; verdict != "" {
		return verdict
	}
	if f.Area == "login" {
		return fmt.Sprintf("The instance refuses the log-in (%s)", f.Cause)
	}
	return "Not met: " + strings.TrimSuffix(f.Says, ".")
}

// lowerWords are the first words of sentences that are no names.
var lowerWords = []string{"The", "A", "An", "No", "Every", "Each", "There", "This", "It", "Some", "All"}

// lowerFirst is a sentence that goes on behind others: its first word in lower case, unless it may be a name.
func lowerFirst(s string) string {
	word, rest, _ := strings.Cut(s, " ")
	if !slices.Contains(lowerWords, word) {
		return s
	}
	return strings.ToLower(word) + " " + rest
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// weight sorts findings by what they mean for the reader: fails of a Must, then Musts that nobody judged, then the rest.
func weight(f probes.Finding) int {
	must := f.Level == probes.Must && f.Waived == nil
	switch {
	case f.Status == probes.Failed && must:
		return 0
	case must:
		return 1
	case f.Status == probes.Failed && f.Waived == nil:
		return 2
	}
	return 3
}

// byWeight are the findings that have to be explained: the root causes first, in their order, then the others by weight.
func byWeight(r *Report) []probes.Finding {
	all := slices.DeleteFunc(slices.Clone(r.Findings), func(f probes.Finding) bool { return !isExplained(f) && f.WaiverUnneeded == nil })
	place := func(f probes.Finding) int {
		if at := slices.Index(r.RootCauses, f.ID); at >= 0 && weight(f) < 2 {
			return at
		}
		return len(r.RootCauses) + weight(f)
	}
	slices.SortStableFunc(all, func(a, b probes.Finding) int { return place(a) - place(b) })
	return all
}
