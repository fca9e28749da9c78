package report

import (
	"fmt"
	"io"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/halocheck/halocheck/probes"
)

// marks are what stands before a requirement, and its colour. Colour is never the only sign.
var marks = map[probes.Status]struct{ sign, colour string }{
	probes.Passed:        {"✓", "2"},
	probes.Failed:        {"✗", "1"},
	probes.Unknown:       {"?", "3"},
	probes.Blocked:       {"·", "8"},
	probes.Broken:        {"!", "5"},
	probes.NotApplicable: {"–", "8"},
	probes.Skipped:       {"–", "8"},
}

// Chapters are the areas as headings, in catalogue order.
var Chapters = []struct{ Area, Title string }{
	{"network", "Network"}, {"trust", "Certificate"}, {"product", "HaloPSA"}, {"login", "Login"},
	{"application", "Application"}, {"role", "Role"}, {"agent", "Agent"},
}

// Actors are the people who act, in words.
var Actors = map[probes.Actor]string{
	probes.HaloAdmin:    "the customer's HaloPSA administrator",
	probes.NetworkAdmin: "the customer's network administrator",
	probes.Vendor:       "the integration's vendor",
	probes.Operator:     "whoever sets up the integration",
}

// page is a text being written.
type page struct {
	w     io.Writer
	o     Options
	hosts bool // findings of two hosts have to be told apart
	err   error
}

// Text writes the report for a person at a terminal.
func Text(w io.Writer, r *Report, o Options) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &page{w: w, o: o, hosts: severalHosts(r.Findings)}
	p.line(clean(fmt.Sprintf("halocheck %s  %s  (%s, guide %s)", r.Tool.Version, r.Target.URL, r.Target.Hosting, r.Guide.Name)), "")
	blocked := map[string]int{}
	for _, f := range r.Findings {
		if f.Status == probes.Blocked {
			blocked[f.BlockedBy]++
		}
	}
	for _, chapter := range Chapters {
		p.chapter(chapter.Title, chapter.Area, r.Findings, blocked)
	}
	p.outcome(r, blocked)
	return p.err
}

// chapter writes one area; one with nothing to show has no heading.
func (p *page) chapter(title, area string, findings []probes.Finding, blocked map[string]int) {
	started := false
	told := map[string]bool{}
	for _, f := range findings {
		if f.Area != area || !p.shows(f) {
			continue
		}
		if !started {
			started = true
			p.line("", "")
			p.line(title, "bold")
		}
		p.finding(f)
		if n := blocked[f.ID]; n > 0 && f.Status != probes.Passed && !told[f.ID] {
			told[f.ID] = true
			p.wrap("      ", "      ", fmt.Sprintf("%s cannot be asked until this holds.", count(n, "more requirement", "more requirements")), "")
		}
	}
}

// shows tells whether a finding has a line of its own: blocked ones are folded under their root cause.
func (p *page) shows(f probes.Finding) bool {
	switch f.Status {
	case probes.Blocked, probes.NotApplicable, probes.Skipped:
		return p.o.Verbose
	case probes.Passed:
		return !p.o.Quiet
	case probes.Failed, probes.Unknown, probes.Broken:
	}
	return true
}

