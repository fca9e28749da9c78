package overview

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// sheet is the page as its template shows it: words and numbers, nothing left to decide.
type sheet struct {
	Policy string
	Style  template.CSS
	Script template.JS
	Data   template.JS

	Outcome                   probes.Outcome
	Headline, Opening         string
	Title, At, Version        string
	Took, Requests            string
	Stopped                   string
	Missing                   []string
	Counts, Causes, Open, Who []bar
	Weeks                     []bar
	Changes                   []change
	Compared                  bool
	Added, Gone               int
	GoneNames                 []string
	Areas                     []area
	Guides, Columns           []guideCount // where there are several; the commonest have a column in the list
	Outcomes, Labels, Kinds   []choice
	Instances, Done, Failing  int
}

// guideCount is on how many instances a guide is met, or not.
type guideCount struct {
	Name                         string
	N, Holds, Fails, Open, Plans int
}

// mostColumns bounds the columns of guides in the list; a report names them all.
const mostColumns = 12

// bar is a count with a bar that is as long as its share of the greatest.
type bar struct {
	Key   string // what the list is filtered by
	Sign  string
	Name  string
	Says  string
	N     int
	Share int // of 100
	State string
}

// choice is a value that the list can be filtered by.
type choice struct {
	Value, Label string
}

// change is one way in which something changed.
type change struct {
	Kind, Sign, State string
	N                 int
	Most              []bar // by requirement, the commonest
	More              int
}

// area is a chapter of the map.
type area struct {
	Title string
	Rows  []line
}

// line is one requirement of the map.
type line struct {
	N        int // its place
	ID, Says string
	// On how many instances it fails, could not be judged, and could not be asked because of something else.
	Fails, Unjudged, Waits int
	Root                   bool // somewhere it is what has to be fixed first, or settled where nothing fails
}

// openSign tells what could not be judged from what has to be fixed, where the list is filtered by either.
const openSign = "? "

// mostListed bounds what is listed for people; the filters have all of it.
const mostListed = 12

// headlines are the outcomes as a person says them.
var headlines = map[probes.Outcome]string{
	probes.Conformant: "Every instance meets the guide", probes.NotConformant: "%d of %d instances do not meet the guide", probes.Incomplete: "Not every instance could be judged",
}

