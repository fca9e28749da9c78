package overview

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// The parts of the page. Its style follows that of a report's.
var (
	//go:embed page/overview.tmpl
	pageTemplate string
	//go:embed page/overview.css
	pageStyle string
	//go:embed page/overview.js
	pageScript string
)

var parsed = sync.OnceValue(func() *template.Template { return template.Must(template.New("overview").Parse(pageTemplate)) })

// Totals is what is said of all results together.
type Totals struct {
	Version string
	Shard   string         // empty: the whole fleet
	Stopped string         // why not all were finished; empty: they were
	Names   []string       // those that were to be checked; one without a result is listed as not finished
	Missing []string       // shards without any result
	At      time.Time      // by which certificates have ended or not
	Counts  *fleet.Counts  // summed
	Changes *fleet.Changes // sorted; nil: there is no earlier run
}

// unfinished is the outcome of an instance without a result.
const unfinished = "not finished"

// data is what the page's script reads.
type data struct {
	Texts        []string          `json:"texts"`
	Requirements []requirement     `json:"requirements"`
	Chapters     map[string]string `json:"chapters"`
	Signs        map[string]string `json:"signs"`
	Meanings     map[string]string `json:"meanings"`
	Actors       map[string]string `json:"actors"`
	Kinds        []string          `json:"kinds"`
	Findings     []seen            `json:"findings"`
	Rows         []*row            `json:"rows"`
	Guides       []int             `json:"guides"` // those that have a column, where there are several
}

// Write writes the page.
func (p *Page) Write(w io.Writer, whole Totals) error {
	p.complete(whole.Names)
	if whole.Changes != nil {
		p.compare(whole.Changes)
	}
	s := p.lay(whole)
	d := p.data()
	for _, g := range s.Columns {
		d.Guides = append(d.Guides, p.text(g.Name))
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("overview: %w", err)
	}
	style := report.PageStyle() + pageStyle
	// What json.Marshal writes holds no <, > and & as such, so no text in it can end the element that it stands in.
	s.Style, s.Script, s.Data = template.CSS(style), template.JS(pageScript), template.JS(raw) //nolint:gosec // our own files, and escaped JSON
	s.Policy = report.ContentSecurityPolicy(style, pageScript)
	var b bytes.Buffer
	if err := parsed().Execute(&b, s); err != nil {
		return fmt.Errorf("overview: %w", err)
	}
	_, err = io.WriteString(w, safetext.EscapePage(b.String()))
	return err
}

// complete lists what has no result, and sorts everything by name.
func (p *Page) complete(names []string) {
	have := map[string]bool{}
	for _, x := range p.rows {
		have[x.Name] = true
	}
	for _, name := range names {
		if name = safetext.Line(name); !have[name] {
			p.rows = append(p.rows, &row{
				Name: name, Outcome: unfinished, Labels: []int{}, Roots: []root{}, Open: []root{}, Who: []int{}, Ends: []end{}, Seen: []int{}, Changed: []moved{}, Guides: []by{},
			})
		}
	}
	slices.SortFunc(p.rows, func(a, b *row) int { return strings.Compare(a.Name, b.Name) })
}

// kinds are the ways in which something can have changed, as the page offers them.
var kinds = []string{"newly failing", "fixed", "newly unjudged", "still failing", "new in the inventory"}

// compare notes with each instance what changed.
func (p *Page) compare(c *fleet.Changes) {
	rows := map[string]*row{}
	for _, x := range p.rows {
		rows[x.Name], x.Changed = x, []moved{}
	}
	for kind, list := range [][]fleet.Change{c.New, c.Fixed, c.Unjudged, c.Still} {
		for _, x := range list {
			if at := rows[safetext.Line(x.Name)]; at != nil {
				at.Changed = append(at.Changed, moved{kind, p.place(x.ID), p.text(string(x.Was)), p.text(string(x.Cause))})
			}
		}
	}
	for _, name := range c.Added {
		if at := rows[safetext.Line(name)]; at != nil {
			at.Changed = append(at.Changed, moved{Kind: len(kinds) - 1, Requirement: -1})
		}
	}
}

// data is everything that was gathered, with the words for it.
func (p *Page) data() data {
	d := data{
		Texts: p.texts, Requirements: p.requirements, Chapters: map[string]string{}, Signs: map[string]string{},
		Meanings: map[string]string{}, Actors: map[string]string{}, Kinds: kinds, Findings: p.findings, Rows: p.rows, Guides: []int{},
	}
	if d.Rows == nil {
		d.Rows = []*row{}
	}
	for _, c := range report.AreaTitles {
		d.Chapters[c.Area] = c.Title
	}
	for _, s := range []probes.Status{probes.Passed, probes.Failed, probes.Unknown, probes.Blocked, probes.Broken, probes.NotApplicable, probes.Skipped} {
		d.Signs[string(s)] = report.StatusSymbol(s)
	}
	for _, text := range p.texts {
		if words := report.CauseMeanings[probes.Cause(text)]; words != "" {
			d.Meanings[text] = words
		}
		if words := report.ActorNames[probes.Actor(text)]; words != "" {
			d.Actors[text] = words
		}
	}
	return d
}
