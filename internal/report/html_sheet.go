package report

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// sheet is the report as the HTML template shows it: words and places, nothing left to decide.
type sheet struct {
	Policy string
	Style  template.CSS
	Script template.JS

	URL, Hosting, AuthURL, Tenant    string
	Guide, Edition, Profiles         string
	Version, Started, Took, Requests string
	Outcome                          probes.Outcome
	Headline, Opening                string
	Tally                            []tally
	First                            *card   // what to fix first; nil where nothing is to be fixed
	Then                             []*card // the other root causes
	Stations                         []station
	Message                          *dutyCard // what whoever acts first has to do
	Duties                           []dutyCard
	Chains                           []chainCard
	Chapters                         []chapterCard
	Evidence                         []exhibit
	Statuses, Areas, Uses, Who       []choice
	Total                            int
	Ticket                           string // the whole report to be pasted into a ticket
	Apart                            bool   // the duties say more than First does
	Several                          bool   // findings speak of more than one host

	cards map[string]*card // by the place of the finding
}

// tally is how many findings have a status.
type tally struct {
	Status probes.Status
	Sign   string
	N      int
}

// choice is one value that the findings can be filtered by.
type choice struct{ Value, Label, Sign string }

// station is one step of the way from the host to the teams.
type station struct{ Area, Title, Step, State, Word, Sign string }

// chapterCard is one area with its findings.
type chapterCard struct {
	Area, Title string
	Cards       []*card
}

// card is one finding.
type card struct {
	Anchor, ID, Area, Level, Profile, Host                        string
	Status                                                        probes.Status
	Sign, Says, Cause, Meaning, Seen                              string
	Do, Proof, Where, Who, Actor, Guide                           string
	Waived, Lapsed, LapsedTag, Attested, BlockedBy, BlockedAnchor string // Lapsed is a waiver that does nothing any more
	Evidence                                                      string // the anchor of the judged answer; empty: there is none
	Same                                                          string // the ID of an earlier finding with the same reason; empty: there is none
	Plain                                                         string // what to do, without what only halocheck's flags do
	Waits                                                         string // what cannot be asked until this holds
	Open                                                          bool
	Copy                                                          string // the finding as text
}

// dutyCard is what one person has to do.
type dutyCard struct {
	Actor, Title string
	Tasks        []taskCard
	Copy         string // a message to that person
}

// taskCard is one thing to do.
type taskCard struct {
	Do, Where, Proof string
	Optional         bool
	For              []*card
	More             int // how many others it is for, beside those in For
}

// steps are what each area is on the way from the host to the teams.
var steps = map[string]string{
	"network": "reach the host", "trust": "trust its certificate", "product": "find HaloPSA there", "login": "log in",
	"application": "get the scopes", "role": "be allowed to", "agent": "see the teams",
}

// newSheet lays the report out.
func newSheet(r *Report) (*sheet, error) {
	s := &sheet{
		URL: clean(r.Target.URL), Hosting: clean(string(r.Target.Hosting)), AuthURL: clean(r.Target.AuthURL), Tenant: clean(r.Target.Tenant),
		Guide: clean(r.Guide.Name), Edition: clean(r.Guide.Edition), Profiles: clean(strings.Join(r.Guide.Profiles, ", ")),
		Version: clean(r.Tool.Version), Started: r.Started.Format("2006-01-02 15:04:05 MST"),
		Took: fmt.Sprintf("%.1f s", r.TookMS/1000), Requests: count(r.Requests, "request", "requests"),
		Outcome: r.Outcome, Total: len(r.Findings), Several: severalHosts(r.Findings),
	}
	s.Headline, s.Opening = headlines[r.Outcome], lead(r)
	if len(r.Only) > 0 {
		s.Opening += " Only " + clean(strings.Join(r.Only, ", ")) + " was judged."
	}
	var short bytes.Buffer
	if err := Short(&short, r); err != nil {
		return nil, err
	}
	s.Ticket = short.String()
	s.lay(r)
	s.Stations = stationsOf(r)
	s.Duties = s.dutyCards(r)
	s.first(r)
	s.Chains = chainsOf(r)
	s.Evidence = exhibitsOf(r)
	s.choices(r)
	return s, nil
}

