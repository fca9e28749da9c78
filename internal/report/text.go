package report

import (
	"fmt"
	"io"
	"strings"

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
	hosts bool              // findings of two hosts have to be told apart
	told  map[string]string // what kept somebody from looking, to the ID where it is told
	err   error
}

// Text writes the report for a person at a terminal.
func Text(w io.Writer, r *Report, o Options) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &page{w: w, o: o, hosts: severalHosts(r.Findings), told: map[string]string{}}
	p.line(clean(fmt.Sprintf("halocheck %s  %s  (%s, guide %s)", r.Tool.Version, r.Target.URL, r.Target.Hosting, r.Guide.Name)), "")
	waiting := waitingFor(r.Findings)
	for _, chapter := range Chapters {
		p.chapter(chapter.Title, chapter.Area, r.Findings, waiting)
	}
	p.outcome(r, waiting)
	return p.err
}

// chapter writes one area; one with nothing to show has no heading.
func (p *page) chapter(title, area string, findings []probes.Finding, waiting []*queue) {
	started := false
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
		for _, q := range waiting {
			if q.root == f.ID && !q.told && explained(f) {
				q.told = true
				p.wrap("      ", "      ", fmt.Sprintf("%d more cannot be asked until this holds: %s", len(q.ids), clean(q.names())), "")
			}
		}
	}
}

// explained tells whether a finding is told in full, so that what waits for it can stand under it.
func explained(f probes.Finding) bool {
	return f.Status == probes.Failed || f.Status == probes.Unknown || f.Status == probes.Broken
}

// shows tells whether a finding has a line of its own: blocked ones are folded under their root cause.
func (p *page) shows(f probes.Finding) bool {
	switch f.Status {
	case probes.Blocked, probes.NotApplicable, probes.Skipped:
		return p.o.Verbose
	case probes.Passed:
		return !p.o.Quiet || f.WaiverUnneeded != nil
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
		says += " (waits for " + clean(f.BlockedBy) + ")"
	}
	if p.hosts && f.Host != "" {
		says += " [" + clean(f.Host) + "]"
	}
	p.wrap("  "+p.paint(mark.sign, mark.colour)+" ", "    ", says, "")
	if f.Attested != "" {
		p.wrap("      attested: ", "        ", clean(f.Attested), "")
	}
	if words := WaiverWords(f); words != "" {
		p.wrap("      ", "        ", clean(words), "")
	}
	if !explained(f) {
		if p.o.Verbose && f.Because != "" {
			p.wrap("      ", "      ", clean(f.Because), "")
		}
		return
	}
	label := f.ID
	if f.Cause != "" {
		label += "  " + string(f.Cause)
	}
	if first := p.told[f.Because]; f.Cause == probes.NotObserved && first != "" {
		p.wrap("      ", "      ", clean(label+", for the same reason as "+first), "")
		return
	}
	p.told[f.Because] = f.ID
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

// WaiverWords is what became of a finding's waiver: who accepted it, why and until when; empty where nobody did.
func WaiverWords(f probes.Finding) string {
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
	return what + waiverWords(*w)
}

// waiverWords is why a deviation is accepted, by whom and until when.
func waiverWords(w probes.Waiver) string {
	if w.Until == "" {
		return fmt.Sprintf("%s (%s)", w.Reason, w.Owner)
	}
	return fmt.Sprintf("%s (%s, until %s)", w.Reason, w.Owner, w.Until)
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
func (p *page) outcome(r *Report, waiting []*queue) {
	for _, q := range waiting {
		if !q.told { // its root was left out of this report
			p.line("", "")
			p.wrap("", "", fmt.Sprintf("%d cannot be asked until %s holds: %s", len(q.ids), clean(q.root), clean(q.names())), "")
		}
	}
	p.line("", "")
	if len(r.RootCauses) > 0 {
		p.wrap("Fix first: ", "           ", clean(strings.Join(r.RootCauses, ", ")), "")
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
	if len(waiting) > 0 && !p.o.Verbose {
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
