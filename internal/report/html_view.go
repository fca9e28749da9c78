package report

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// htmlView is the report as the HTML template shows it: words and places, nothing left to decide.
type htmlView struct {
	Policy string
	Style  template.CSS
	Script template.JS

	URL, Hosting, AuthURL, Tenant    string
	Guide, Edition, Profiles         string
	Version, Started, Took, Requests string
	Outcome                          probes.Outcome
	Headline, Opening                string
	Counts                           []statusCount
	First                            *findingView   // what to fix first; nil where nothing is to be fixed
	Then                             []*findingView // the other root causes
	Steps                            []areaStep
	FirstMessage                     *actorView // what whoever acts first has to do
	Actors                           []actorView
	Chains                           []chainView
	Plan                             []string
	Guides                           []guideView
	Contradictions                   []string
	Chapters                         []areaView
	Evidence                         []evidenceView
	Statuses, Areas, Uses, Who       []filterOption
	Total                            int
	TicketText                       string // the whole report to be pasted into a ticket
	ShowActors                       bool   // the duties say more than First does
	Frame                            any    // for the blocks of a page around the report; see [Templates]

	views map[string]*findingView // by the place of the finding
}

// statusCount is how many findings have a status.
type statusCount struct {
	Status string // or "vouched for", "recommended" or "accepted", which are counted apart
	Sign   string
	N      int
}

// filterOption is one value that the findings can be filtered by.
type filterOption struct{ Value, Label, Sign string }

// areaStep is one step of the way from the host to the teams.
type areaStep struct{ Area, Title, Step, State, Word, Sign string }

// areaView is one area with its findings.
type areaView struct {
	Area, Title string
	Findings    []*findingView
}

// findingView is one finding.
type findingView struct {
	Anchor, ID, Area, Level, Profile, Host                            string
	Status                                                            probes.Status
	Shown                                                             probes.Status // the status as it is shown
	Sign, Verdict, Says, Cause, Meaning, Seen, For                    string        // For names the guides, of several, that ask for it
	Do, Proof, Where, Who, Actor, Guide, After                        string
	Waived, WaiverNote, WaiverTag, Attested, BlockedBy, BlockedAnchor string // Lapsed is a waiver that does nothing any more
	Evidence                                                          string // the anchor of the judged answer; empty: there is none
	SameAs                                                            string // the ID of an earlier finding with the same reason; empty: there is none
	WaitingText                                                       string // what cannot be asked until this holds
	Open, ShowHost                                                    bool
	Frame                                                             any    // of the page
	CopyText                                                          string // the finding as text
}

// guideView is what is told of one guide.
type guideView struct {
	Name, Text, Status, Sign string
	Lines                    []guideLine
}

// actorView is what one person has to do.
type actorView struct {
	Actor, Title string
	Tasks        []actionView
	MessageText  string // a message to that person
}

// actionView is one thing to do.
type actionView struct {
	Do, Where, Proof string
	Optional         bool
	Findings         []*findingView
	More             int // how many others it is for, beside those in For
}

// areaPurposes are what each area is on the way from the host to the teams.
var areaPurposes = map[string]string{
	"network": "reach the host", "trust": "trust its certificate", "product": "find HaloPSA there", "login": "log in",
	"application": "get the scopes", "role": "be allowed to", "agent": "see the teams",
}

// newHTMLView lays the report out.
func newHTMLView(r *Report, frame any) (*htmlView, error) {
	s := &htmlView{
		URL: safetext.Line(r.Target.URL), Hosting: safetext.Line(string(r.Target.Hosting)), AuthURL: safetext.Line(r.Target.AuthURL), Tenant: safetext.Line(r.Target.Tenant),
		Guide: safetext.Line(r.Guide.Name), Edition: safetext.Line(r.Guide.Edition), Profiles: safetext.Line(strings.Join(r.Guide.Profiles, ", ")),
		Version: safetext.Line(r.Tool.Version), Started: r.Started.Format("2006-01-02 15:04:05 MST"),
		Took: fmt.Sprintf("%.1f s", r.TookMS/1000), Requests: count(r.Requests, "request", "requests"),
		Outcome: r.Outcome, Total: len(r.Findings), Frame: frame,
	}
	s.Headline, s.Opening = headline(r), outcomeSentence(r)
	if r.Partial {
		s.Opening += " Partial: " + coverageText(r) + "."
		if len(r.Only) > 0 {
			s.Opening += " Only " + safetext.Line(strings.Join(r.Only, ", ")) + " was judged."
		}
	}
	var short bytes.Buffer
	if err := Short(&short, r, Options{}); err != nil {
		return nil, err
	}
	s.TicketText = short.String()
	s.addFindings(r)
	s.Steps = areaSteps(r)
	s.Actors = s.actorViews(r)
	s.setRootCauses(r)
	s.Chains = chainViews(r)
	s.addGuides(r)
	s.Evidence = evidenceViews(r)
	s.setFilters(r)
	return s, nil
}

