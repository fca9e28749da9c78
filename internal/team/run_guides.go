package team

import (
	"context"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/internal/store"
)

// latestRead is of how many of a customer's latest runs the report is read for a list.
const latestRead = 10

// guideRow is the outcome by one of several guides.
type guideRow struct {
	Name, Outcome string
	Planned       bool
}

// guidesOf are the outcomes by each of several guides of the latest runs, by the run's ID. A report that cannot be read has none:
// its own page says why.
func (s *Server) guidesOf(ctx context.Context, runs []store.Run) map[string][]guideRow {
	guides := map[string][]guideRow{}
	for _, run := range runs[:min(len(runs), latestRead)] {
		_, r, err := s.options.Store.Report(ctx, run.ID)
		if err != nil {
			continue
		}
		for _, g := range r.Guides {
			guides[run.ID] = append(guides[run.ID], guideRow{safetext.Line(g.Name), string(g.Outcome), g.Planned})
		}
	}
	return guides
}