// lay lays the page out.
func (p *Page) lay(w Totals) *sheet {
	t := w.Counts
	s := &sheet{
		Title: fmt.Sprintf("Fleet of %d", t.Instances), At: p.newest(w.At).UTC().Format("2006-01-02 15:04 MST"), Version: safetext.Line(w.Version), Stopped: safetext.Line(w.Stopped),
		Instances: t.Instances, Done: t.Done, Failing: t.Outcomes[probes.NotConformant], Requests: fmt.Sprint(t.Requests), Outcome: outcomeOf(t),
	}
	if w.Shard != "" {
		s.Title += " (shard " + safetext.Line(w.Shard) + ")"
	}
	for _, shard := range w.Missing {
		s.Missing = append(s.Missing, safetext.Line(shard))
	}
	s.Headline = headlines[s.Outcome]
	if s.Outcome == probes.NotConformant {
		if s.Headline = fmt.Sprintf(s.Headline, s.Failing, t.Instances); s.Failing == 1 {
			s.Headline = fmt.Sprintf("1 of %d instances does not meet the guide", t.Instances)
		}
	}
	if len(t.Guides) > 1 {
		s.Headline = strings.Replace(s.Headline, "the guide", "its guides", 1)
		if s.Failing > 1 {
			s.Headline = strings.Replace(s.Headline, "its guides", "their guides", 1)
		}
	}
	for _, o := range []struct {
		outcome probes.Outcome
		sign    string
	}{{probes.NotConformant, "✗"}, {probes.Incomplete, "?"}, {probes.Conformant, "✓"}} {
		s.Counts = append(s.Counts, bar{Key: string(o.outcome), Sign: o.sign, Name: string(o.outcome), N: t.Outcomes[o.outcome]})
	}
	if left := t.Instances - t.Done; left > 0 {
		s.Counts = append(s.Counts, bar{Key: unfinished, Sign: "–", Name: unfinished, N: left})
	}
	if t.Broken > 0 {
		s.Counts = append(s.Counts, bar{Sign: "!", Name: "broke halocheck itself", N: t.Broken})
	}
	for _, b := range s.Counts {
		if b.Key != "" && b.N > 0 {
			s.Outcomes = append(s.Outcomes, choice{b.Key, fmt.Sprintf("%s (%d)", b.Name, b.N)})
		}
	}
	for _, c := range t.Roots {
		name := safetext.Line(c.ID + " " + string(c.Cause))
		s.Causes = append(s.Causes, bar{Key: name, Name: name, Says: report.CauseMeanings[c.Cause], N: c.Instances})
	}
	for _, c := range t.Unjudged {
		name := safetext.Line(c.ID + " " + string(c.Cause))
		s.Open = append(s.Open, bar{Key: openSign + name, Name: name, Says: report.CauseMeanings[c.Cause], N: c.Instances, State: "open"})
	}
	for _, a := range t.Actors {
		s.Who = append(s.Who, bar{Key: safetext.Line(string(a.Who)), Name: cmp.Or(report.ActorNames[a.Who], safetext.Line(string(a.Who))), N: a.Instances})
	}
	if len(t.Guides) > 1 {
		for _, g := range t.Guides {
			s.Guides = append(s.Guides, guideCount{safetext.Line(g.Name), g.Instances, g.Outcomes[probes.Conformant], g.Outcomes[probes.NotConformant], g.Outcomes[probes.Incomplete], g.Planned})
		}
		s.Columns = s.Guides[:min(len(s.Guides), mostColumns)]
	}
	s.Weeks = p.weeks(w.At)
	if w.Changes != nil {
		s.compare(w.Changes)
	}
	s.Areas = p.areas()
	s.Labels = p.labels()
	for _, list := range [][]bar{s.Causes, s.Open, s.Who, s.Weeks[:len(s.Weeks)-1]} { // what ends later says nothing about the weeks
		shares(list)
	}
	return s
}

// newest is when the last instance was checked; otherwise where none was.
func (p *Page) newest(otherwise time.Time) time.Time {
	var at int64
	for _, x := range p.rows {
		at = max(at, x.Started)
	}
	if at == 0 {
		return otherwise
	}
	return time.Unix(at, 0)
}

// outcomeOf is the outcome of all together, as the exit code has it.
func outcomeOf(t *fleet.Counts) probes.Outcome {
	switch {
	case t.Outcomes[probes.NotConformant] > 0:
		return probes.NotConformant
	case t.Broken > 0 || t.Outcomes[probes.Incomplete] > 0 || t.Done < t.Instances:
		return probes.Incomplete
	}
	return probes.Conformant
}

// shares says how long each bar is; what is there at all is seen.
func shares(list []bar) {
	most := 0
	for _, b := range list {
		most = max(most, b.N)
	}
	for i, b := range list {
		if b.N > 0 {
			list[i].Share = max(1, 100*b.N/most)
		}
	}
}

// weeksAhead is how many weeks have a bar of their own.
const weeksAhead = 13

