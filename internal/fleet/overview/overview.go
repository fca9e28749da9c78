// Package overview writes what a fleet's results say as one HTML file that loads nothing: totals, what to fix first, who has
// to act, which certificates end when, a map of requirements and instances, and a list from which each report is opened.
package overview

import (
	"cmp"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/trust"
)

// Page gathers results one by one and keeps of each only what the page shows, each text once.
type Page struct {
	texts        []string
	textAt       map[string]int
	requirements []requirement
	builtIn      map[string]string // the built-in guide's words
	at           map[string]int    // a requirement's place in requirements
	findings     []seen
	findingAt    map[seen]int
	rows         []*row
}

// requirement is one row of the map.
type requirement struct {
	ID   string `json:"id"`
	Area string `json:"area"`
	Says string `json:"says"` // in the words of the guides that were judged by; empty: no result has them

	said []string // those words
}

// row is an instance as the page's script reads it. Numbers are places in texts, requirements or findings.
type row struct {
	Name     string  `json:"name"`
	URL      string  `json:"url"`
	Labels   []int   `json:"labels"`
	Outcome  string  `json:"outcome"`
	States   string  `json:"states"` // a letter for each requirement, see state
	Roots    []root  `json:"roots"`  // what to fix first
	Open     []root  `json:"open"`   // what could not be judged and is none of them
	Who      []int   `json:"who"`    // who has to act on a Must that fails
	Ends     []end   `json:"ends"`   // certificates
	Started  int64   `json:"started"`
	TookMS   float64 `json:"took_ms"`
	Requests int     `json:"requests"`
	Seen     []int   `json:"seen"`    // the places in findings of all that are more than a pass
	Changed  []moved `json:"changed"` // against the earlier run
	Guides   []by    `json:"guides"`  // the outcome by each
}

// by is the outcome by one guide.
type by struct {
	Guide   int  `json:"guide"`
	Outcome int  `json:"outcome"`
	Planned bool `json:"planned,omitempty"`
}

type root struct {
	Requirement int `json:"requirement"`
	Cause       int `json:"cause"`
}

type end struct {
	Host int   `json:"host"`
	At   int64 `json:"at"` // Unix, seconds
}

// seen is a finding. The zero number is the empty text.
type seen struct {
	Requirement int `json:"r"`
	Status      int `json:"s"`
	Level       int `json:"level,omitempty"`
	Says        int `json:"says,omitempty"`
	Cause       int `json:"cause,omitempty"`
	Because     int `json:"because,omitempty"`
	Host        int `json:"host,omitempty"`
	BlockedBy   int `json:"by,omitempty"`
	Do          int `json:"do,omitempty"`
	Proof       int `json:"proof,omitempty"` // a command that shows that it was done
	Who         int `json:"who,omitempty"`
	Where       int `json:"where,omitempty"`
	Note        int `json:"note,omitempty"` // attested or waived, in words
	For         int `json:"for,omitempty"`  // the guides, of several, that ask for it
}

// moved is a requirement whose state is another one than in the earlier run.
type moved struct {
	Kind        int `json:"kind"` // a place in kinds
	Requirement int `json:"requirement"`
	Was         int `json:"was"`
	Cause       int `json:"cause"`
}

// The states of a requirement on an instance. Where two hosts differ, the one that stands first here counts.
const (
	failed  = "F" // a Must that fails and was not accepted
	broken  = "B"
	unknown = "U"
	blocked = "K"
	remark  = "r" // what should or may hold and does not
	waived  = "w"
	passed  = "p"
	idle    = "-" // not judged, and nothing that counts
	absent  = "." // no finding at all
)

// states is how much each matters, the worst first.
const states = failed + broken + unknown + blocked + remark + waived + passed + idle + absent

// New is an empty page.
func New() *Page {
	p := &Page{texts: []string{""}, textAt: map[string]int{"": 0}, at: map[string]int{}, builtIn: map[string]string{}, findings: []seen{}, findingAt: map[seen]int{}}
	for _, c := range catalogue.All(guide.BuiltIn()) {
		m := c.Meta()
		if _, ok := p.at[m.ID]; !ok {
			p.add(requirement{ID: m.ID, Says: m.Says})
			p.builtIn[m.ID] = m.Says
		}
	}
	return p
}

func (p *Page) add(r requirement) int {
	r.Area, _, _ = strings.Cut(r.ID, ".")
	p.at[r.ID] = len(p.requirements)
	p.requirements = append(p.requirements, r)
	return p.at[r.ID]
}

// place is where a requirement stands; one that is not known comes last.
func (p *Page) place(id string) int {
	id = safetext.Line(id)
	if n, ok := p.at[id]; ok {
		return n
	}
	return p.add(requirement{ID: id})
}

