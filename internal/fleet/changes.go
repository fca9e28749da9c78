package fleet

import (
	"cmp"
	"maps"
	"slices"

	"github.com/halocheck/halocheck/probes"
)

// Changes is what became of the Musts that failed or fail, between two runs.
type Changes struct {
	New   []Change `json:"newly_failing"`
	Fixed []Change `json:"fixed"`
	Still []Change `json:"still_failing"`
	// Doubt is what could be judged before and cannot now, so it is not fixed. What held and is only blocked now is left out:
	// what it is blocked by stands here, or fails.
	Doubt []Change `json:"newly_unjudged"`
	Added []string `json:"added"` // instances that the older run does not have
	Gone  []string `json:"gone"`  // instances that the newer run does not have
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

// Older is the state of an earlier run, one instance after the other.
type Older struct {
	at map[string]map[subject]state
}

// subject is a requirement on a host, by the order of the hosts: a host that was moved is the same one.
type subject struct {
	id string
	n  int
}

// state is what is remembered of a Must.
type state struct {
	failed, unjudged, blocked bool
	cause                     probes.Cause
	host                      string
}

// OpenOlder reads the results of an earlier run.
func OpenOlder(file string) (*Older, error) {
	m, err := Merge([]string{file})
	if err != nil {
		return nil, err
	}
	o := &Older{at: map[string]map[subject]state{}}
	return o, m.Each(func(r *Result) error {
		o.at[r.Name] = states(r)
		return nil
	})
}

// states are the Musts of a result that do not hold. One that holds is absent, as is one that nobody asked for.
func states(r *Result) map[subject]state {
	out, times := map[subject]state{}, map[string]int{}
	for _, f := range r.Findings {
		if f.Fails() || f.Unjudged() {
			out[subject{f.ID, times[f.ID]}] = state{f.Fails(), f.Unjudged(), f.Status == probes.Blocked, f.Cause, f.Host}
		}
		times[f.ID]++
	}
	return out
}

// NewChanges is a comparison in which nothing was found yet.
func NewChanges() *Changes {
	return &Changes{New: []Change{}, Fixed: []Change{}, Still: []Change{}, Doubt: []Change{}, Added: []string{}, Gone: []string{}}
}

// Add compares one result with the earlier run.
func (c *Changes) Add(o *Older, r *Result) {
	before, known := o.at[r.Name]
	if !known {
		c.Added = append(c.Added, r.Name)
	}
	now := states(r)
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
			c.Doubt = append(c.Doubt, x)
		}
	}
	for at, was := range before {
		if _, stays := now[at]; was.failed && !stays {
			c.Fixed = append(c.Fixed, Change{Name: r.Name, Labels: r.Labels, ID: at.id, Host: was.host, Was: was.cause})
		}
	}
}

// Sort puts everything in order and names the instances that are gone; names are those that were to be checked.
func (c *Changes) Sort(o *Older, names []string) {
	for _, list := range [][]Change{c.New, c.Fixed, c.Still, c.Doubt} {
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

// Tallied counts changes under a key of theirs, the commonest first.
func Tallied(list []Change, keyOf func(Change) []string) []Named {
	counts := map[string]int{}
	for _, x := range list {
		for _, k := range keyOf(x) {
			counts[k]++
		}
	}
	var out []Named
	for k, n := range counts {
		out = append(out, Named{k, n})
	}
	slices.SortFunc(out, func(a, b Named) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Key, b.Key)) })
	return out
}

// Named is a count with what it is of.
type Named struct {
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