// weeks counts certificates by the week of their end, Mondays in UTC.
func (p *Page) weeks(at time.Time) []bar {
	at = at.UTC()
	monday := time.Date(at.Year(), at.Month(), at.Day()-(int(at.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	limits := []time.Time{{}, at}
	names := []string{"ended", "rest of this week"}
	for i := 1; i <= weeksAhead; i++ {
		from := monday.AddDate(0, 0, 7*i)
		limits = append(limits, from)
		names = append(names, "week of "+from.Format(time.DateOnly))
	}
	limits, names = append(limits, monday.AddDate(0, 0, 7*(weeksAhead+1))), append(names, "later")
	list := make([]bar, len(names))
	for i, name := range names {
		list[i].Name = name
		list[i].Key = fmt.Sprintf("%d ", limits[i].Unix())
		if i+1 < len(limits) {
			list[i].Key += fmt.Sprint(limits[i+1].Unix())
		}
	}
	list[0].State = "bad"
	list[1].State, list[2].State = "open", "open"
	for _, x := range p.rows {
		for _, e := range x.Ends {
			n, found := slices.BinarySearchFunc(limits, e.At, func(t time.Time, at int64) int { return cmp.Compare(t.Unix(), at) })
			if !found {
				n--
			}
			list[n].N++
		}
	}
	return list
}

// compare shows what changed.
func (s *sheet) compare(c *fleet.Changes) {
	s.Compared, s.Added, s.Gone = true, len(c.Added), len(c.Gone)
	for _, name := range c.Gone[:min(len(c.Gone), mostListed)] {
		s.GoneNames = append(s.GoneNames, safetext.Line(name))
	}
	signs := [][2]string{{"✗", "fail"}, {"✓", "pass"}, {"?", "unknown"}, {"✗", ""}}
	for i, list := range [][]fleet.Change{c.New, c.Fixed, c.Unjudged, c.Still} {
		x := change{Kind: kinds[i], Sign: signs[i][0], State: signs[i][1], N: len(list)}
		by := fleet.CountChanges(list, fleet.ByRequirement)
		for _, k := range by[:min(len(by), mostListed/2)] {
			x.Most = append(x.Most, bar{Name: safetext.Line(k.Key), N: k.Count})
		}
		x.More = len(by) - len(x.Most)
		s.Changes = append(s.Changes, x)
		if len(list) > 0 {
			s.Kinds = append(s.Kinds, choice{kinds[i], kinds[i]})
		}
	}
	if s.Added > 0 {
		s.Kinds = append(s.Kinds, choice{kinds[len(kinds)-1], kinds[len(kinds)-1]})
	}
}

// areas are the requirements that were asked of anybody, chapter by chapter.
func (p *Page) areas() []area {
	lines := make([]line, len(p.requirements))
	asked := make([]bool, len(p.requirements))
	for _, x := range p.rows {
		for _, r := range x.Roots {
			lines[r.Requirement].Root = true
		}
		for _, r := range x.Open {
			lines[r.Requirement].Root = lines[r.Requirement].Root || len(x.Roots) == 0
		}
		for n, state := range []byte(x.States) {
			asked[n] = asked[n] || state != absent[0]
			switch string(state) {
			case failed:
				lines[n].Fails++
			case broken, unknown:
				lines[n].Unjudged++
			case blocked:
				lines[n].Waits++
			}
		}
	}
	titles, at := map[string]string{}, map[string]int{}
	var order []string
	for _, c := range report.AreaTitles {
		titles[c.Area] = c.Title
		order = append(order, c.Area)
	}
	for _, r := range p.requirements {
		if !slices.Contains(order, r.Area) {
			order = append(order, r.Area)
		}
	}
	all := make([]area, len(order))
	for i, name := range order {
		all[i].Title, at[name] = cmp.Or(titles[name], name), i
	}
	for n, r := range p.requirements {
		if asked[n] {
			l := lines[n]
			l.N, l.ID, l.Says = n, r.ID, r.Says
			all[at[r.Area]].Rows = append(all[at[r.Area]].Rows, l)
		}
	}
	return slices.DeleteFunc(all, func(a area) bool { return len(a.Rows) == 0 })
}

// mostLabels bounds the choice of labels: where each customer has one of its own, the search finds it.
const mostLabels = 200

// labels are those that occur, the commonest if there are too many, in the order of their names.
func (p *Page) labels() []choice {
	counts := map[int]int{}
	for _, x := range p.rows {
		for _, l := range x.Labels {
			counts[l]++
		}
	}
	var all []int
	for l := range counts {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b int) int { return cmp.Or(counts[b]-counts[a], strings.Compare(p.texts[a], p.texts[b])) })
	all = all[:min(len(all), mostLabels)]
	slices.SortFunc(all, func(a, b int) int { return strings.Compare(p.texts[a], p.texts[b]) })
	var out []choice
	for _, l := range all {
		out = append(out, choice{p.texts[l], fmt.Sprintf("%s (%d)", p.texts[l], counts[l])})
	}
	return out
}