// headlines are the outcomes as a person says them.
var headlines = map[probes.Outcome]string{
	probes.Conformant: "The connection meets the guide", probes.NotConformant: "The connection does not meet the guide", probes.Incomplete: "Not everything could be judged",
}

// lead says what the outcome rests on.
func lead(r *Report) string {
	switch r.Outcome {
	case probes.Conformant:
		return "Everything that the guide demands was judged and holds."
	case probes.NotConformant:
		return "At least one thing that the guide demands does not hold."
	case probes.Incomplete:
	}
	return "Nothing was seen to fail, and something that the guide demands could not be judged from here."
}

// lay makes a card of each finding, chapter by chapter. Findings of an area that no chapter knows come last.
func (s *sheet) lay(r *Report) {
	anchors := map[string]int{}
	waiting := waitingFor(r.Findings)
	known := map[string]int{}
	s.cards = map[string]*card{}
	for i, c := range Chapters {
		known[c.Area] = i
		s.Chapters = append(s.Chapters, chapterCard{Area: c.Area, Title: c.Title})
	}
	told := map[string]string{} // what kept somebody from looking, to the ID where it is told
	for _, f := range r.Findings {
		c := newCard(r, f)
		if f.Cause == probes.NotObserved && told[f.Because] != "" {
			c.Open, c.Same = false, told[f.Because]
		} else if explained(f) {
			told[f.Because] = c.ID
		}
		s.cards[placeOf(f)] = c
		anchors[f.ID]++
		if n := anchors[f.ID]; n > 1 {
			c.Anchor = fmt.Sprintf("%s-%d", c.Anchor, n)
		}
		for _, q := range waiting {
			if q.root == f.ID && !q.told && explained(f) {
				q.told = true
				c.Waits = fmt.Sprintf("%d more cannot be asked until this holds: %s", len(q.ids), clean(q.names()))
			}
		}
		at, ok := known[f.Area]
		if !ok {
			at = len(s.Chapters)
			known[f.Area] = at
			s.Chapters = append(s.Chapters, chapterCard{Area: clean(f.Area), Title: clean(f.Area)})
		}
		s.Chapters[at].Cards = append(s.Chapters[at].Cards, c)
	}
	s.Chapters = slices.DeleteFunc(s.Chapters, func(c chapterCard) bool { return len(c.Cards) == 0 })
}

// placeOf tells the findings of a report apart.
func placeOf(f probes.Finding) string { return f.ID + " " + f.Host }

// newCard is one finding in words.
func newCard(r *Report, f probes.Finding) *card {
	c := &card{
		Anchor: clean(f.ID), ID: clean(f.ID), Area: clean(f.Area), Level: clean(string(f.Level)), Profile: clean(f.Profile), Host: clean(f.Host),
		Status: f.Status, Sign: marks[f.Status].sign, Says: clean(f.Says), Cause: clean(string(f.Cause)), Seen: clean(f.Because),
		Guide: clean(SourceWords(f.Source)), Attested: clean(f.Attested), BlockedBy: clean(f.BlockedBy), Open: explained(f),
	}
	if explained(f) {
		c.Meaning = Meanings[f.Cause]
	}
	if f.Waived != nil {
		c.Waived = clean(waiverWords(*f.Waived))
	} else {
		c.Lapsed = clean(WaiverWords(f))
		c.LapsedTag, _, _ = strings.Cut(c.Lapsed, ":")
	}
	if len(r.Evidence[f.Evidence]) > 0 {
		c.Evidence = "evidence-" + clean(f.Evidence)
	}
	if f.BlockedBy != "" && slices.ContainsFunc(r.Findings, func(o probes.Finding) bool { return o.ID == f.BlockedBy }) {
		c.BlockedAnchor = c.BlockedBy
	}
	if f.Remedy != nil {
		c.Do, c.Proof, c.Where = split(f.Remedy)
		c.Actor, c.Who = clean(string(f.Remedy.Who)), Actors[f.Remedy.Who]
	}
	c.Plain = orElse(plainDo(c.Do), c.Says)
	c.Copy = c.text(r)
	return c
}