// finding writes one requirement: what it says, and where it does not hold what was seen, what to do and who asks for it.
func (p *page) finding(f probes.Finding) {
	mark := marks[f.Status]
	says := strings.TrimSuffix(clean(f.Says), ".")
	switch {
	case f.Status == probes.Failed && f.Level != probes.Must:
		says += " (" + string(f.Level) + ")"
	case f.Status == probes.Skipped, f.Status == probes.NotApplicable:
		says += " (" + string(f.Status) + ")"
	case f.Status == probes.Blocked:
		says += " (waits for " + f.BlockedBy + ")"
	}
	if p.hosts && f.Host != "" {
		says += " [" + clean(f.Host) + "]"
	}
	p.wrap("  "+p.paint(mark.sign, mark.colour)+" ", "    ", says, "")
	if f.Attested != "" {
		p.wrap("      attested: ", "        ", clean(f.Attested), "")
	}
	if f.Waived != nil {
		p.wrap("      waived: ", "        ", clean(fmt.Sprintf("%s (%s)", f.Waived.Reason, f.Waived.Owner)), "")
	}
	switch f.Status {
	case probes.Failed, probes.Unknown, probes.Broken:
	default:
		if p.o.Verbose && f.Because != "" {
			p.wrap("      ", "      ", clean(f.Because), "")
		}
		return
	}
	label := f.ID
	if f.Cause != "" {
		label += "  " + string(f.Cause)
	}
	p.wrap("      ", "      ", clean(label), "")
	p.wrap("      seen   ", "             ", clean(f.Because), "")
	if f.Remedy != nil {
		p.wrap("      do     ", "             ", clean(f.Remedy.Do), "")
		p.wrap("      who    ", "             ", Actors[f.Remedy.Who], "")
		if f.Remedy.Where != "" {
			p.wrap("      where  ", "             ", clean(f.Remedy.Where), "")
		}
	}
	if source := SourceWords(f.Source); source != "" {
		p.wrap("      guide  ", "             ", clean(source), "")
	}
}

// SourceWords is where the guide asks for it.
func SourceWords(s probes.Source) string {
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

// outcome writes the last lines: what to fix first, and the outcome with its counts.
func (p *page) outcome(r *Report, blocked map[string]int) {
	p.line("", "")
	if len(r.RootCauses) > 0 {
		p.wrap("Fix first: ", "           ", strings.Join(r.RootCauses, ", "), "")
	}
	var parts []string
	for _, status := range []probes.Status{probes.Passed, probes.Failed, probes.Unknown, probes.Blocked, probes.Broken, probes.NotApplicable, probes.Skipped} {
		if n := r.Counts[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	colour := map[probes.Outcome]string{probes.Conformant: "2", probes.NotConformant: "1", probes.Incomplete: "3"}[r.Outcome]
	head := p.paint(strings.ToUpper(string(r.Outcome)), colour)
	p.wrap(head+": ", "  ", fmt.Sprintf("%s; %s in %.1f s", strings.Join(parts, ", "), count(r.Requests, "request", "requests"), r.TookMS/1000), "")
	if len(blocked) > 0 && !p.o.Verbose {
		p.wrap("", "", "--verbose lists what is blocked and what does not apply.", "")
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

// paint colours a word, where that is wanted.
func (p *page) paint(text, colour string) string {
	if !p.o.Colour {
		return text
	}
	return lipgloss.NewStyle().Foreground(lipgloss.Color(colour)).Bold(true).Render(text)
}

// line writes a line as it is.
func (p *page) line(text, style string) {
	if style == "bold" && p.o.Colour {
		text = lipgloss.NewStyle().Bold(true).Render(text)
	}
	p.write(strings.TrimRight(text, " ") + "\n")
}

// wrap writes text within the width: first stands before the first line, rest before the others.
func (p *page) wrap(first, rest, text, style string) {
	prefix := first
	room := max(20, p.o.Width-lipgloss.Width(rest))
	for _, part := range wrapWords(text, max(20, p.o.Width-lipgloss.Width(first)), room) {
		p.line(prefix+part, style)
		prefix = rest
	}
}

// Wrap is text within the width, with first before the first line and rest before the others.
func Wrap(first, rest, text string, width int) string {
	var b strings.Builder
	p := &page{w: &b, o: Options{Width: width}}
	p.wrap(first, rest, text, "")
	return b.String()
}

// wrapWords breaks text at blanks by display width. A word that is wider than a line stands alone and is not cut, so that
// addresses and digests can be copied.
func wrapWords(text string, first, room int) []string {
	var lines []string
	var line strings.Builder
	width, most := 0, first
	for _, word := range strings.Fields(text) {
		w := lipgloss.Width(word)
		if width > 0 && width+1+w > most {
			lines = append(lines, line.String())
			line.Reset()
			width, most = 0, room
		}
		if width > 0 {
			line.WriteByte(' ')
			width++
		}
		line.WriteString(word)
		width += w
	}
	return append(lines, line.String())
}

func (p *page) write(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text)
	}
}