// otherwise stands between the words that guides have for one requirement.
const otherwise = " By another guide: "

// say notes in which words a finding says what it judges; without any they are the built-in guide's. What no guide of the result
// asks for is not judged in any words.
func (p *Page) say(n int, f fleet.Finding) {
	r, says := &p.requirements[n], safetext.Line(f.Says)
	if says == "" {
		says = p.builtIn[r.ID]
	}
	if says == "" || f.Status == probes.NotApplicable || slices.Contains(r.said, says) {
		return
	}
	r.said = append(r.said, says)
	r.Says = strings.Join(r.said, otherwise)
}

// text is where a text stands, made safe to show.
func (p *Page) text(s string) int {
	if n, ok := p.textAt[s]; ok {
		return n
	}
	p.textAt[s] = len(p.texts)
	p.texts = append(p.texts, safetext.Line(s))
	return p.textAt[s]
}

// Add takes one more result. The caller sees to it that no instance is added twice.
func (p *Page) Add(r *fleet.Result) {
	x := &row{
		Name: safetext.Line(r.Name), URL: safetext.Line(r.URL), Outcome: safetext.Line(string(r.Outcome)), Started: r.Started.Unix(), TookMS: r.TookMS, Requests: r.Requests,
		Labels: []int{}, Roots: []root{}, Open: []root{}, Who: []int{}, Ends: []end{}, Seen: []int{}, Changed: []moved{}, Guides: []by{},
	}
	for _, g := range r.Guides {
		x.Guides = append(x.Guides, by{p.text(g.Name), p.text(string(g.Outcome)), g.Planned})
	}
	for _, label := range fleet.ByLabel(fleet.Change{Labels: r.Labels}) {
		x.Labels = append(x.Labels, p.text(label))
	}
	for _, id := range r.RootCauses {
		x.Roots = append(x.Roots, root{p.place(id), p.text(string(r.CauseOf(id)))})
	}
	for _, c := range r.Unjudged() {
		x.Open = append(x.Open, root{p.place(c.ID), p.text(string(c.Cause))})
	}
	for _, c := range r.Certificates {
		x.Ends = append(x.Ends, end{p.text(c.Host), c.NotAfter.Unix()})
	}
	var all []byte
	for _, f := range r.Findings {
		n, state := p.place(f.ID), stateOf(f)
		p.say(n, f)
		for len(all) <= n {
			all = append(all, absent[0])
		}
		if strings.IndexByte(states, state[0]) < strings.IndexByte(states, all[n]) {
			all[n] = state[0]
		}
		if f.Fails() && f.Remedy != nil {
			if who := p.text(string(f.Remedy.Who)); !slices.Contains(x.Who, who) {
				x.Who = append(x.Who, who)
			}
		}
		if state != passed || f.Attested != "" {
			x.Seen = append(x.Seen, p.seen(n, f))
		}
	}
	x.States = string(all)
	p.rows = append(p.rows, x)
}

// seen is where a finding stands; one that many instances have in the same words, such as what waits for the same, once.
func (p *Page) seen(requirement int, f fleet.Finding) int {
	out := seen{
		Requirement: requirement, Status: p.text(string(f.Status)), Level: p.text(string(f.Level)), Cause: p.text(string(f.Cause)), Because: p.text(f.Because),
		Host: p.text(f.Host), BlockedBy: p.text(f.BlockedBy), For: p.text(strings.Join(f.AskedBy, ", ")),
		Says: p.text(cmp.Or(f.Says, p.builtIn[p.requirements[requirement].ID])),
	}
	if f.Remedy != nil {
		do, proof, _ := strings.Cut(f.Remedy.Do, trust.ProofMark)
		out.Do, out.Proof, out.Who, out.Where = p.text(do), p.text(proof), p.text(string(f.Remedy.Who)), p.text(f.Remedy.Where)
	}
	switch {
	case f.Waived != nil:
		out.Note = p.text(report.WaiverText(probes.Finding{Waived: f.Waived}))
	case f.Attested != "":
		out.Note = p.text("attested: " + f.Attested)
	}
	n, ok := p.findingAt[out]
	if !ok {
		n = len(p.findings)
		p.findingAt[out] = n
		p.findings = append(p.findings, out)
	}
	return n
}

// stateOf is a finding as one letter.
func stateOf(f fleet.Finding) string {
	must := f.Level == probes.Must
	switch {
	case f.Status == probes.Passed:
		return passed
	case f.Waived != nil:
		return waived
	case must && f.Status == probes.Failed:
		return failed
	case must && f.Status == probes.Broken:
		return broken
	case must && f.Status == probes.Unknown:
		return unknown
	case must && f.Status == probes.Blocked:
		return blocked
	case f.Status == probes.Failed:
		return remark
	}
	return idle
}
