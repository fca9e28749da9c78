package report

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// customerActors are the people who act, as the customer calls them.
var customerActors = map[probes.Actor]string{
	probes.HaloAdmin:    "Your HaloPSA administrator",
	probes.NetworkAdmin: "Your network administrator",
	probes.Vendor:       "The vendor of the integration",
	probes.Operator:     "Whoever sets up the integration",
}

// CustomerMarkdown writes for the customer: what to do, gathered by who has to do it, in plain words. It leaves out what
// only an engineer needs: IDs, causes, digests, halocheck's own flags and what went over the wire.
func CustomerMarkdown(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# The connection to %s\n\n%s\n", safetext.Markdown(r.Target.URL), safetext.Markdown(opening(r)))
	if n := r.Counts[probes.Blocked]; n > 0 {
		fmt.Fprintf(&b, "\n%s be checked until this is settled, so there may be more to do afterwards.\n", count(n, "further point cannot", "further points cannot"))
	}
	hosts := severalHosts(r.Findings)
	for _, d := range actionsByActor(r.Findings) {
		fmt.Fprintf(&b, "\n## %s\n", customerActors[d.actor])
		for i, t := range d.actions {
			fmt.Fprintf(&b, "\n%d. %s\n", i+1, t.writeMarkdown(hosts))
		}
	}
	writeAccepted(&b, r.Findings)
	fmt.Fprintf(&b, "\nChecked on %s against the %s guide: %s.\n", r.Started.Format("2 January 2006, 15:04 MST"), safetext.Markdown(r.Guide.Name), passedText(r))
	_, err := io.WriteString(w, b.String())
	return err
}

// passedText counts what passed, and says how much of the guide was checked where that is not all of it.
func passedText(r *Report) string {
	text := count(r.Counts[probes.Passed]-r.Attested, "check passed", "checks passed")
	if r.Attested > 0 {
		text += fmt.Sprintf(", %d vouched for", r.Attested)
	}
	if r.Partial {
		text += "; partial: " + coverageText(r)
	}
	return text
}

// opening is the outcome in a sentence.
func opening(r *Report) string {
	switch r.Outcome {
	case probes.Conformant:
		if r.Partial {
			return "What was checked is right. The rest was left out, so this does not say that the connection works."
		}
		return "The connection has everything that it needs."
	case probes.NotConformant:
		return "The connection isn't working yet. Please make these changes:"
	case probes.Incomplete:
	}
	return "Nothing was found to be wrong, but not everything could be checked. This would settle it:"
}

// writeMarkdown is one thing to do, as the text of a numbered item; hosts tells whether hosts have to be told apart.
func (t *action) writeMarkdown(hosts bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", safetext.Markdown(customerAction(t.do)))
	if t.isOptional() {
		b.WriteString(" (recommended, not required)")
	}
	for _, line := range t.labelledLines(hosts) {
		text := safetext.Markdown(line[1])
		if line[0] == verifyLabel {
			text = safetext.Code(line[1])
		}
		fmt.Fprintf(&b, "\n   - %s: %s", line[0], text)
	}
	return b.String()
}

// verifyLabel labels the command that proves a remedy.
const verifyLabel = "To see that it is done"

// labelledLines are what is said of a thing to do, each with its label: where, why, and how to see that it is done.
func (t *action) labelledLines(hosts bool) (lines [][2]string) {
	if t.where != "" && !ownFlagPattern.MatchString(t.where) {
		lines = append(lines, [2]string{"Where", t.where})
	}
	for _, f := range t.findings {
		why := customerReason(f)
		if hosts && f.Host != "" {
			why += " Host: " + f.Host + "."
		}
		if line := [2]string{"Why", why}; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if t.verify != "" {
		lines = append(lines, [2]string{verifyLabel, t.verify})
	}
	return lines
}

// writeAccepted lists the deviations that somebody took responsibility for.
func writeAccepted(b *strings.Builder, findings []probes.Finding) {
	started := false
	for _, f := range findings {
		if f.Waived == nil {
			continue
		}
		if !started {
			started = true
			b.WriteString("\n## Accepted as it is\n\n")
		}
		fmt.Fprintf(b, "- Accepted exception: %s Reason: %s\n", safetext.Markdown(f.Says), safetext.Markdown(waiverText(*f.Waived)))
	}
}

// customerReason says why there is something to do: the cause in words, and what was seen as far as it is plain.
func customerReason(f probes.Finding) string {
	meaning, seen := upperFirst(CauseMeanings[f.Cause]), customerObservation(f.Because)
	switch {
	case seen == "":
		return meaning + "."
	case f.Cause == probes.NotObserved, meaning == "":
		return upperFirst(seen) + "."
	case f.Status == probes.Unknown:
		return "It is not known whether this holds: " + f.Says + " Seen: " + seen + "."
	}
	return meaning + ". Seen: " + seen + "."
}

// ownFlagPattern is a flag of halocheck's. Other programs that remedies name have flags with a single dash.
var ownFlagPattern = regexp.MustCompile(`(^|[\s(])--[a-z]`)

// internalPattern is what means nothing to a customer: digests and key identifiers, paths and statuses of the API, halocheck's flags.
var internalPattern = regexp.MustCompile(`\b[0-9A-Fa-f]{32,}\b|` + ownFlagPattern.String() + `|\bstatus \d{3}\b|/api\b|/token\b|\bGET /|/Agent/me|\bvantage point\b`)

// parenthesised is a remark in parentheses, without others inside.
var parenthesised = regexp.MustCompile(`\s*\([^()]*\)`)

// customerObservation is what was seen without its internal clauses; where the first one is internal, the others say nothing.
func customerObservation(because string) string {
	text := parenthesised.ReplaceAllStringFunc(because, func(part string) string {
		if internalPattern.MatchString(part) {
			return ""
		}
		return part
	})
	clauses := strings.Split(text, "; ")
	if internalPattern.MatchString(clauses[0]) {
		return ""
	}
	clauses = slices.DeleteFunc(clauses, internalPattern.MatchString)
	return strings.TrimSuffix(strings.TrimSpace(strings.Join(clauses, "; ")), ".")
}

// customerAction is what to do without the sentences about halocheck's own flags; where there is nothing else, they stay.
func customerAction(do string) string {
	sentences := strings.SplitAfter(do, ". ")
	plain := slices.DeleteFunc(slices.Clone(sentences), ownFlagPattern.MatchString)
	if len(plain) == 0 {
		plain = sentences
	}
	return strings.TrimSpace(strings.Join(plain, ""))
}

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