// addGuides tells of each of several guides, and of one where there is something to do by hand.
func (s *htmlView) addGuides(r *Report) {
	for _, g := range guideSections(r) {
		for i := range g.Lines {
			g.Lines[i].Text = safetext.Line(g.Lines[i].Text)
		}
		s.Guides = append(s.Guides, guideView{safetext.Line(g.Name), safetext.Line(g.Text), string(g.Status), statusMarks[g.Status].sign, g.Lines})
	}
	for _, text := range planTexts(r) {
		s.Plan = append(s.Plan, safetext.Line(text))
	}
	for _, c := range r.Contradictions {
		s.Contradictions = append(s.Contradictions, safetext.Line(contradictionText(c)))
	}
}

// headlines are the outcomes as a person says them.
var headlines = map[probes.Outcome]string{
	probes.Conformant: "The connection meets the guide", probes.NotConformant: "The connection does not meet the guide", probes.Incomplete: "Not everything could be judged",
}

// headline is what is wrong first, else the outcome as a person says it.
func headline(r *Report) string {
	if r.Partial && r.Outcome == probes.Conformant {
		return "What was checked meets the guide"
	}
	for _, f := range r.Findings {
		if r.Outcome != probes.Conformant && len(r.RootCauses) > 0 && f.ID == r.RootCauses[0] && (f.Status == probes.Failed || f.Status == probes.Unknown) {
			return safetext.Line(Verdict(f))
		}
	}
	return headlines[r.Outcome]
}

// outcomeSentence says what the outcome rests on.
func outcomeSentence(r *Report) string {
	if text := guidesSentence(r); text != "" && !r.Partial {
		return text
	}
	switch r.Outcome {
	case probes.Conformant:
		if r.Partial {
			return "What was checked holds."
		}
		return "Everything that the guide demands was judged and holds."
	case probes.NotConformant:
		return "The connection does not meet the guide."
	case probes.Incomplete:
	}
	return "Nothing failed, but not everything that the guide asks for could be checked."
}

// addFindings makes a card of each finding, chapter by chapter. Findings of an area that no chapter knows come last.
func (s *htmlView) addFindings(r *Report) {
	anchors := map[string]int{}
	waiting := groupBlocked(r.Findings)
	several, known := severalHosts(r.Findings), map[string]int{}
	s.views = map[string]*findingView{}
	for i, c := range AreaTitles {
		known[c.Area] = i
		s.Chapters = append(s.Chapters, areaView{Area: c.Area, Title: c.Title})
	}
	told := map[string]string{} // what kept somebody from looking, to the ID where it is told
	for _, f := range r.Findings {
		c := newFindingView(r, f)
		c.ShowHost, c.Frame = several && c.Host != "", s.Frame
		if f.Cause == probes.NotObserved && told[f.Because] != "" {
			c.Open, c.SameAs = false, told[f.Because]
		} else if isExplained(f) {
			told[f.Because] = c.ID
		}
		s.views[findingKey(f)] = c
		anchors[f.ID]++
		if n := anchors[f.ID]; n > 1 {
			c.Anchor = fmt.Sprintf("%s-%d", c.Anchor, n)
		}
		for _, q := range waiting {
			if q.root == f.ID && !q.shown && isExplained(f) {
				q.shown = true
				c.WaitingText = count(len(q.ids), "more requirement waits", "more requirements wait") + " for this: " + safetext.Line(q.idList(0))
			}
		}
		at, ok := known[f.Area]
		if !ok {
			at = len(s.Chapters)
			known[f.Area] = at
			s.Chapters = append(s.Chapters, areaView{Area: safetext.Line(f.Area), Title: safetext.Line(f.Area)})
		}
		s.Chapters[at].Findings = append(s.Chapters[at].Findings, c)
	}
	s.Chapters = slices.DeleteFunc(s.Chapters, func(c areaView) bool { return len(c.Findings) == 0 })
}

// findingKey tells the findings of a report apart.
func findingKey(f probes.Finding) string {
	return f.ID + " " + f.Host + " " + strings.Join(f.Guides(), ", ")
}

