// Package checklist writes what guides ask for as a list that an administrator works through.
package checklist

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes/guide"
)

// Formats are the formats of a checklist.
var Formats = []string{"text", "markdown", "html", "json"}

// Checklist is what one guide or several ask for.
type Checklist struct {
	Title          string                `json:"title"`
	Guides         []About               `json:"guides"`
	Chapters       []Chapter             `json:"chapters"`
	Contradictions []guide.Contradiction `json:"contradictions,omitempty"`
	After          []string              `json:"after,omitempty"` // what to do once something was changed
	Seen           string                `json:"seen,omitempty"`  // the instance whose answers say what is done already; empty: none was asked
}

// About is where a guide comes from.
type About struct {
	Name       string       `json:"name"`
	Vendor     string       `json:"vendor,omitempty"`
	Edition    string       `json:"edition,omitempty"`
	AsOf       string       `json:"as_of,omitempty"`
	Confidence string       `json:"confidence"`
	Sources    []guide.Page `json:"sources,omitempty"`
	Gaps       []string     `json:"gaps,omitempty"`
	Faults     []string     `json:"faults,omitempty"`
}

// Chapter is the part of a list that is done in one place.
type Chapter struct {
	Title string `json:"title"`
	Items []Item `json:"items"`
}

// Item is one instruction.
type Item struct {
	Do     string   `json:"do"`
	IDs    []string `json:"ids"` // the requirements that judge it
	Level  string   `json:"level,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	Guides []string `json:"guides,omitempty"` // of several, those that ask for it
	Done   bool     `json:"done,omitempty"`   // an instance was seen to have it

	own bool // of several guides, its text names the only one that asks for it
}

// Of is the list of one guide.
func Of(g *guide.Guide) Checklist {
	c := Checklist{Title: "HaloPSA for " + g.Name, Guides: []About{about(g)}}
	for _, d := range g.Demands() {
		c.add(d.Chapter, Item{Do: d.Do, IDs: []string{d.ID}, Level: d.Level(), Notes: notes(d.Row)})
	}
	c.finish(g)
	return c
}

// notes are why a guide asks for a row, and when.
func notes(r guide.Row) (texts []string) {
	if r.Note != "" {
		texts = []string{r.Note}
	}
	if r.Phase == guide.Setup {
		texts = append(texts, "while the connection is set up only")
	}
	return texts
}

// Together is the least list that satisfies several guides.
func Together(guides []*guide.Guide) Checklist {
	u := guide.Union(guides...)
	c := Checklist{Contradictions: u.Contradictions}
	var names []string
	for _, g := range guides {
		names = append(names, g.Name)
		c.Guides = append(c.Guides, about(g))
	}
	c.Title = "HaloPSA for " + strings.Join(names, ", ")
	contradicted := map[string]bool{}
	for _, x := range u.Contradictions {
		contradicted[x.ID] = true
	}
	settled := agreed(guides, u.Configuration)
	for _, g := range guides {
		for _, d := range g.Demands() {
			if contradicted[d.ID] {
				continue
			}
			item := Item{Do: cmp.Or(settled[d.ID], d.Do), IDs: []string{d.ID}, Level: d.Level(), Notes: notes(d.Row), Guides: []string{g.Name}}
			if d.Chapter == "Vendor's form" || d.Chapter == "By hand" {
				item.Do, item.own = g.Name+": "+item.Do, true
			} else {
				for i := range item.Notes {
					item.Notes[i] = g.Name + ": " + item.Notes[i]
				}
			}
			c.add(d.Chapter, item)
		}
	}
	c.finish(guides...)
	return c
}

// agreed are the instructions, by requirement, of what guides want differently and one setting satisfies.
func agreed(guides []*guide.Guide, c guide.Configuration) map[string]string {
	do := map[string]string{}
	set := func(id, label, value string) {
		if value != "" && value != guide.AnyValue {
			do[id] = fmt.Sprintf("Set %s to %s.", label, value)
		}
	}
	for _, g := range guides {
		for _, l := range g.Role.Levels {
			set("role."+l.ID, l.Label, c.Levels[l.Feature])
		}
		for _, s := range []struct {
			id, label, value string
			row              *guide.Setting
		}{
			{"login.login-type", "Login Type", c.LoginType, g.Login.LoginType}, {"agent.default-team", "Default Team", c.DefaultTeam, g.Agent.DefaultTeam},
			{"agent.work-hours", "Work hours", c.WorkHours, g.Agent.WorkHours}, {"agent.departments", "Departments", c.Department, g.Agent.Departments},
		} {
			if s.row != nil {
				set(s.id, cmp.Or(s.row.Label, s.label), s.value)
			}
		}
		for _, choice := range g.Application.AnyOf {
			for _, name := range choice.Scopes {
				if slices.Contains(c.Scopes, name) {
					do["application."+choice.ID] = fmt.Sprintf("Tick %s.", name)
				}
			}
		}
		if g.Agent.Teams != nil && c.Teams == guide.All {
			do["agent.teams"] = "Add the agent to every team."
		}
		for _, d := range g.Demands() {
			if d.Wants == guide.All && strings.HasPrefix(d.ID, "role.") {
				do[d.ID] = d.Do // everybody's includes its own
			}
		}
	}
	return do
}

// add puts an item into its chapter; the same instruction stands there once, for all who ask for it.
func (c *Checklist) add(chapter string, item Item) {
	i := slices.IndexFunc(c.Chapters, func(o Chapter) bool { return o.Title == chapter })
	if i < 0 {
		c.Chapters, i = append(c.Chapters, Chapter{Title: chapter}), len(c.Chapters)
	}
	items := c.Chapters[i].Items
	if at := slices.IndexFunc(items, func(o Item) bool { return o.Do == item.Do }); at >= 0 {
		same := &items[at]
		same.Guides = append(same.Guides, item.Guides...)
		same.Notes = append(same.Notes, item.Notes...)
		if rank(item.Level) < rank(same.Level) {
			same.Level = item.Level
		}
		return
	}
	c.Chapters[i].Items = append(items, item)
}

func rank(level string) int {
	return max(1, slices.Index([]string{"", "must", "should", "may"}, level))
}

// finish sorts the chapters and adds what is told at the end.
func (c *Checklist) finish(guides ...*guide.Guide) {
	slices.SortStableFunc(c.Chapters, func(a, b Chapter) int {
		return slices.Index(guide.Chapters, a.Title) - slices.Index(guide.Chapters, b.Title)
	})
	for _, g := range guides {
		if g.AfterChange != "" {
			c.After = append(c.After, g.Name+": "+g.AfterChange)
		}
	}
}

func about(g *guide.Guide) About {
	return About{
		Name: g.Name, Vendor: g.Vendor, Edition: g.Edition, AsOf: g.AsOf, Confidence: cmp.Or(g.Confidence, guide.Complete), Sources: g.Sources, Gaps: g.Gaps, Faults: g.Faults,
	}
}

// Optional tells whether an item is a recommendation.
func (i Item) Optional() string {
	return map[string]string{"should": "recommended", "may": "suggested"}[i.Level]
}

// Aside is what stands behind an instruction: why, how binding it is, and who asks for it.
func (i Item) Aside() string {
	parts := slices.DeleteFunc(append([]string{i.Optional()}, i.Notes...), func(s string) bool { return s == "" })
	if len(i.Guides) > 0 && !i.own {
		parts = append(parts, "for "+strings.Join(i.Guides, ", "))
	}
	return strings.Join(parts, "; ")
}

// Read says when a guide was read, and whether all of it was.
func (a About) Read() string {
	var words []string
	if a.Edition != "" {
		words = append(words, a.Edition)
	}
	if a.AsOf != "" && !strings.Contains(a.Edition, a.AsOf) {
		words = append(words, "as read on "+a.AsOf)
	}
	if len(words) == 0 {
		words = append(words, "neither edition nor date are known")
	}
	if a.Confidence == guide.Partial {
		words = append(words, "read in part")
	}
	return strings.Join(words, "; ")
}

//go:embed checklist.tmpl
var page string

// Write writes the list.
func (c Checklist) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		out, err := safetext.JSON(c, "  ")
		if err == nil {
			_, err = w.Write(append(out, '\n'))
		}
		return err
	case "html":
		t, err := template.New("page").Funcs(template.FuncMap{"line": safetext.Line}).Parse(page)
		if err != nil {
			return err
		}
		return t.Execute(w, c)
	}
	_, err := io.WriteString(w, c.lines(styles[format]))
	return err
}

// style is how a list is written in a format of lines.
type style struct {
	title, chapter, item, done, aside, more string
	text                                    func(string) string
}

var styles = map[string]style{
	"text":     {"%s\n", "\n%s\n", "  [ ] %s\n", "  [x] %s\n", "      %s\n", "  %s\n", safetext.Line},
	"markdown": {"# %s\n\n", "\n## %s\n\n", "- [ ] %s\n", "- [x] %s\n", "  %s\n", "- %s\n", safetext.Markdown},
}

func (c Checklist) lines(s style) string {
	var b strings.Builder
	put := func(format, text string) { fmt.Fprintf(&b, format, s.text(text)) }
	put(s.title, c.Title)
	if c.Seen != "" {
		put(s.more, c.Seen)
	}
	for _, a := range c.Guides {
		put(s.more, a.Name+": "+a.Read()+".")
		for _, p := range a.Sources {
			put(s.more, strings.Join(slices.DeleteFunc([]string{p.Title, p.URL}, func(t string) bool { return t == "" }), ", "))
		}
		for _, gap := range a.Gaps {
			put(s.more, "Not known: "+gap)
		}
		for _, fault := range a.Faults {
			put(s.more, "The page has a fault: "+fault)
		}
	}
	if len(c.Contradictions) > 0 {
		put(s.chapter, "These guides contradict each other")
	}
	for _, x := range c.Contradictions {
		for _, side := range x.Sides {
			put(s.more, side.Guide+": "+side.Text())
		}
		put(s.item, x.Do)
	}
	for _, chapter := range c.Chapters {
		put(s.chapter, chapter.Title)
		for _, item := range chapter.Items {
			if item.Done {
				put(s.done, item.Do)
				continue
			}
			put(s.item, item.Do)
			if aside := item.Aside(); aside != "" {
				put(s.aside, aside)
			}
		}
	}
	if len(c.After) > 0 {
		put(s.chapter, "After a change of permissions")
	}
	for _, after := range c.After {
		put(s.item, after)
	}
	return b.String()
}
