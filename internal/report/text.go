package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// statusMarks are what stands before a requirement, and its colour. Colour is never the only sign.
var statusMarks = map[probes.Status]struct{ sign, colour string }{
	probes.Passed:        {"✓", "2"},
	probes.Failed:        {"✗", "1"},
	probes.Unknown:       {"?", "3"},
	probes.Blocked:       {"·", "8"},
	probes.Broken:        {"!", "5"},
	probes.NotApplicable: {"–", "8"},
	probes.Skipped:       {"–", "8"},
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
	probes.Operator:     "whoever sets up the integration",
}

// textWriter is a text being written.
type textWriter struct {
	w            io.Writer
	o            Options
	hosts        bool              // findings of two hosts have to be told apart
	shownReasons map[string]string // what kept somebody from looking, to the ID where it is told
	err          error
}

// Text writes the report for a person at a terminal.
func Text(w io.Writer, r *Report, o Options) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &textWriter{w: w, o: o, hosts: severalHosts(r.Findings), shownReasons: map[string]string{}}
	p.writeLine(safetext.Line(fmt.Sprintf("halocheck %s  %s  (%s, guide %s)", r.Tool.Version, r.Target.URL, r.Target.Hosting, r.Guide.Name)), "")
	waiting := groupBlocked(r.Findings)
	for _, chapter := range AreaTitles {
		p.writeArea(chapter.Title, chapter.Area, r.Findings, waiting)
	}
	p.writeOutcome(r, waiting)
	return p.err
}

// writeArea writes one area; one with nothing to show has no heading.
func (p *textWriter) writeArea(title, area string, findings []probes.Finding, waiting []*blockedGroup) {
	started := false
	for _, f := range findings {
		if f.Area != area || !p.isShown(f) {
			continue
		}
		if !started {
			started = true
			p.writeLine("", "")
			p.writeLine(title, "bold")
		}
		p.writeFinding(f)
		for _, q := range waiting {
			if q.root == f.ID && !q.shown && isExplained(f) {
				q.shown = true
				p.writeWrapped("      ", "      ", fmt.Sprintf("%d more cannot be asked until this holds: %s", len(q.ids), safetext.Line(q.idList())), "")
			}
		}
	}
}

// isExplained tells whether a finding is told in full, so that what waits for it can stand under it.
func isExplained(f probes.Finding) bool {
	return f.Status == probes.Failed || f.Status == probes.Unknown || f.Status == probes.Broken
}

// isShown tells whether a finding has a line of its own: blocked ones are folded under their root cause.
func (p *textWriter) isShown(f probes.Finding) bool {
	switch f.Status {
	case probes.Blocked, probes.NotApplicable, probes.Skipped:
		return p.o.Verbose
	case probes.Passed:
		return !p.o.Quiet || f.WaiverUnneeded != nil
	case probes.Failed, probes.Unknown, probes.Broken:
	}
	return true
}

// writeFinding writes one requirement: what it says, and where it does not hold what was seen, what to do and who asks for it.
func (p *textWriter) writeFinding(f probes.Finding) {
	mark := statusMarks[f.Status]
	says := strings.TrimSuffix(safetext.Line(f.Says), ".")
	switch {
	case f.Status == probes.Failed && f.Level != probes.Must:
		says += " (" + string(f.Level) + ")"
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
		p.writeWrapped("      attested: ", "        ", safetext.Line(f.Attested), "")
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
	label := f.ID
	if f.Cause != "" {
		label += "  " + string(f.Cause)
	}
	if first := p.shownReasons[f.Because]; f.Cause == probes.NotObserved && first != "" {
		p.writeWrapped("      ", "      ", safetext.Line(label+", for the same reason as "+first), "")
		return
	}
	p.shownReasons[f.Because] = f.ID
	p.writeWrapped("      ", "      ", safetext.Line(label), "")
	p.writeWrapped("      seen   ", "             ", safetext.Line(f.Because), "")
	if f.Remedy != nil {
		p.writeWrapped("      do     ", "             ", safetext.Line(f.Remedy.Do), "")
		p.writeWrapped("      who    ", "             ", ActorNames[f.Remedy.Who], "")
		if f.Remedy.Where != "" {
			p.writeWrapped("      where  ", "             ", safetext.Line(f.Remedy.Where), "")
		}
	}
	if source := SourceText(f.Source); source != "" {
		p.writeWrapped("      guide  ", "             ", safetext.Line(source), "")
	}
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
	if s.Label != "" {
		text += fmt.Sprintf(" (%q)", s.Label)
	}
	return text
}

// writeOutcome writes the last lines: what to fix first, and the outcome with its counts.
func (p *textWriter) writeOutcome(r *Report, waiting []*blockedGroup) {
	for _, q := range waiting {
		if !q.shown { // its root was left out of this report
			p.writeLine("", "")
			p.writeWrapped("", "", fmt.Sprintf("%d cannot be asked until %s holds: %s", len(q.ids), safetext.Line(q.root), safetext.Line(q.idList())), "")
		}
	}
	p.writeLine("", "")
	if len(r.RootCauses) > 0 {
		p.writeWrapped("Fix first: ", "           ", safetext.Line(strings.Join(r.RootCauses, ", ")), "")
	}
	var seen []probes.Status
	for _, status := range []probes.Status{probes.Passed, probes.Failed, probes.Unknown, probes.Blocked, probes.Broken, probes.NotApplicable, probes.Skipped} {
		if r.Counts[status] > 0 {
			seen = append(seen, status)
		}
	}
	if r.Partial {
		p.writeWrapped("Partial: ", "         ", coverageText(r)+"; this says nothing of the others.", "")
	}
	colour := map[probes.Outcome]string{probes.Conformant: "2", probes.NotConformant: "1", probes.Incomplete: "3"}[r.Outcome]
	head := p.colour(strings.ToUpper(string(r.Outcome)), colour)
	p.writeWrapped(head+": ", "  ", fmt.Sprintf("%s; %s in %.1f s", countsText(r, seen...), count(r.Requests, "request", "requests"), r.TookMS/1000), "")
	if len(waiting) > 0 && !p.o.Verbose {
		p.writeWrapped("", "", "--verbose lists what is blocked and what does not apply.", "")
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
