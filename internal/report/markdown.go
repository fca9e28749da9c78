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
	fmt.Fprintf(&b, "# HaloPSA connection: %s\n\n**%s** — %s\n\n", md(r.Target.URL), md(string(r.Outcome)), md(verdictWords(r)))
	if len(r.RootCauses) > 0 {
		fmt.Fprintf(&b, "Fix first: %s\n\n", "`"+strings.Join(r.RootCauses, "`, `")+"`")
	}
	for _, f := range r.Findings {
		if !explained(f) && f.WaiverUnneeded == nil {
			continue
		}
		fmt.Fprintf(&b, "## %s: %s\n\n", md(string(f.Status)), md(f.Says))
		fmt.Fprintf(&b, "- Requirement: `%s` (%s), cause `%s`\n- Seen: %s\n", f.ID, f.Level, orDash(string(f.Cause)), md(f.Because))
		if f.Host != "" {
			fmt.Fprintf(&b, "- Host: %s\n", md(f.Host))
		}
		if words := WaiverWords(f); words != "" {
			fmt.Fprintf(&b, "- Waiver: %s\n", md(words))
		}
		if f.Remedy != nil {
			fmt.Fprintf(&b, "- To do (%s): %s\n", md(Actors[f.Remedy.Who]), md(f.Remedy.Do))
			if f.Remedy.Where != "" {
				fmt.Fprintf(&b, "- Where: %s\n", md(f.Remedy.Where))
			}
		}
		if source := SourceWords(f.Source); source != "" {
			fmt.Fprintf(&b, "- Guide: %s\n", md(source))
		}
		b.WriteByte('\n')
	}
	b.WriteString("## All requirements\n\n| requirement | level | status | cause |\n|---|---|---|---|\n")
	for _, f := range r.Findings {
		id := f.ID
		if f.Host != "" && severalHosts(r.Findings) {
			id += " @ " + f.Host
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", md(id), f.Level, f.Status, md(string(f.Cause)))
	}
	fmt.Fprintf(&b, "\nhalocheck %s, guide %s, %s\n", md(r.Tool.Version), md(r.Guide.Name), r.Started.Format("2006-01-02 15:04 MST"))
	_, err := io.WriteString(w, b.String())
	return err
}

func verdictWords(r *Report) string {
	return fmt.Sprintf("%d pass, %d fail, %d unknown, %d blocked", r.Counts[probes.Passed], r.Counts[probes.Failed], r.Counts[probes.Unknown], r.Counts[probes.Blocked])
}

// md escapes what Markdown or HTML would take for mark-up.
var mdEscapes = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "|", "\\|", "#", "\\#")

// Literal is text that Markdown takes for nothing but text.
func Literal(text string) string { return md(text) }

func md(text string) string { return mdEscapes.Replace(clean(text)) }

// Cell is text in a cell of a Markdown table.
func Cell(text string) string { return strings.ReplaceAll(Clean(text), "|", "\\|") }
