package fleet

import (
	"cmp"
	"slices"

	"github.com/halocheck/halocheck/probes"
)

// Tally is what many results say together.
type Tally struct {
	Instances int                    `json:"instances"` // those that were to be checked
	Done      int                    `json:"done"`
	Requests  int                    `json:"requests"`
	Outcomes  map[probes.Outcome]int `json:"outcomes"`
	Broken    int                    `json:"broken"`   // those that halocheck itself broke on
	Roots     []Count                `json:"roots"`    // what to fix first, the commonest first
	Actors    []ActorCount           `json:"actors"`   // who has to act on a Must that fails, on how many instances
	Unjudged  []Count                `json:"unjudged"` // what could not be judged and is no root either, the commonest first

	roots, unjudged map[rootKey]int
	actors          map[probes.Actor]int
}

type rootKey struct {
	id    string
	cause probes.Cause
}

// Count is on how many instances a requirement fails, or cannot be judged, for a cause.
type Count struct {
	ID        string       `json:"id"`
	Cause     probes.Cause `json:"cause"`
	Instances int          `json:"instances"`
}

// ActorCount is how many instances wait for somebody.
type ActorCount struct {
	Who       probes.Actor `json:"who"`
	Instances int          `json:"instances"`
}

// NewTally is an empty tally of so many instances.
func NewTally(instances int) *Tally {
	return &Tally{
		Instances: instances, Outcomes: map[probes.Outcome]int{}, Roots: []Count{}, Actors: []ActorCount{}, Unjudged: []Count{},
		roots: map[rootKey]int{}, unjudged: map[rootKey]int{}, actors: map[probes.Actor]int{},
	}
}

// Add counts one more result. The caller sees to it that no instance is counted twice.
func (t *Tally) Add(r *Result) {
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
	waiting := map[probes.Actor]bool{}
	for _, f := range r.Findings {
		if f.Fails() && f.Remedy != nil && !waiting[f.Remedy.Who] {
			waiting[f.Remedy.Who] = true
			t.actors[f.Remedy.Who]++
		}
	}
}

func commonest(counts map[rootKey]int) []Count {
	list := []Count{}
	for k, n := range counts {
		list = append(list, Count{k.id, k.cause, n})
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(b.Instances-a.Instances, cmp.Compare(a.ID, b.ID), cmp.Compare(a.Cause, b.Cause))
	})
	return list
}

// Unjudged is the Musts that nobody could judge, each once: neither roots, which are told as such, nor what waits for another.
func (r *Result) Unjudged() []Count {
	var list []Count
	for _, f := range r.Findings {
		if f.Unjudged() && f.Status != probes.Blocked && !slices.Contains(r.RootCauses, f.ID) &&
			!slices.ContainsFunc(list, func(c Count) bool { return c.ID == f.ID }) {
			list = append(list, Count{f.ID, f.Cause, 1})
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

// Sum fills in the lists, and returns the exit code: the worst of all, where an instance without a result counts as
// incomplete.
func (t *Tally) Sum() int {
	t.Roots, t.Unjudged, t.Actors = commonest(t.roots), commonest(t.unjudged), []ActorCount{}
	for who, n := range t.actors {
		t.Actors = append(t.Actors, ActorCount{who, n})
	}
	slices.SortFunc(t.Actors, func(a, b ActorCount) int { return cmp.Or(b.Instances-a.Instances, cmp.Compare(a.Who, b.Who)) })
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
