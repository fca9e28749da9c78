package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// statusMarks are what stands before a requirement, and its colour. Colour is never the only sign.
var statusMarks = map[probes.Status]struct {
	sign   string
	colour ansi.BasicColor
}{
	probes.Passed:        {"✓", ansi.Green},
	probes.Failed:        {"✗", ansi.Red},
	probes.Unknown:       {"?", ansi.Yellow},
	probes.Blocked:       {"·", ansi.BrightBlack},
	probes.Broken:        {"!", ansi.Magenta},
	probes.NotApplicable: {"–", ansi.BrightBlack},
	probes.Skipped:       {"–", ansi.BrightBlack},
}

// AreaTitles are the areas as headings, in catalogue order.
var AreaTitles = []struct{ Area, Title string }{
	{"network", "Network"}, {"trust", "Certificate"}, {"product", "HaloPSA"}, {"login", "Login"},
	{"application", "Application"}, {"role", "Role"}, {"agent", "Agent"},
}

// ActorNames are the people who act, in words.
var ActorNames = map[probes.Actor]string{
	probes.HaloAdmin:    "the customer's HaloPSA administrator",
	probes.NetworkAdmin: "the customer's network administrator",
	probes.Vendor:       "the integration's vendor",
	probes.Operator:     "the person who sets up the integration",
}

// textWriter is a text being written.
type textWriter struct {
	after   func(probes.Finding) string // what to do once its remedy is done
	w       io.Writer
	o       Options
	hosts   bool // findings of two hosts have to be told apart
	waiting []*findingGroup
	unasked []*findingGroup
	chain   bool // there is a chain to serve, which can be written to a file
	err     error
}

// Text writes the report for a person at a terminal.
func Text(w io.Writer, r *Report, o Options) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &textWriter{w: w, o: o, hosts: severalHosts(r.Findings), waiting: groupBlocked(r.Findings), unasked: groupUnasked(r.Findings), chain: len(ServableChain(r)) > 0, after: func(f probes.Finding) string { return afterText(r, f) }}
	p.writeLine(safetext.Line(fmt.Sprintf("halocheck %s  %s  (%s, guide %s)", r.Tool.Version, r.Target.URL, r.Target.Hosting, r.Guide.Name)), "")
	for _, text := range planTexts(r) {
		p.writeWrapped("", "  ", safetext.Line(text), "bold")
	}
	for _, chapter := range AreaTitles {
		p.writeArea(chapter.Title, chapter.Area, r.Findings)
	}
	p.writeOutcome(r)
	return p.err
}

// writeArea writes one area; one with nothing to show has no heading.
func (p *textWriter) writeArea(title, area string, findings []probes.Finding) {
	started, told := false, map[findingLine]bool{}
	for _, f := range findings {
		if f.Area != area || !p.isShown(f) {
			continue
		}
		if !started {
			started = true
			p.writeLine("", "")
			p.writeLine(title, "bold")
		}
		if f.Status == probes.Passed && !p.o.Verbose && f.Attested == "" && WaiverText(f) == "" {
			line := findingLine{f.ID, f.Host, f.Says}
			if told[line] {
				continue // for another guide, in the same words
			}
			told[line] = true
		}
		p.writeFinding(f)
		if g := takeGroup(p.waiting, func(g *findingGroup) bool { return g.root == f.ID && isExplained(f) }); g != nil {
			p.writeWrapped("      ", "      ", count(len(g.ids), "more requirement waits", "more requirements wait")+" for this", "")
		}
		if g := takeGroup(p.unasked, func(g *findingGroup) bool { return g.leads(f) }); g != nil {
			p.writeWrapped("      ", "      ", fmt.Sprintf("%d more could not be judged for the same reason: %s", len(g.ids)-1, safetext.Line(g.idList(1))), "")
		}
	}
}

// findingLine is what is told of a finding that holds.
type findingLine struct{ id, host, says string }

