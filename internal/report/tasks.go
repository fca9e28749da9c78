package report

import (
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// task is one thing to do, with every finding that it would settle.
type task struct {
	do, where string
	proof     string // a command that shows that it was done; empty: none is known
	findings  []probes.Finding
}

// duty is what one person has to do, in report order.
type duty struct {
	who   probes.Actor
	tasks []*task
}

// dutiesOf gathers the remedies by who acts, whoever can mend the most fundamental thing first. The same remedy for
// several findings is told once. What was accepted is nobody's duty.
func dutiesOf(findings []probes.Finding) []*duty {
	var duties []*duty
	tasks := map[probes.Remedy]*task{}
	byActor := map[probes.Actor]*duty{}
	for _, f := range findings {
		if f.Remedy == nil || f.Waived != nil || !explained(f) {
			continue
		}
		t := tasks[*f.Remedy]
		if t == nil {
			t = &task{where: f.Remedy.Where}
			t.do, t.proof, _ = strings.Cut(f.Remedy.Do, trust.ProofMark)
			tasks[*f.Remedy] = t
			d := byActor[f.Remedy.Who]
			if d == nil {
				d = &duty{who: f.Remedy.Who}
				byActor[d.who] = d
				duties = append(duties, d)
			}
			d.tasks = append(d.tasks, t)
		}
		t.findings = append(t.findings, f)
	}
	for _, d := range duties {
		slices.SortStableFunc(d.tasks, func(a, b *task) int { return a.weight() - b.weight() })
	}
	return duties
}

// optional tells whether nothing that the task settles is a Must.
func (t *task) optional() bool {
	return !slices.ContainsFunc(t.findings, func(f probes.Finding) bool { return f.Level == probes.Must })
}

// weight sorts what has to be done before what may be done.
func (t *task) weight() int {
	if t.optional() {
		return 1
	}
	return 0
}
