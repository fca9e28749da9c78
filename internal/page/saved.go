package page

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/bundle"
	"github.com/halocheck/halocheck/internal/diff"
	"github.com/halocheck/halocheck/internal/document"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// maxSaved bounds what is read of two files.
const maxSaved = 2 * (32<<20 + 1<<16)

// savedView is the page on which a report is opened.
type savedView struct {
	Problem string
	Recent  []recent
}

func (s *Server) showSaved(w http.ResponseWriter, _ *http.Request) {
	s.pages.write(w, "saved", savedView{Recent: s.recent()})
}

// openSaved judges one report or bundle again, or compares two; the older one is the one whose check began first.
func (s *Server) openSaved(w http.ResponseWriter, req *http.Request) {
	reports, err := s.readSaved(req)
	switch {
	case err != nil:
	case len(reports) == 0:
		err = errors.New("no file was chosen; choose a report (JSON) or a bundle (ZIP)")
	case len(reports) > 2:
		err = errors.New("there are more than two files; choose one to judge it again, or two to compare them")
	}
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		s.pages.write(w, "saved", savedView{Problem: sentence(err), Recent: s.recent()})
		return
	}
	if len(reports) == 1 {
		s.Judge(w, req, "", reports[0])
		return
	}
	older, newer := reports[0], reports[1]
	if newer.Started.Before(older.Started) {
		older, newer = newer, older
	}
	s.Compare(w, older, newer)
}

// readSaved reads the files of a form.
func (s *Server) readSaved(req *http.Request) (reports []*report.Report, err error) {
	parts, err := req.MultipartReader()
	if err != nil {
		return nil, errors.New("no file was sent; choose one")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return reports, nil
		}
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			return nil, errors.New("the files are too large; a report has at most 32 MiB")
		case err != nil:
			return nil, errors.New("the files did not arrive whole; try again")
		case len(reports) > 2:
			return reports, nil
		}
		r, err := s.readPart(part)
		if err != nil {
			return nil, err
		}
		if r != nil {
			reports = append(reports, r)
		}
	}
}

// readPart is the report in a file, or that of a check that is kept here; nil where nothing was chosen.
func (s *Server) readPart(part *multipart.Part) (*report.Report, error) {
	data, err := document.Read(part, document.Report)
	if err != nil {
		return nil, err
	}
	if part.FormName() == "run" {
		r := s.find(string(data))
		if r == nil {
			return nil, nil //nolint:nilnil // documented
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.report, nil
	}
	if len(data) == 0 {
		return nil, nil //nolint:nilnil // documented
	}
	name := safetext.Line(part.FileName())
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		r, err := bundle.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return r, nil
	}
	r, err := report.Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; a report is the JSON that a check made, or a bundle", name, err)
	}
	return r, nil
}

// Judge shows a report as it is judged today, as the check of an ID, once; empty: of a new one.
func (s *Server) Judge(w http.ResponseWriter, req *http.Request, id string, saved *report.Report) {
	if r := s.find(id); r != nil {
		back(w, req, r, "")
		return
	}
	judged, err := halocheck.Judge(req.Context(), saved)
	r := &run{id: id, title: saved.Target.URL, gone: true, report: judged}
	if err == nil {
		err = s.newRun(r)
	}
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		s.pages.write(w, "saved", savedView{Problem: sentence(err), Recent: s.recent()})
		return
	}
	back(w, req, r, "")
}

// compareView are two reports and what changed.
type compareView struct {
	Old, New side
	Verdict  string
	Guides   []guideChange // of several in either report
	Groups   []changeGroup
}

type side struct{ URL, Started, Outcome string }

type changeGroup struct {
	Title   string
	Changes []changeView
}

type changeView struct{ Says, ID, Host, Level, Old, New, Because, Guides string }

// guideChange is a guide's outcome in both reports.
type guideChange struct{ Name, Old, New string }

// Compare shows what changed between two reports.
func (s *Server) Compare(w http.ResponseWriter, older, newer *report.Report) {
	s.pages.write(w, "compare", Changes(older, newer))
}

// Changes is what the template "changes" shows of two reports.
func Changes(older, newer *report.Report) any {
	d := diff.Compare(older, newer)
	v := compareView{Old: sideOf(d.Old, older), New: sideOf(d.New, newer), Verdict: "Nothing got worse"}
	if d.Regression {
		v.Verdict = "Something that the guide demands got worse"
	} else if len(d.Changes) == 0 {
		v.Verdict = "Nothing changed"
	}
	for _, g := range d.Guides {
		v.Guides = append(v.Guides, guideChange{safetext.Line(g.Name), outcomeOf(g.Old), outcomeOf(g.New)})
	}
	for _, g := range []struct {
		title string
		kinds []diff.Kind
	}{
		{"Worse", []diff.Kind{diff.Regressed, diff.Worse}}, {"Found out", []diff.Kind{diff.Uncovered}}, {"Fixed", []diff.Kind{diff.Fixed}},
		{"Different", []diff.Kind{diff.Other, diff.Added, diff.Removed}},
	} {
		group := changeGroup{Title: g.title}
		for _, c := range d.Changes {
			for _, kind := range g.kinds {
				if c.Kind == kind {
					row := viewOf(c)
					row.Says = verdictOf(c, newer, older)
					group.Changes = append(group.Changes, row)
				}
			}
		}
		if len(group.Changes) > 0 {
			v.Groups = append(v.Groups, group)
		}
	}
	return v
}

// verdictOf is what the first report that has a finding says of it.
func verdictOf(c diff.Change, reports ...*report.Report) string {
	for _, r := range reports {
		if at := slices.IndexFunc(r.Findings, func(f probes.Finding) bool { return f.ID == c.ID && f.Host == c.Host }); at >= 0 {
			return safetext.Line(report.Verdict(r.Findings[at]))
		}
	}
	return ""
}

// outcomeOf is an outcome by one guide.
func outcomeOf(o probes.Outcome) string { return safetext.Line(cmp.Or(string(o), "not judged")) }

func sideOf(from diff.Side, r *report.Report) side {
	return side{safetext.Line(from.URL), Stamp(r.Started), safetext.Line(string(from.Outcome))}
}

func viewOf(c diff.Change) changeView {
	v := changeView{ID: safetext.Line(c.ID), Host: safetext.Line(c.Host), Level: safetext.Line(string(c.Level)), Old: "not there", New: "not there", Guides: safetext.Line(strings.Join(c.Guides, ", "))}
	words := func(from *diff.Verdict) string {
		if from.Cause == "" || from.Cause == probes.OK {
			return safetext.Line(string(from.Status))
		}
		return safetext.Line(string(from.Status) + " (" + string(from.Cause) + ")")
	}
	if c.Old != nil {
		v.Old = words(c.Old)
	}
	if c.New != nil {
		v.New, v.Because = words(c.New), safetext.Line(c.New.Because)
	}
	return v
}
