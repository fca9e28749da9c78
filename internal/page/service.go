package page

import (
	"context"
	"net/url"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// State is a check as a program sees it.
type State struct {
	URL      string // that was typed
	Running  bool
	Problem  string // why nothing was asked; empty: something was
	Total    int    // requirements
	Findings []probes.Finding
	Report   *report.Report // of the last whole run; nil: there is none yet
	Changed  <-chan struct{}
}

// Start starts a check from the fields of the form, and returns its ID. Problems are by the field; under "" is what concerns none.
func (s *Server) Start(ctx context.Context, by string, form url.Values) (id string, problems map[string]string) {
	d := s.readForm(form)
	r := s.launch(ctx, d, nil, by)
	if r == nil {
		return "", d.problems
	}
	return r.id, nil
}

// Fields are the fields that [Server.Start] takes.
func (s *Server) Fields() map[string]bool {
	list := map[string]bool{"guide": true}
	for _, row := range s.formTable() {
		list[row.Name] = true
	}
	return list
}

// State tells how a check is; false where it is not kept here.
func (s *Server) State(id string) (State, bool) {
	r := s.find(id)
	if r == nil {
		return State{}, false
	}
	_, changed, _ := r.feed.since(r.feed.At())
	var found []probes.Finding
	if made := r.underway(); made != nil {
		found = made.Findings
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	state := State{URL: safetext.Line(r.title), Running: r.doing != "", Problem: r.problem, Total: len(r.metas), Findings: found, Report: r.report, Changed: changed}
	if r.report != nil {
		state.Findings = r.report.Findings
	}
	return state, true
}

// End stops a check and keeps it no longer; false where it is not kept here.
func (s *Server) End(ctx context.Context, id string) bool {
	r := s.find(id)
	if r == nil {
		return false
	}
	r.halt(ctx)
	s.remove(r)
	return true
}
