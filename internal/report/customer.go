package report

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halocheck/halocheck/probes"
)

// readers are the people who act, as the customer calls them.
var readers = map[probes.Actor]string{
	probes.HaloAdmin:    "Your HaloPSA administrator",
	probes.NetworkAdmin: "Your network administrator",
	probes.Vendor:       "The vendor of the integration",
	probes.Operator:     "Whoever sets up the integration",
}

// CustomerMarkdown writes for the customer: what to do, gathered by who has to do it, in plain words. It leaves out what
// only an engineer needs: IDs, causes, digests, halocheck's own flags and what went over the wire.
func CustomerMarkdown(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# The connection to %s\n\n%s\n", md(r.Target.URL), md(opening(r)))
	if n := r.Counts[probes.Blocked]; n > 0 {
		fmt.Fprintf(&b, "\n%s be checked until this is settled, so there may be more to do afterwards.\n", count(n, "further point cannot", "further points cannot"))
	}
	hosts := severalHosts(r.Findings)
	for _, d := range dutiesOf(r.Findings) {
		fmt.Fprintf(&b, "\n## %s\n", readers[d.who])
		for i, t := range d.tasks {
			fmt.Fprintf(&b, "\n%d. %s\n", i+1, t.markdown(hosts))
		}
	}
	accepted(&b, r.Findings)
	fmt.Fprintf(&b, "\nChecked on %s by the guide of %s; %s.\n", r.Started.Format("2 January 2006, 15:04 MST"), md(r.Guide.Name), count(r.Counts[probes.Passed], "point is right", "points are right"))
	_, err := io.WriteString(w, b.String())
	return err
}

// opening is the outcome in a sentence.
func opening(r *Report) string {
	switch r.Outcome {
	case probes.Conformant:
		return "The connection has everything that it needs."
	case probes.NotConformant:
		return "The connection does not have what it needs yet. This is what has to be done, and by whom."
	case probes.Incomplete:
	}
	return "Nothing was found to be wrong, but not everything could be checked. This is what would settle it, and by whom."
}

// markdown is one thing to do, as the text of a numbered item; hosts tells whether hosts have to be told apart.
func (t *task) markdown(hosts bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", md(plainDo(t.do)))
	if t.optional() {
		b.WriteString(" (recommended, not required)")
	}
	for _, line := range t.lines(hosts) {
		text := md(line[1])
		if line[0] == done {
			text = code(line[1])
		}
		fmt.Fprintf(&b, "\n   - %s: %s", line[0], text)
	}
	return b.String()
}

// done labels the command that proves a remedy.
const done = "To see that it is done"

// lines are what is said of a thing to do, each with its label: where, why, and how to see that it is done.
func (t *task) lines(hosts bool) (lines [][2]string) {
	if t.where != "" && !ownFlag.MatchString(t.where) {
		lines = append(lines, [2]string{"Where", t.where})
	}
	for _, f := range t.findings {
		why := because(f)
		if hosts && f.Host != "" {
			why += " Host: " + f.Host + "."
		}
		if line := [2]string{"Why", why}; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if t.proof != "" {
		lines = append(lines, [2]string{done, t.proof})
	}
	return lines
}

// accepted lists the deviations that somebody took responsibility for.
func accepted(b *strings.Builder, findings []probes.Finding) {
	started := false
	for _, f := range findings {
		if f.Waived == nil {
			continue
		}
		if !started {
			started = true
			b.WriteString("\n## Accepted as it is\n\n")
		}
		fmt.Fprintf(b, "- Not so: %s Accepted: %s\n", md(f.Says), md(waiverWords(*f.Waived)))
	}
}

// because says why there is something to do: the cause in words, and what was seen as far as it is plain.
func because(f probes.Finding) string {
	meaning, seen := upperFirst(Meanings[f.Cause]), plainSeen(f.Because)
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

// ownFlag is a flag of halocheck's. Other programs that remedies name have flags with a single dash.
var ownFlag = regexp.MustCompile(`(^|[\s(])--[a-z]`)

// internal is what means nothing to a customer: digests and key identifiers, paths and statuses of the API, halocheck's flags.
var internal = regexp.MustCompile(`\b[0-9A-Fa-f]{32,}\b|` + ownFlag.String() + `|\bstatus \d{3}\b|/api\b|/token\b|\bGET /|/Agent/me|\bvantage point\b`)

// aside is a remark in parentheses, without others inside.
var aside = regexp.MustCompile(`\s*\([^()]*\)`)

// plainSeen is what was seen without its internal clauses; where the first one is internal, the others say nothing.
func plainSeen(because string) string {
	text := aside.ReplaceAllStringFunc(because, func(part string) string {
		if internal.MatchString(part) {
			return ""
		}
		return part
	})
	clauses := strings.Split(text, "; ")
	if internal.MatchString(clauses[0]) {
		return ""
	}
	clauses = slices.DeleteFunc(clauses, internal.MatchString)
	return strings.TrimSuffix(strings.TrimSpace(strings.Join(clauses, "; ")), ".")
}

// plainDo is what to do without the sentences about halocheck's own flags; where there is nothing else, they stay.
func plainDo(do string) string {
	sentences := strings.SplitAfter(do, ". ")
	plain := slices.DeleteFunc(slices.Clone(sentences), ownFlag.MatchString)
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

// code is a command as Markdown shows it, to be copied as it is.
func code(command string) string {
	if text := clean(command); !strings.Contains(text, "`") {
		return "`" + text + "`"
	}
	return md(command)
}
