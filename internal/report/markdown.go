package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Markdown writes the report for a ticket.
func Markdown(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# HaloPSA connection: %s\n\n**%s** — %s\n\n", escapeMarkdown(r.Target.URL), escapeMarkdown(string(r.Outcome)), escapeMarkdown(countsText(r)))
	if len(r.RootCauses) > 0 {
		fmt.Fprintf(&b, "Fix first: %s\n\n", "`"+strings.Join(r.RootCauses, "`, `")+"`")
	}
	for _, f := range r.Findings {
		if !isExplained(f) && f.WaiverUnneeded == nil {
			continue
		}
		fmt.Fprintf(&b, "## %s: %s\n\n", escapeMarkdown(string(f.Status)), escapeMarkdown(f.Says))
		fmt.Fprintf(&b, "- Requirement: `%s` (%s), cause `%s`\n- Seen: %s\n", f.ID, f.Level, orDash(string(f.Cause)), escapeMarkdown(f.Because))
		if f.Host != "" {
			fmt.Fprintf(&b, "- Host: %s\n", escapeMarkdown(f.Host))
		}
		if words := WaiverText(f); words != "" {
			fmt.Fprintf(&b, "- Waiver: %s\n", escapeMarkdown(words))
		}
		if f.Remedy != nil {
			fmt.Fprintf(&b, "- To do (%s): %s\n", escapeMarkdown(ActorNames[f.Remedy.Who]), escapeMarkdown(f.Remedy.Do))
			if f.Remedy.Where != "" {
				fmt.Fprintf(&b, "- Where: %s\n", escapeMarkdown(f.Remedy.Where))
			}
		}
		if source := SourceText(f.Source); source != "" {
			fmt.Fprintf(&b, "- Guide: %s\n", escapeMarkdown(source))
		}
		b.WriteByte('\n')
	}
	b.WriteString("## All requirements\n\n| requirement | level | status | cause |\n|---|---|---|---|\n")
	for _, f := range r.Findings {
		id := f.ID
		if f.Host != "" && severalHosts(r.Findings) {
			id += " @ " + f.Host
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", escapeMarkdown(id), f.Level, f.Status, escapeMarkdown(string(f.Cause)))
	}
	fmt.Fprintf(&b, "\nhalocheck %s, guide %s, %s\n", escapeMarkdown(r.Tool.Version), escapeMarkdown(r.Guide.Name), r.Started.Format("2006-01-02 15:04 MST"))
	_, err := io.WriteString(w, b.String())
	return err
}

func countsText(r *Report) string {
	return fmt.Sprintf("%d pass, %d fail, %d unknown, %d blocked", r.Counts[probes.Passed], r.Counts[probes.Failed], r.Counts[probes.Unknown], r.Counts[probes.Blocked])
}

// md escapes what Markdown or HTML would take for mark-up.
var mdEscapes = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "|", "\\|", "#", "\\#")

// EscapeMarkdown is text that Markdown takes for nothing but text.
func EscapeMarkdown(text string) string { return escapeMarkdown(text) }

func escapeMarkdown(text string) string { return mdEscapes.Replace(clean(text)) }

// Cell is text in a cell of a Markdown table.
func Cell(text string) string { return strings.ReplaceAll(Clean(text), "|", "\\|") }
