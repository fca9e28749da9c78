package page

import (
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// liveView is the page of a check that is under way.
type liveView struct {
	ID, URL, Where string
	Seq            int
	MayStop        bool
	Faults, Guides []string
	Parts          map[string]template.HTML // by the element's id
	Chapters       []liveChapter
}

// liveChapter is an area with the ids of its rows.
type liveChapter struct {
	Area, Title string
	Rows        []string
}

// liveRow is a requirement that is not judged yet.
type liveRow struct{ ID, Says, Level, State, Sign string }

// progressView is how far a check is.
type progressView struct {
	Done, Total int
	Headline    string
	Failed      bool
}

// publish sends what is new until the run is over, at most every tenth of a second.
func (r *run) publish(stop <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if now, order := r.parts(); now != nil {
			r.sendNew(now, order)
		}
	}
}

// sendNew sends the parts that differ from what was sent before.
func (r *run) sendNew(now map[string]string, order []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var parts []part
	for i, id := range order {
		if r.rows[id] != now[id] {
			p := part{ID: id, HTML: now[id]}
			if i > 0 {
				p.After = order[i-1]
			}
			parts = append(parts, p)
		}
	}
	r.rows = now
	if len(parts) > 0 {
		r.feed.send("rows", parts)
	}
}

// parts are the pieces of the live page that change, by the id of their element, and the order in which they stand. nil: the report
// is there, or a template broke.
func (r *run) parts() (parts map[string]string, order []string) {
	pages := r.server.pages
	made := r.underway()
	if made == nil {
		made = &report.Report{}
	}
	view, err := report.NewView(made, &frame{run: r, report: made, Live: true})
	if err != nil {
		return nil, nil
	}
	r.mu.Lock()
	metas, asked, running := r.metas, maps.Clone(r.asked), r.doing != ""
	r.mu.Unlock()

	parts = map[string]string{}
	add := func(id, template string, data any) {
		text, err := pages.text(template, data)
		if err == nil {
			parts[id] = text
			order = append(order, id)
		}
	}
	judged := map[string]bool{}
	for _, f := range made.Findings {
		judged[f.ID] = true
	}
	p := progressView{Done: len(judged), Total: len(metas), Headline: "Checking"}
	if at := slices.IndexFunc(made.Findings, func(f probes.Finding) bool {
		return f.Status == probes.Failed && f.Level == probes.Must && f.Waived == nil
	}); at >= 0 {
		p.Failed, p.Headline = true, safetext.Line(report.Verdict(made.Findings[at]))
	}
	add("progress", "progress", p)
	add("steps", "live-steps", waitingSteps(view, metas, judged))
	rows := map[string][]rowOf{}
	for _, c := range view.Chapters {
		for _, f := range c.Findings {
			rows[f.ID] = append(rows[f.ID], rowOf{f.Anchor, f, f.Status == probes.Blocked})
		}
	}
	first := running
	for _, m := range metas {
		for _, row := range rows[m.ID] {
			add(row.anchor, "live-finding", row.view)
		}
		if len(rows[m.ID]) > 0 {
			continue
		}
		row := liveRow{m.ID, safetext.Line(m.Says), string(m.Level), "waiting", "·"}
		if first || asked[m.Probe] { // the first one that is not judged is asked, whatever it sends
			row.State, row.Sign = "asking", "…"
		}
		first = false
		add(m.ID, "live-row", row)
	}
	return parts, order
}

// rowOf is a finding's row.
type rowOf struct {
	anchor string
	view   any
	folded bool // under its root cause
}

// waitingSteps are the steps of the way with those that are not judged to their end.
func waitingSteps(view *report.View, metas []probes.Meta, judged map[string]bool) any {
	steps := view.Steps
	for i := range steps {
		title := func(c struct{ Area, Title string }) bool { return c.Title == steps[i].Title }
		at := slices.IndexFunc(report.AreaTitles, title)
		if at < 0 {
			continue
		}
		area := report.AreaTitles[at].Area
		open := slices.ContainsFunc(metas, func(m probes.Meta) bool { return m.Area() == area && !judged[m.ID] })
		steps[i].Area = area
		if open && steps[i].State != "breaks" {
			steps[i].State, steps[i].Word, steps[i].Sign = "idle", "not asked yet", "·"
			if slices.ContainsFunc(metas, func(m probes.Meta) bool { return m.Area() == area && judged[m.ID] }) {
				steps[i].Word, steps[i].Sign = "asking", "…"
			}
		}
	}
	return steps
}

// showRun shows a check: the rows that come while it is under way, then the report.
func (s *Server) showRun(w http.ResponseWriter, _ *http.Request, r *run) {
	seq := r.feed.At() // before the rest is read, so that nothing is missed
	r.mu.Lock()
	made, doing := r.report, r.doing
	r.mu.Unlock()
	if made == nil && doing == "" {
		s.showProblem(w, r)
		return
	}
	if made != nil {
		s.showReport(w, r, made, seq)
		return
	}
	parts, order := r.parts()
	v := liveView{MayStop: mayAsk(w), ID: r.id, URL: safetext.Line(r.title), Seq: seq, Faults: r.faults, Guides: r.guides, Parts: map[string]template.HTML{}}
	for id, text := range parts {
		v.Parts[id] = template.HTML(text) //nolint:gosec // a template of ours made it
	}
	for _, c := range report.AreaTitles {
		chapter := liveChapter{Area: c.Area, Title: c.Title}
		for _, id := range order {
			if strings.HasPrefix(id, c.Area+".") {
				chapter.Rows = append(chapter.Rows, id)
			}
		}
		if len(chapter.Rows) > 0 {
			v.Chapters = append(v.Chapters, chapter)
		}
	}
	s.pages.write(w, "live", v)
}

// showProblem shows why a check asked nothing.
func (s *Server) showProblem(w http.ResponseWriter, r *run) {
	r.mu.Lock()
	problem := r.problem
	r.mu.Unlock()
	s.pages.write(w, "refused", problem)
}
