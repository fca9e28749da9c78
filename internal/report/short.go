package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
)

// Short writes only what does not hold, one line each, to be pasted into a chat or a ticket's summary.
func Short(w io.Writer, r *Report) error {
	var b strings.Builder
	counts := countsText(r, shortStatuses...)
	if r.Partial {
		counts += "; partial: " + coverageText(r)
	}
	fmt.Fprintf(&b, "%s %s: %s; halocheck %s, guide %s, %s\n", safetext.Line(r.Target.URL), r.Outcome, counts,
		safetext.Line(r.Tool.Version), safetext.Line(r.Guide.Name), r.Started.Format("2006-01-02 15:04 MST"))
	hosts := severalHosts(r.Findings)
	for _, f := range r.Findings {
		if !isExplained(f) && f.WaiverUnneeded == nil {
			continue
		}
		host := ""
		if hosts && f.Host != "" {
			host = " [" + safetext.Line(f.Host) + "]"
		}
		fmt.Fprintf(&b, "%s %s%s (%s, %s): %s", f.Status, safetext.Line(f.ID), host, f.Level, safetext.Line(orDash(string(f.Cause))), safetext.Line(f.Because))
		if words := WaiverText(f); words != "" {
			fmt.Fprintf(&b, " (%s)", safetext.Line(words))
		}
		if f.Remedy != nil {
			fmt.Fprintf(&b, " -> %s: %s", f.Remedy.Who, safetext.Line(f.Remedy.Do))
		}
		b.WriteByte('\n')
	}
	for _, q := range groupBlocked(r.Findings) {
		fmt.Fprintf(&b, "blocked until %s holds: %s\n", safetext.Line(q.root), safetext.Line(q.idList()))
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