// text is the finding as somebody pastes it.
func (c *card) text(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (%s, %s)\n%s\n", c.Status, c.ID, c.Level, orDash(c.Cause), c.Says)
	for _, line := range []struct{ label, text string }{
		{"Host", c.Host}, {"Seen", c.Seen}, {"Waived", c.Waived}, {"Waiver", c.Lapsed}, {"Do", c.Do}, {"Prove it", c.Proof}, {"Who", c.Who}, {"Where", c.Where}, {"Guide", c.Guide},
	} {
		if line.text != "" {
			fmt.Fprintf(&b, "%s: %s\n", line.label, line.text)
		}
	}
	fmt.Fprintf(&b, "%s, checked %s with halocheck %s\n", clean(r.Target.URL), r.Started.Format("2006-01-02 15:04 MST"), clean(r.Tool.Version))
	return b.String()
}

// all are the cards in report order.
func (s *sheet) all() []*card {
	var all []*card
	for _, c := range s.Chapters {
		all = append(all, c.Cards...)
	}
	return all
}

// first puts the root causes at the top.
func (s *sheet) first(r *Report) {
	for _, id := range r.RootCauses {
		at := slices.IndexFunc(s.all(), func(c *card) bool { return c.ID == clean(id) && c.Open && c.Waived == "" })
		switch {
		case at < 0:
		case s.First == nil:
			s.First = s.all()[at]
		default:
			s.Then = append(s.Then, s.all()[at])
		}
	}
	tasks := 0
	for i, d := range s.Duties {
		tasks += len(d.Tasks)
		if s.First != nil && d.Actor == s.First.Actor {
			s.Message = &s.Duties[i]
		}
	}
	s.Apart = tasks > 1 || tasks == 1 && s.First == nil
}

// stationsOf judges nothing: each area's outcome is what Summarise says of its findings.
func stationsOf(r *Report) []station {
	var all []station
	broke := false
	for _, chapter := range Chapters {
		var own []probes.Finding
		for _, f := range r.Findings {
			if f.Area == chapter.Area {
				own = append(own, f)
			}
		}
		t := station{Area: chapter.Area, Title: chapter.Title, Step: steps[chapter.Area]}
		sum := probes.Summarise(own)
		switch {
		case sum.Outcome == probes.NotConformant && !broke:
			t.State, t.Word, t.Sign, broke = "breaks", "breaks here", "✗", true
		case sum.Outcome == probes.NotConformant:
			t.State, t.Word, t.Sign = "breaks", "fails as well", "✗"
		case sum.Outcome == probes.Incomplete && sum.Counts[probes.Unknown] == 0 && sum.Counts[probes.Broken] == 0:
			t.State, t.Word, t.Sign = "waits", "waits for what is before it", "·"
		case sum.Outcome == probes.Incomplete:
			t.State, t.Word, t.Sign = "unknown", "not known", "?"
		case sum.Counts[probes.Passed] == 0:
			t.State, t.Word, t.Sign = "idle", "not judged", "–"
		case sum.Counts[probes.Failed] > 0:
			t.State, t.Word, t.Sign = "holds", "holds, with remarks", "✓"
		default:
			t.State, t.Word, t.Sign = "holds", "holds", "✓"
		}
		if len(own) == 0 {
			t.Area = ""
		}
		all = append(all, t)
	}
	return all
}
