package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
)

// Short writes only what does not hold, one line each, to be pasted into a chat or a ticket's summary: the root cause first,
// then the rest by weight.
func Short(w io.Writer, r *Report, o Options) error {
	var b strings.Builder
	counts := countsText(r)
	if r.Partial {
		counts += "; partial: " + coverageText(r)
	}
	fmt.Fprintf(&b, "%s %s: %s; halocheck %s, guide %s, %s\n", safetext.Line(r.Target.URL), r.Outcome, counts,
		safetext.Line(r.Tool.Version), safetext.Line(r.Guide.Name), r.Started.Format("2006-01-02 15:04 MST"))
	for _, text := range planTexts(r) {
		fmt.Fprintf(&b, "%s\n", safetext.Line(text))
	}
	if len(r.RootCauses) > 0 {
		fmt.Fprintf(&b, "Fix first: %s\n", safetext.Line(strings.Join(r.RootCauses, ", ")))
	}
	for _, g := range r.Guides {
		fmt.Fprintf(&b, "%s\n", safetext.Line(guideText(g)))
	}
	for _, c := range r.Contradictions {
		fmt.Fprintf(&b, "contradiction %s\n", safetext.Line(contradictionText(c)))
	}
	hosts, unasked := severalHosts(r.Findings), groupUnasked(r.Findings)
	for _, f := range byWeight(r) {
		if isFolded(unasked, f) {
			continue
		}
		host := ""
		if hosts && f.Host != "" {
			host = " [" + safetext.Line(f.Host) + "]"
		}
		fmt.Fprintf(&b, "%s %s%s (%s, %s): %s.", f.Status, safetext.Line(f.ID), host, f.Level, safetext.Line(orDash(string(f.Cause))), safetext.Line(Verdict(f)))
		if len(f.AskedBy) > 0 {
			fmt.Fprintf(&b, " For: %s.", safetext.Line(strings.Join(f.Guides(), ", ")))
		}
		if f.Because != "" {
			fmt.Fprintf(&b, " Seen: %s", safetext.Line(f.Because))
		}
		if words := WaiverText(f); words != "" {
			fmt.Fprintf(&b, " (%s)", safetext.Line(words))
		}
		if isTask(f) {
			do, _, _ := splitRemedy(f.Remedy)
			fmt.Fprintf(&b, " -> %s: %s", f.Remedy.Who, do)
		}
		for _, g := range unasked {
			if g.leads(f) {
				fmt.Fprintf(&b, " (and %d more for the same reason)", len(g.ids)-1)
			}
		}
		b.WriteByte('\n')
	}
	if text := unneededText(r.Findings, unasked); text != "" {
		b.WriteString(safetext.Line(text) + "\n")
	}
	for _, g := range groupBlocked(r.Findings) {
		b.WriteString(g.blockedText() + "\n")
	}
	if g := credentialsGroup(unasked); g != nil && !o.Quiet {
		b.WriteString(g.credentialsText(o) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
