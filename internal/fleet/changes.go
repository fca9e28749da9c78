package fleet

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/halocheck/halocheck/internal/compare"
	"github.com/halocheck/halocheck/probes"
)

// Changes is the difference between two runs: Musts that began to fail, were fixed, or still fail.
type Changes struct {
	New   []Change `json:"newly_failing"`
	Fixed []Change `json:"fixed"`
	Still []Change `json:"still_failing"`
	// Doubt is what could be judged before and cannot now, so it is not fixed. What held and is only blocked now is left out:
	// what it is blocked by stands here, or fails.
	Unjudged []Change `json:"newly_unjudged"`
	Added    []string `json:"added"` // instances that the older run does not have
	Gone     []string `json:"gone"`  // instances that the newer run does not have
}

// Change is one requirement of an instance, on one host.
type Change struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
	ID     string            `json:"id"`
	Host   string            `json:"host,omitempty"`
	Was    probes.Cause      `json:"was,omitempty"`    // the older cause, where it failed
	Cause  probes.Cause      `json:"cause,omitempty"`  // the newer one, where it fails or cannot be judged
	Guides []string          `json:"guides,omitempty"` // those, of several, that ask for it
}

// Baseline holds the Musts of an earlier run that did not pass, by instance.
type Baseline struct {
	at map[string]mustStates
}

// mustState is the verdict on a Must.
type mustState struct {
	state compare.State
	cause probes.Cause
	host  string
}

// ReadBaseline reads the results file of an earlier run.
func ReadBaseline(ctx context.Context, file string) (*Baseline, error) {
	m, err := Merge(ctx, []string{file})
	if err != nil {
		return nil, err
	}
	o := &Baseline{at: map[string]mustStates{}}
	return o, m.Each(func(r *Result) error {
		o.at[r.Name] = mustStatesOf(r)
		return nil
	})
}

// mustStates are the Musts of a result that fail or are unjudged.
type mustStates map[compare.Key]mustState

// of is the state of a Must: a guide's own, else that of a run by an only guide; of an only guide, that of any.
func (m mustStates) of(key compare.Key) mustState {
	if s, ok := m[key]; ok || len(m) == 0 {
		return s
	}
	if key.Guide != "" {
		return m[compare.Key{ID: key.ID, N: key.N}]
	}
	var worst mustState
	for at, s := range m {
		if at.ID == key.ID && at.N == key.N && s.state > worst.state {
			worst = s
		}
	}
	return worst
}

func mustStatesOf(r *Result) mustStates {
	out := mustStates{}
	for key, f := range compare.Keys(r.verdicts()) {
		if state := compare.StateOf(f); f.Level == probes.Must && state != compare.Holds {
			out[key] = mustState{state, f.Cause, f.Host}
		}
	}
	return out
}

// NewChanges returns an empty comparison.
func NewChanges() *Changes {
	return &Changes{New: []Change{}, Fixed: []Change{}, Still: []Change{}, Unjudged: []Change{}, Added: []string{}, Gone: []string{}}
}

// Add compares one result with the earlier run.
func (c *Changes) Add(o *Baseline, r *Result) {
	before, known := o.at[r.Name]
	if !known {
		c.Added = append(c.Added, r.Name)
	}
	now := mustStatesOf(r)
	for at, s := range now {
		was := before.of(at)
		x := Change{Name: r.Name, Labels: r.Labels, ID: at.ID, Host: s.host, Cause: s.cause}
		if was.state == compare.Fails {
			x.Was = was.cause
		}
		switch kind := compare.KindOf(was.state, s.state); {
		case kind == compare.Broken, kind == compare.Uncovered:
			c.New = x.addTo(c.New, at.Guide)
		case kind == compare.Lost:
			c.Unjudged = x.addTo(c.Unjudged, at.Guide)
		case s.state == compare.Fails:
			c.Still = x.addTo(c.Still, at.Guide)
		}
	}
	for at, was := range before {
		if compare.KindOf(was.state, now.of(at).state) == compare.Fixed {
			x := Change{Name: r.Name, Labels: r.Labels, ID: at.ID, Host: was.host, Was: was.cause}
			c.Fixed = x.addTo(c.Fixed, at.Guide)
		}
	}
}

// addTo adds a change to those of its kind. What changed for several guides alike is one change; it stands among the instance's own,
// which come last.
func (x Change) addTo(list []Change, guide string) []Change {
	if guide == "" {
		return append(list, x)
	}
	for i := len(list) - 1; i >= 0 && list[i].Name == x.Name; i-- {
		if o := &list[i]; len(o.Guides) > 0 && o.ID == x.ID && o.Host == x.Host && o.Was == x.Was && o.Cause == x.Cause {
			o.Guides = append(o.Guides, guide)
			slices.Sort(o.Guides)
			return list
		}
	}
	x.Guides = []string{guide}
	return append(list, x)
}

// Sort sorts the lists and fills in Gone; names are the instances of the newer run.
func (c *Changes) Sort(o *Baseline, names []string) {
	for _, list := range [][]Change{c.New, c.Fixed, c.Still, c.Unjudged} {
		slices.SortFunc(list, func(a, b Change) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Host, b.Host), slices.Compare(a.Guides, b.Guides))
		})
	}
	slices.Sort(c.Added)
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	c.Gone = []string{}
	for _, name := range slices.Sorted(maps.Keys(o.at)) {
		if !wanted[name] {
			c.Gone = append(c.Gone, name)
		}
	}
}

// CountChanges counts changes by key, the most frequent first.
func CountChanges(list []Change, keyOf func(Change) []string) []KeyCount {
	counts := map[string]int{}
	for _, x := range list {
		for _, k := range keyOf(x) {
			counts[k]++
		}
	}
	var out []KeyCount
	for k, n := range counts {
		out = append(out, KeyCount{k, n})
	}
	slices.SortFunc(out, func(a, b KeyCount) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Key, b.Key)) })
	return out
}

// KeyCount is the number of changes with a key.
type KeyCount struct {
	Key   string `json:"key"`
	Count int    `json:"count"`
}

// ByRequirement, ByCause and ByLabel are keys to count changes under.
func ByRequirement(c Change) []string { return []string{c.ID} }

// ByCause is the newer cause, and the older one of what is fixed.
func ByCause(c Change) []string { return []string{string(cmp.Or(c.Cause, c.Was))} }

// ByLabel is every label with its value.
func ByLabel(c Change) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Labels)) {
		out = append(out, name+"="+c.Labels[name])
	}
	return out
}
