package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
)

// Markdown writes the report for a ticket.
func Markdown(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# HaloPSA connection: %s\n\n**%s** — %s\n\n", safetext.Markdown(r.Target.URL), safetext.Markdown(string(r.Outcome)), countsText(r, shortStatuses...))
	if r.Partial {
		fmt.Fprintf(&b, "Partial: %s. This says nothing of the others.\n\n", coverageText(r))
	}
	if len(r.RootCauses) > 0 {
		var ids []string
		for _, id := range r.RootCauses {
			ids = append(ids, safetext.Code(id))
		}
		fmt.Fprintf(&b, "Fix first: %s\n\n", strings.Join(ids, ", "))
	}
	for _, f := range r.Findings {
		if !isExplained(f) && f.WaiverUnneeded == nil {
			continue
		}
		fmt.Fprintf(&b, "## %s: %s\n\n", safetext.Markdown(string(f.Status)), safetext.Markdown(f.Says))
		fmt.Fprintf(&b, "- Requirement: %s (%s), cause %s\n- Seen: %s\n", safetext.Code(f.ID), f.Level, safetext.Code(orDash(string(f.Cause))), safetext.Markdown(f.Because))
		if f.Host != "" {
			fmt.Fprintf(&b, "- Host: %s\n", safetext.Markdown(f.Host))
		}
		if words := WaiverText(f); words != "" {
			fmt.Fprintf(&b, "- Waiver: %s\n", safetext.Markdown(words))
		}
		if f.Remedy != nil {
			fmt.Fprintf(&b, "- To do (%s): %s\n", safetext.Markdown(ActorNames[f.Remedy.Who]), safetext.Markdown(f.Remedy.Do))
			if f.Remedy.Where != "" {
				fmt.Fprintf(&b, "- Where: %s\n", safetext.Markdown(f.Remedy.Where))
			}
		}
		if source := SourceText(f.Source); source != "" {
			fmt.Fprintf(&b, "- Guide: %s\n", safetext.Markdown(source))
		}
		b.WriteByte('\n')
	}
	b.WriteString("## All requirements\n\n| requirement | level | status | cause |\n|---|---|---|---|\n")
	for _, f := range r.Findings {
		id := f.ID
		if f.Host != "" && severalHosts(r.Findings) {
			id += " @ " + f.Host
		}
		status := string(f.Status)
		if f.Attested != "" {
			status += " (vouched for: " + safetext.Markdown(f.Attested) + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", safetext.Markdown(id), f.Level, status, safetext.Markdown(string(f.Cause)))
	}
	fmt.Fprintf(&b, "\nhalocheck %s, guide %s, %s\n", safetext.Markdown(r.Tool.Version), safetext.Markdown(r.Guide.Name), r.Started.Format("2006-01-02 15:04 MST"))
	_, err := io.WriteString(w, b.String())
	return err
}