// isExplained tells whether a finding is told in full, so that what waits for it can stand under it.
func isExplained(f probes.Finding) bool {
	return f.Status == probes.Failed || f.Status == probes.Unknown && !isUnneeded(f) || f.Status == probes.Broken
}

// isShown tells whether a finding has a line of its own: blocked ones are counted under their root cause, and those that nobody
// could ask under the first of them.
func (p *textWriter) isShown(f probes.Finding) bool {
	switch f.Status {
	case probes.Blocked, probes.NotApplicable, probes.Skipped:
		return p.o.Verbose
	case probes.Passed:
		return !p.o.Quiet || f.WaiverUnneeded != nil
	case probes.Unknown:
		return p.o.Verbose || !isFolded(p.unasked, f) && !(p.o.Quiet && isUnneeded(f))
	case probes.Failed, probes.Broken:
	}
	return true
}

// writeFinding writes one requirement: the verdict, and where it does not hold what was seen, what to do and who asks for it.
func (p *textWriter) writeFinding(f probes.Finding) {
	mark := statusMarks[f.Status]
	if isUnneeded(f) {
		mark = statusMarks[probes.Skipped]
	}
	says := safetext.Line(Verdict(f))
	switch {
	case isUnneeded(f), isExplained(f) && f.Status != probes.Broken && f.Level != probes.Must:
		says += " (" + safetext.Line(f.ID) + ", recommended)"
	case isExplained(f):
		says += " (" + safetext.Line(f.ID) + ")"
	case f.Status == probes.Skipped, f.Status == probes.NotApplicable:
		says += " (" + string(f.Status) + ")"
	case f.Status == probes.Blocked:
		says += " (waits for " + safetext.Line(f.BlockedBy) + ")"
	}
	if p.hosts && f.Host != "" {
		says += " [" + safetext.Line(f.Host) + "]"
	}
	p.writeWrapped("  "+p.colour(mark.sign, mark.colour)+" ", "    ", says, "")
	if f.Attested != "" {
		p.writeWrapped("      vouched for: ", "        ", safetext.Line(f.Attested), "")
	}
	if words := WaiverText(f); words != "" {
		p.writeWrapped("      ", "        ", safetext.Line(words), "")
	}
	if !isExplained(f) {
		if p.o.Verbose && f.Because != "" {
			p.writeWrapped("      ", "      ", safetext.Line(f.Because), "")
		}
		return
	}
	if isFolded(p.unasked, f) {
		return
	}
	row := func(label, text string) {
		if text != "" {
			p.writeWrapped(fmt.Sprintf("      %-6s ", label), "             ", text, "")
		}
	}
	row("seen", safetext.Line(f.Because))
	if isTask(f) {
		do, proof, where := splitRemedy(f.Remedy)
		row("do", do)
		row("who", ActorNames[f.Remedy.Who])
		row("where", where)
		if !p.o.Program {
			row("how", commandHint(f, p.chain))
		}
		if proof != "" {
			p.writeLine("      prove  "+proof, "") // one line, so that it can be copied
			row("", rootsNote(proof))
		}
		row("after", safetext.Line(p.after(f)))
	}
	row("guide", safetext.Line(placeText(f)))
	row("cause", safetext.Line(string(f.Cause)))
}

// WaiverText is what became of a finding's waiver: who accepted it, why and until when; empty where nobody did.
func WaiverText(f probes.Finding) string {
	what, w := "", f.Waived
	switch {
	case w != nil:
		what = "waived: "
	case f.WaiverEnded != nil:
		what, w = "waiver over: ", f.WaiverEnded
	case f.WaiverUnneeded != nil:
		what, w = "waiver not needed: ", f.WaiverUnneeded
	default:
		return ""
	}
	return what + waiverText(*w)
}

