package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// Markdown writes the report for a ticket. It stays right where it is pasted as it is: commands are code blocks, and what would
// have to be escaped is code.
func Markdown(w io.Writer, r *Report, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# HaloPSA connection: %s\n\n**%s** — %s\n\n", safetext.Markdown(r.Target.URL), safetext.Markdown(string(r.Outcome)), countsText(r))
	if r.Partial {
		fmt.Fprintf(&b, "Partial: %s. This says nothing about the others.\n\n", coverageText(r))
	}
	for _, text := range planTexts(r) {
		fmt.Fprintf(&b, "**%s**\n\n", safetext.Markdown(text))
	}
	if len(r.RootCauses) > 0 {
		var ids []string
		for _, id := range r.RootCauses {
			ids = append(ids, safetext.Code(id))
		}
		fmt.Fprintf(&b, "Fix first: %s\n\n", strings.Join(ids, ", "))
	}
	writeMarkdownGuides(&b, r)
	unasked, waiting := groupUnasked(r.Findings), groupBlocked(r.Findings)
	for _, f := range byWeight(r) {
		if isFolded(unasked, f) {
			continue
		}
		proof := writeMarkdownFinding(&b, r, f)
		if g := takeGroup(unasked, func(g *findingGroup) bool { return g.leads(f) }); g != nil {
			fmt.Fprintf(&b, "- %d more could not be judged for the same reason: %s\n", len(g.ids)-1, safetext.Markdown(g.idList(1)))
		}
		if g := takeGroup(waiting, func(g *findingGroup) bool { return g.root == f.ID }); g != nil {
			fmt.Fprintf(&b, "- Waiting: %s\n", count(len(g.ids), "more requirement waits for this", "more requirements wait for this"))
		}
		if proof != "" {
			fmt.Fprintf(&b, "\nTo prove it:\n\n%s", safetext.CodeBlock("sh", proof))
		}
		if note := rootsNote(proof); note != "" {
			fmt.Fprintf(&b, "\n%s.\n", safetext.Markdown(note))
		}
		b.WriteByte('\n')
	}
	writeVouched(&b, r.Findings)
	if text := unneededText(r.Findings, unasked); text != "" {
		fmt.Fprintf(&b, "%s\n\n", safetext.Markdown(text))
	}
	for _, g := range waiting {
		if !g.shown {
			fmt.Fprintf(&b, "%s\n\n", safetext.Markdown(upperFirst(g.blockedText())))
		}
	}
	if g := credentialsGroup(unasked); g != nil {
		fmt.Fprintf(&b, "%s\n\n", safetext.Markdown(g.credentialsText(o)))
	}
	fmt.Fprintf(&b, "halocheck %s, guide %s, %s\n", safetext.Markdown(r.Tool.Version), safetext.Markdown(r.Guide.Name), r.Started.Format("2006-01-02 15:04 MST"))
	_, err := io.WriteString(w, b.String())
	return err
}

// writeMarkdownGuides writes a section for each of several guides, and what they cannot all have.
func writeMarkdownGuides(b *strings.Builder, r *Report) {
	for _, g := range guideSections(r) {
		fmt.Fprintf(b, "## %s\n\n", safetext.Markdown("Guide "+g.Name))
		if g.Text != "" {
			fmt.Fprintf(b, "%s\n\n", safetext.Markdown(g.Text))
		}
		for _, l := range g.Lines {
			fmt.Fprintf(b, "- %s: %s\n", l.Label, safetext.Markdown(l.Text))
		}
		if len(g.Lines) > 0 {
			b.WriteByte('\n')
		}
	}
	for i, c := range r.Contradictions {
		if i == 0 {
			b.WriteString("## Contradictions\n\n")
		}
		fmt.Fprintf(b, "- %s\n", safetext.Markdown(contradictionText(c)))
	}
	if len(r.Contradictions) > 0 {
		b.WriteByte('\n')
	}
}

// writeMarkdownFinding writes one requirement under its verdict; the command that proves its remedy is left to the caller.
func writeMarkdownFinding(b *strings.Builder, r *Report, f probes.Finding) (proof string) {
	fmt.Fprintf(b, "## %s: %s\n\n", safetext.Markdown(string(f.Status)), safetext.Markdown(Verdict(f)))
	row := func(label, text string) {
		if text != "" {
			fmt.Fprintf(b, "- %s: %s\n", label, safetext.Markdown(text))
		}
	}
	fmt.Fprintf(b, "- Requirement: %s (%s), cause %s\n", safetext.Code(f.ID), f.Level, safetext.Code(orDash(string(f.Cause))))
	row("Host", f.Host)
	row("Seen", f.Because)
	row("Waiver", WaiverText(f))
	if isTask(f) {
		var do, where string
		do, proof, where = splitRemedy(f.Remedy)
		row("To do ("+safetext.Markdown(ActorNames[f.Remedy.Who])+")", do)
		row("Where", where)
		row("Afterwards", afterText(r, f))
	}
	row("Guide", placeText(f))
	return proof
}

// writeVouched lists what nobody saw and somebody vouched for.
func writeVouched(b *strings.Builder, findings []probes.Finding) {
	started := false
	for _, f := range findings {
		if f.Attested == "" {
			continue
		}
		if !started {
			started = true
			b.WriteString("## Vouched for\n\n")
		}
		fmt.Fprintf(b, "- %s: %s\n", safetext.Code(f.ID), safetext.Markdown(f.Attested))
	}
	if started {
		b.WriteByte('\n')
	}
}
