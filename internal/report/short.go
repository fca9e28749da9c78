package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Short writes only what does not hold, one line each, to be pasted into a chat or a ticket's summary.
func Short(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d pass, %d fail, %d unknown, %d blocked; halocheck %s, guide %s, %s\n", clean(r.Target.URL), r.Outcome,
		r.Counts[probes.Passed], r.Counts[probes.Failed], r.Counts[probes.Unknown], r.Counts[probes.Blocked],
		clean(r.Tool.Version), clean(r.Guide.Name), r.Started.Format("2006-01-02 15:04 MST"))
	hosts := severalHosts(r.Findings)
	for _, f := range r.Findings {
		if !isExplained(f) && f.WaiverUnneeded == nil {
			continue
		}
		host := ""
		if hosts && f.Host != "" {
			host = " [" + clean(f.Host) + "]"
		}
		fmt.Fprintf(&b, "%s %s%s (%s, %s): %s", f.Status, clean(f.ID), host, f.Level, clean(orDash(string(f.Cause))), clean(f.Because))
		if words := WaiverText(f); words != "" {
			fmt.Fprintf(&b, " (%s)", clean(words))
		}
		if f.Remedy != nil {
			fmt.Fprintf(&b, " -> %s: %s", f.Remedy.Who, clean(f.Remedy.Do))
		}
		b.WriteByte('\n')
	}
	for _, q := range groupBlocked(r.Findings) {
		fmt.Fprintf(&b, "blocked until %s holds: %s\n", clean(q.root), clean(q.idList()))
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