// waiverText is why a deviation is accepted, by whom and until when.
func waiverText(w probes.Waiver) string {
	if w.Until == "" {
		return fmt.Sprintf("%s (%s)", w.Reason, w.Owner)
	}
	return fmt.Sprintf("%s (%s, until %s)", w.Reason, w.Owner, w.Until)
}

// SourceText is where the guide asks for it.
func SourceText(s probes.Source) string {
	words := []string{}
	for _, part := range []string{s.Section, s.Item} {
		if part != "" {
			words = append(words, part)
		}
	}
	text := strings.Join(words, ", ")
	switch {
	case s.Label != "" && text == "":
		return fmt.Sprintf("%q", s.Label)
	case s.Label != "":
		text += fmt.Sprintf(" (%q)", s.Label)
	}
	return text
}

// writeOutcome writes the last lines: what nobody could ask, what to fix first, and the outcome with its counts.
func (p *textWriter) writeOutcome(r *Report) {
	p.writeLine("", "")
	if g := credentialsGroup(p.unasked); g != nil && !p.o.Quiet {
		p.writeWrapped("", "  ", g.credentialsText(p.o), "")
	}
	for _, g := range p.waiting {
		if !g.shown { // its root was left out of this report, or is told in another line
			p.writeWrapped("", "  ", g.blockedText(), "")
		}
	}
	p.writeGuides(r)
	if len(r.RootCauses) > 0 {
		p.writeWrapped("Fix first: ", "           ", safetext.Line(strings.Join(r.RootCauses, ", ")), "")
	}
	if r.Partial {
		p.writeWrapped("Partial: ", "         ", coverageText(r)+"; this says nothing about the others.", "")
	}
	colour := map[probes.Outcome]ansi.BasicColor{probes.Conformant: ansi.Green, probes.NotConformant: ansi.Red, probes.Incomplete: ansi.Yellow}[r.Outcome]
	head := p.colour(strings.ToUpper(string(r.Outcome)), colour)
	p.writeWrapped(head+": ", "  ", fmt.Sprintf("%s; %s in %.1f s", countsText(r), count(r.Requests, "request", "requests"), r.TookMS/1000), "")
	if len(p.waiting) > 0 && !p.o.Verbose && !p.o.Program {
		p.writeWrapped("", "", "--verbose lists what waits and what does not apply.", "")
	}
}

// writeGuides writes what the report says of each of several guides, and what they cannot all have.
func (p *textWriter) writeGuides(r *Report) {
	if len(r.Guides) == 0 {
		if lines := noteLines(r.Guide.ReportGuideNotes); len(lines) > 0 && !p.o.Quiet {
			p.writeLine("Guide", "bold")
			p.writeGuideLines("  ", lines)
			p.writeLine("", "")
		}
		return
	}
	p.writeLine("Guides", "bold")
	for _, g := range r.Guides {
		mark := statusMarks[guideWords[g.Outcome].status]
		p.writeWrapped("  "+p.colour(mark.sign, mark.colour)+" ", "    ", safetext.Line(guideText(g)), "")
		p.writeGuideLines("      ", guideLines(g))
	}
	p.writeLine("", "")
	if len(r.Contradictions) > 0 {
		p.writeLine("Contradictions", "bold")
		for _, c := range r.Contradictions {
			p.writeWrapped("  ", "    ", safetext.Line(contradictionText(c)), "")
		}
		p.writeLine("", "")
	}
}

func (p *textWriter) writeGuideLines(indent string, lines []guideLine) {
	for _, l := range lines {
		p.writeWrapped(fmt.Sprintf("%s%-12s", indent, strings.ToLower(l.Label)), indent+strings.Repeat(" ", 12), safetext.Line(l.Text), "")
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// severalHosts tells whether findings speak of more than one host.
func severalHosts(findings []probes.Finding) bool {
	seen := ""
	for _, f := range findings {
		if f.Host != "" && seen != "" && f.Host != seen {
			return true
		}
		if f.Host != "" {
			seen = f.Host
		}
	}
	return false
}
