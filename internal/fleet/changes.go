package fleet

import (
	"cmp"
	"context"
	"maps"
	"slices"

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
	Was    probes.Cause      `json:"was,omitempty"`   // the older cause, where it failed
	Cause  probes.Cause      `json:"cause,omitempty"` // the newer one, where it fails or cannot be judged
}

// Baseline holds the Musts of an earlier run that did not pass, by instance.
type Baseline struct {
	at map[string]map[requirementHost]mustState
}

// requirementHost is a requirement on the nth host of a result. A host that was renamed is the same one.
type requirementHost struct {
	id string
	n  int
}

// mustState is the verdict on a Must.
type mustState struct {
	failed, unjudged, blocked bool
	cause                     probes.Cause
	host                      string
}

// ReadBaseline reads the results file of an earlier run.
func ReadBaseline(ctx context.Context, file string) (*Baseline, error) {
	m, err := Merge(ctx, []string{file})
	if err != nil {
		return nil, err
	}
	o := &Baseline{at: map[string]map[requirementHost]mustState{}}
	return o, m.Each(func(r *Result) error {
		o.at[r.Name] = mustStates(r)
		return nil
	})
}

// mustStates returns the Musts of a result that fail or are unjudged.
func mustStates(r *Result) map[requirementHost]mustState {
	out, times := map[requirementHost]mustState{}, map[string]int{}
	for _, f := range r.Findings {
		if f.Fails() || f.Unjudged() {
			out[requirementHost{f.ID, times[f.ID]}] = mustState{f.Fails(), f.Unjudged(), f.Status == probes.Blocked, f.Cause, f.Host}
		}
		times[f.ID]++
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
	now := mustStates(r)
	for at, s := range now {
		was := before[at]
		x := Change{Name: r.Name, Labels: r.Labels, ID: at.id, Host: s.host, Cause: s.cause}
		if was.failed {
			x.Was = was.cause
		}
		switch {
		case s.failed && was.failed:
			c.Still = append(c.Still, x)
		case s.failed:
			c.New = append(c.New, x)
		case was.failed || !was.unjudged && !s.blocked:
			c.Unjudged = append(c.Unjudged, x)
		}
	}
	for at, was := range before {
		if _, stays := now[at]; was.failed && !stays {
			c.Fixed = append(c.Fixed, Change{Name: r.Name, Labels: r.Labels, ID: at.id, Host: was.host, Was: was.cause})
		}
	}
}

// Sort sorts the lists and fills in Gone; names are the instances of the newer run.
func (c *Changes) Sort(o *Baseline, names []string) {
	for _, list := range [][]Change{c.New, c.Fixed, c.Still, c.Unjudged} {
		slices.SortFunc(list, func(a, b Change) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Host, b.Host))
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