// newFindingView is one finding in words.
func newFindingView(r *Report, f probes.Finding) *findingView {
	c := &findingView{
		Anchor: safetext.Line(f.ID), ID: safetext.Line(f.ID), Area: safetext.Line(f.Area), Level: safetext.Line(string(f.Level)), Profile: safetext.Line(f.Profile), Host: safetext.Line(f.Host),
		Status: f.Status, Shown: shownStatus(f), Sign: statusSign(shownStatus(f)), Verdict: safetext.Line(Verdict(f)), Says: safetext.Line(f.Says), Cause: safetext.Line(string(f.Cause)), Seen: safetext.Line(f.Because),
		For: safetext.Line(strings.Join(f.Guides(), ", ")), Guide: safetext.Line(placeText(f)), Attested: safetext.Line(f.Attested), BlockedBy: safetext.Line(f.BlockedBy), Open: isExplained(f),
	}
	if isExplained(f) {
		c.Meaning = CauseMeanings[f.Cause]
	}
	if f.Waived != nil {
		c.Waived = safetext.Line(waiverText(*f.Waived))
	} else {
		c.WaiverNote = safetext.Line(WaiverText(f))
		c.WaiverTag, _, _ = strings.Cut(c.WaiverNote, ":")
	}
	if len(r.Evidence[f.Evidence]) > 0 {
		c.Evidence = "evidence-" + safetext.Line(f.Evidence)
	}
	if f.BlockedBy != "" && slices.ContainsFunc(r.Findings, func(o probes.Finding) bool { return o.ID == f.BlockedBy }) {
		c.BlockedAnchor = c.BlockedBy
	}
	if isTask(f) {
		c.Do, c.Proof, c.Where = splitRemedy(f.Remedy)
		c.After = safetext.Line(afterText(r, f))
		c.Actor, c.Who = safetext.Line(string(f.Remedy.Who)), ActorNames[f.Remedy.Who]
	}
	c.CopyText = c.text(r)
	return c
}

// text is the finding as somebody pastes it.
func (c *findingView) text(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n%s, %s, %s\n", c.Verdict, c.ID, c.Shown, c.Level, orDash(c.Cause))
	for _, line := range []struct{ label, text string }{
		{"Host", c.Host}, {"Seen", c.Seen}, {"Waived", c.Waived}, {"Waiver", c.WaiverNote}, {"Do", c.Do}, {"Prove it", c.Proof}, {"Who", c.Who}, {"Where", c.Where}, {"Afterwards", c.After}, {"Guide", c.Guide},
	} {
		if line.text != "" {
			fmt.Fprintf(&b, "%s: %s\n", line.label, line.text)
		}
	}
	fmt.Fprintf(&b, "%s, checked %s with halocheck %s\n", safetext.Line(r.Target.URL), r.Started.Format("2006-01-02 15:04 MST"), safetext.Line(r.Tool.Version))
	return b.String()
}

// findings are the cards in report order.
func (s *htmlView) findings() []*findingView {
	var all []*findingView
	for _, c := range s.Chapters {
		all = append(all, c.Findings...)
	}
	return all
}

// setRootCauses puts the root causes at the top.
func (s *htmlView) setRootCauses(r *Report) {
	for _, id := range r.RootCauses {
		at := slices.IndexFunc(s.findings(), func(c *findingView) bool { return c.ID == safetext.Line(id) && c.Open && c.Waived == "" })
		switch {
		case at < 0:
		case s.First == nil:
			s.First = s.findings()[at]
		default:
			s.Then = append(s.Then, s.findings()[at])
		}
	}
	tasks := 0
	for i, d := range s.Actors {
		tasks += len(d.Tasks)
		if s.First != nil && d.Actor == s.First.Actor {
			s.FirstMessage = &s.Actors[i]
		}
	}
	s.ShowActors = tasks > 1 || tasks == 1 && s.First == nil
}

// areaSteps judges nothing: each area's outcome is what Summarise says of its findings.
func areaSteps(r *Report) []areaStep {
	var all []areaStep
	broke := false
	for _, chapter := range AreaTitles {
		var own []probes.Finding
		for _, f := range r.Findings {
			if f.Area == chapter.Area {
				own = append(own, f)
			}
		}
		t := areaStep{Area: chapter.Area, Title: chapter.Title, Step: areaPurposes[chapter.Area]}
		sum := probes.Summarise(own)
		switch {
		case len(own) == sum.Counts[probes.NotApplicable]+sum.Counts[probes.Skipped]:
			t.State, t.Word, t.Sign = "idle", "not judged", "–"
		case sum.Outcome == probes.NotConformant && !broke:
			t.State, t.Word, t.Sign, broke = "breaks", "breaks here", "✗", true
		case sum.Outcome == probes.NotConformant:
			t.State, t.Word, t.Sign = "breaks", "fails as well", "✗"
		case sum.Outcome == probes.Incomplete && sum.Counts[probes.Unknown] == 0 && sum.Counts[probes.Broken] == 0:
			t.State, t.Word, t.Sign = "waits", "waits for what is before it", "·"
		case sum.Outcome == probes.Incomplete:
			t.State, t.Word, t.Sign = "unknown", "not known", "?"
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
