package page

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/halocheck/halocheck/internal/machine"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// frame is what stands around a report: what is under way, and what can be done.
type frame struct {
	run    *run
	report *report.Report

	Live      bool
	ID        string
	Seq       int
	Doing     string
	Asking    string
	Watching  bool
	Until     string
	Lines     []string
	Problem   string
	CanAsk    bool // again: its secrets are still kept
	Saved     bool // it was opened from a file
	Faults    []string
	Mendable  bool
	Green     bool
	Where     *whereView
	Forgotten bool
	ReadOnly  bool // for who may not ask
}

// whereView is where a check looked from.
type whereView struct {
	machine.Facts
	Vantages []string
	Guide    []string // addresses of the guide that nobody looked from
}

// showReport shows the HTML report with what can be done about it.
func (s *Server) showReport(w http.ResponseWriter, r *run, made *report.Report, seq int) {
	f := r.frame(made, seq)
	f.ReadOnly, f.CanAsk = !mayAsk(w), f.CanAsk && mayAsk(w)
	v, err := report.NewView(made, f)
	if err != nil {
		s.Refuse(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = report.WriteView(w, s.pages.of(w), v) // who asked for it may be gone
}

func (r *run) frame(made *report.Report, seq int) *frame {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := &frame{
		run: r, report: made, ID: r.id, Seq: seq, Doing: r.doing, Asking: r.asking, Lines: slices.Clone(r.lines), Problem: r.problem, CanAsk: !r.gone && r.doing == "",
		Saved: r.target.URL == "" && r.gone && r.metas == nil, Faults: r.faults, Mendable: r.demo != nil && len(r.faults) > 0, Green: made.Outcome == probes.Conformant,
	}
	f.Forgotten = r.gone && !f.Saved
	if !r.until.IsZero() {
		f.Watching, f.Until = true, r.until.Format("15:04 MST")
	}
	if r.where != (machine.Facts{}) {
		f.Where = &whereView{Facts: r.where}
		if r.session != nil {
			for _, v := range r.session.Vantages {
				f.Where.Vantages = append(f.Where.Vantages, safetext.Line(v.Name))
			}
			if n := r.session.Guide.Network; n != nil {
				for _, a := range n.Addresses {
					if !slices.Contains(f.Where.Vantages, a) {
						f.Where.Guide = append(f.Where.Guide, safetext.Line(a))
					}
				}
			}
		}
	}
	return f
}

// Waits are the requirements that wait for another, each with its sentence.
func (f *frame) Waits(id string) (list []string) {
	for _, other := range f.report.Findings {
		if other.Status == probes.Blocked && other.BlockedBy == id {
			list = append(list, safetext.Line(fmt.Sprintf("%s (%s)", report.Verdict(other), other.ID)))
		}
	}
	return list
}

// Again tells whether a requirement can be asked again.
func (f *frame) Again(status probes.Status) bool {
	return f.CanAsk && status != probes.Skipped && status != probes.NotApplicable
}

// Stamp is a moment as pages show it.
func Stamp(t time.Time) string { return t.Format("2006-01-02 15:04 MST") }

// clock is a time of day as the page shows it.
func clock(t time.Time) string { return t.Format("15:04:05 MST") }
