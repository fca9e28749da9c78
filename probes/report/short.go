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
	fmt.Fprintf(&b, "%s %s: %d pass, %d fail, %d unknown, %d blocked; halocheck %s, guide %s, %s\n", r.Target.URL, r.Outcome,
		r.Counts[probes.Passed], r.Counts[probes.Failed], r.Counts[probes.Unknown], r.Counts[probes.Blocked],
		r.Tool.Version, r.Guide.Name, r.Started.Format("2006-01-02 15:04 MST"))
	hosts := severalHosts(r.Findings)
	for _, f := range r.Findings {
		if !explained(f) {
			continue
		}
		host := ""
		if hosts && f.Host != "" {
			host = " [" + f.Host + "]"
		}
		fmt.Fprintf(&b, "%s %s%s (%s, %s): %s", f.Status, f.ID, host, f.Level, orDash(string(f.Cause)), f.Because)
		if f.Waived != nil {
			fmt.Fprintf(&b, " (waived: %s)", waiverWords(*f.Waived))
		}
		if f.Remedy != nil {
			fmt.Fprintf(&b, " -> %s: %s", f.Remedy.Who, f.Remedy.Do)
		}
		b.WriteByte('\n')
	}
	for _, q := range waitingFor(r.Findings) {
		fmt.Fprintf(&b, "blocked until %s holds: %s\n", q.root, q.names())
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n"))
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
