package fleet

import (
	"cmp"
	"slices"

	"github.com/halocheck/halocheck/probes"
)

// Counts adds up the results of many instances.
type Counts struct {
	Instances int                    `json:"instances"` // those that were to be checked
	Done      int                    `json:"done"`
	Requests  int                    `json:"requests"`
	Outcomes  map[probes.Outcome]int `json:"outcomes"`
	Broken    int                    `json:"broken"`   // instances whose check ended in a fault of halocheck
	Roots     []CauseCount           `json:"roots"`    // what to fix first, the commonest first
	Actors    []ActorCount           `json:"actors"`   // who has to act on a Must that fails, on how many instances
	Unjudged  []CauseCount           `json:"unjudged"` // what could not be judged and is no root either, the commonest first
	Guides    []GuideCount           `json:"guides"`   // by each guide, the commonest first

	guides          map[string]*GuideCount
	roots, unjudged map[rootKey]int
	actors          map[probes.Actor]int
}

type rootKey struct {
	id    string
	cause probes.Cause
}

// CauseCount is the number of instances on which a requirement fails, or is unjudged, for a cause.
type CauseCount struct {
	ID        string       `json:"id"`
	Cause     probes.Cause `json:"cause"`
	Instances int          `json:"instances"`
}

// ActorCount is the number of instances that wait for one actor.
type ActorCount struct {
	Who       probes.Actor `json:"who"`
	Instances int          `json:"instances"`
}

// GuideCount is the number of instances that were judged by a guide.
type GuideCount struct {
	Name      string                 `json:"name"`
	Instances int                    `json:"instances"`
	Outcomes  map[probes.Outcome]int `json:"outcomes"`          // where it is connected
	Planned   int                    `json:"planned,omitempty"` // where it is not connected yet
}

// NewCounts returns the counts of a fleet of that many instances, without any result.
func NewCounts(instances int) *Counts {
	return &Counts{
		Instances: instances, Outcomes: map[probes.Outcome]int{}, Roots: []CauseCount{}, Actors: []ActorCount{}, Unjudged: []CauseCount{}, Guides: []GuideCount{},
		roots: map[rootKey]int{}, unjudged: map[rootKey]int{}, actors: map[probes.Actor]int{}, guides: map[string]*GuideCount{},
	}
}

// Add counts a result. The caller adds each instance at most once.
func (t *Counts) Add(r *Result) {
	t.Done++
	t.Requests += r.Requests
	t.Outcomes[r.Outcome]++
	if r.Exit == probes.ExitBroken {
		t.Broken++
	}
	for _, id := range r.RootCauses {
		t.roots[rootKey{id, r.CauseOf(id)}]++
	}
	for _, c := range r.Unjudged() {
		t.unjudged[rootKey{c.ID, c.Cause}]++
	}
	for _, g := range r.Guides {
		n := t.guides[g.Name]
		if n == nil {
			n = &GuideCount{Name: g.Name, Outcomes: map[probes.Outcome]int{}}
			t.guides[g.Name] = n
		}
		n.Instances++
		if g.Planned {
			n.Planned++
		} else {
			n.Outcomes[g.Outcome]++
		}
	}
	waiting := map[probes.Actor]bool{}
	for _, f := range r.Findings {
		if f.Fails() && f.Remedy != nil && !waiting[f.Remedy.Who] {
			waiting[f.Remedy.Who] = true
			t.actors[f.Remedy.Who]++
		}
	}
}

func sortCounts(counts map[rootKey]int) []CauseCount {
	list := []CauseCount{}
	for k, n := range counts {
		list = append(list, CauseCount{k.id, k.cause, n})
	}
	slices.SortFunc(list, func(a, b CauseCount) int {
		return cmp.Or(b.Instances-a.Instances, cmp.Compare(a.ID, b.ID), cmp.Compare(a.Cause, b.Cause))
	})
	return list
}

// Unjudged returns the unjudged Musts, each once, without root causes and blocked ones.
func (r *Result) Unjudged() []CauseCount {
	var list []CauseCount
	for _, f := range r.Findings {
		if f.Unjudged() && f.Status != probes.Blocked && !slices.Contains(r.RootCauses, f.ID) &&
			!slices.ContainsFunc(list, func(c CauseCount) bool { return c.ID == f.ID }) {
			list = append(list, CauseCount{f.ID, f.Cause, 1})
		}
	}
	return list
}

// CauseOf is why a requirement does not hold, on the first host where it does not.
func (r *Result) CauseOf(id string) probes.Cause {
	for _, f := range r.Findings {
		if f.ID == id && (f.Fails() || f.Unjudged()) {
			return f.Cause
		}
	}
	return ""
}

// Total fills in the lists and returns the exit code: the worst of all, where an instance without a result counts as
// incomplete.
func (t *Counts) Total() int {
	t.Roots, t.Unjudged, t.Actors = sortCounts(t.roots), sortCounts(t.unjudged), []ActorCount{}
	for who, n := range t.actors {
		t.Actors = append(t.Actors, ActorCount{who, n})
	}
	slices.SortFunc(t.Actors, func(a, b ActorCount) int { return cmp.Or(b.Instances-a.Instances, cmp.Compare(a.Who, b.Who)) })
	t.Guides = []GuideCount{}
	for _, g := range t.guides {
		t.Guides = append(t.Guides, *g)
	}
	slices.SortFunc(t.Guides, func(a, b GuideCount) int { return cmp.Or(b.Instances-a.Instances, cmp.Compare(a.Name, b.Name)) })
	switch {
	case t.Outcomes[probes.NotConformant] > 0:
		return probes.ExitNotConformant
	case t.Broken > 0:
		return probes.ExitBroken
	case t.Outcomes[probes.Incomplete] > 0 || t.Done < t.Instances:
		return probes.ExitIncomplete
	}
	return probes.ExitConformant
}
