package report

import (
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// action is one thing to do, with every finding that it would settle.
type action struct {
	do, where string
	verify    string // a command that shows that it was done; empty: none is known
	findings  []probes.Finding
}

// actorActions is what one person has to do, in report order.
type actorActions struct {
	actor   probes.Actor
	actions []*action
}

// actionsByActor gathers the remedies by who acts, whoever can mend the most fundamental thing first. The same remedy for
// several findings is told once.
func actionsByActor(findings []probes.Finding) []*actorActions {
	var duties []*actorActions
	tasks := map[probes.Remedy]*action{}
	byActor := map[probes.Actor]*actorActions{}
	for _, f := range findings {
		if !isTask(f) || !isExplained(f) {
			continue
		}
		t := tasks[*f.Remedy]
		if t == nil {
			t = &action{where: f.Remedy.Where}
			t.do, t.verify, _ = strings.Cut(f.Remedy.Do, trust.ProofMark)
			tasks[*f.Remedy] = t
			d := byActor[f.Remedy.Who]
			if d == nil {
				d = &actorActions{actor: f.Remedy.Who}
				byActor[d.actor] = d
				duties = append(duties, d)
			}
			d.actions = append(d.actions, t)
		}
		t.findings = append(t.findings, f)
	}
	for _, d := range duties {
		slices.SortStableFunc(d.actions, func(a, b *action) int { return a.sortWeight() - b.sortWeight() })
	}
	return duties
}

// isOptional tells whether nothing that the task settles is a Must.
func (t *action) isOptional() bool {
	return !slices.ContainsFunc(t.findings, func(f probes.Finding) bool { return f.Level == probes.Must })
}

// sortWeight sorts what has to be done before what may be done.
func (t *action) sortWeight() int {
	if t.isOptional() {
		return 1
	}
	return 0
}
