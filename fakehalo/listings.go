package fakehalo

import (
	"cmp"
	"slices"
)

// listings are the selections of a table that were asked for. A write only notes what it changed; the next read of a selection
// brings it up to date.
type listings struct {
	lists  map[string]*listing
	writes []change // since the first of lists was made
}

// change is one write: the row that was there and the one that is now; nil is none.
type change struct{ old, now *row }

// listing is a filtered and sorted selection.
type listing struct {
	of    *instance // whose visibility it rests on
	keep  func(*row) bool
	order ordering
	rows  []*row
	seen  int // how many of the table's writes are in rows
}

// Bounds of what a table keeps for its selections; beyond them, they are made anew.
const (
	maxListings = 32
	maxWrites   = 256
)

// note remembers a write for the selections.
func (l *listings) note(old, now *row) {
	switch {
	case len(l.lists) == 0:
	case len(l.writes) == maxWrites:
		l.forget()
	default:
		l.writes = append(l.writes, change{old, now})
	}
}

// forget drops every selection.
func (l *listings) forget() {
	clear(l.lists)
	l.writes = nil
}

// list selects the rows that keep accepts, in the order given, and gives those from where to where cut says, which is told how
// many there are. The same name and instance must always come with the same keep and order: what was selected before is used
// again.
func (t *table) list(name string, of *instance, keep func(*row) bool, order ordering, cut func(total int) (from, to int)) []*row {
	window := func(l *listing) []*row {
		from, to := cut(len(l.rows))
		return slices.Clone(l.rows[from:to])
	}
	t.mu.RLock()
	known := t.lists[name]
	if known != nil && known.of == of && known.seen == len(t.writes) {
		defer t.mu.RUnlock()
		return window(known)
	}
	t.mu.RUnlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	known = t.lists[name]
	if known == nil || known.of != of {
		if len(t.lists) >= maxListings {
			t.forget()
		}
		known = &listing{of: of, keep: keep, order: order, seen: len(t.writes)}
		known.rows = t.sorted(keep, order)
		t.lists[name] = known
	}
	known.update(t.writes[known.seen:])
	return window(known)
}

// update takes writes into the selection: what they replaced leaves it, what they made comes in where it belongs. Only the rows
// between the two places move.
func (l *listing) update(writes []change) {
	l.seen += len(writes)
	for _, w := range writes {
		from, to := 0, 0
		leaves, comes := false, w.now != nil && l.keep(w.now)
		if w.old != nil {
			from, leaves = slices.BinarySearchFunc(l.rows, w.old, l.order.compare)
		}
		if comes {
			to, _ = slices.BinarySearchFunc(l.rows, w.now, l.order.compare)
		}
		switch {
		case leaves && comes && to > from:
			to-- // what leaves stood before it
			copy(l.rows[from:to], l.rows[from+1:to+1])
			l.rows[to] = w.now
		case leaves && comes:
			copy(l.rows[to+1:from+1], l.rows[to:from])
			l.rows[to] = w.now
		case leaves:
			l.rows = slices.Delete(l.rows, from, from+1)
		case comes:
			l.rows = slices.Insert(l.rows, to, w.now)
		}
	}
}

// ordering is by a column, or by the keys where that is negative. It is total: rows that are equal in the column stand in the
// order of their keys.
type ordering struct {
	column int
	down   bool
}

func (o ordering) compare(a, b *row) int {
	if o.column < 0 {
		return o.turned(cmp.Compare(a.key, b.key))
	}
	return cmp.Or(o.turned(compare(a.cells[o.column], b.cells[o.column])), cmp.Compare(a.key, b.key))
}

func (o ordering) turned(c int) int {
	if o.down {
		return -c
	}
	return c
}

// compare orders two cells of the same column.
func compare(a, b any) int {
	switch x := a.(type) {
	case int:
		y, _ := b.(int)
		return cmp.Compare(x, y)
	case float64:
		y, _ := b.(float64)
		return cmp.Compare(x, y)
	case bool:
		y, _ := b.(bool)
		return cmp.Compare(number(x), number(y))
	}
	x, _ := a.(string)
	y, _ := b.(string)
	return compareFold(x, y)
}

// compareFold orders strings without regard to the case of ASCII letters.
func compareFold(a, b string) int {
	for n := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[n]), lower(b[n])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func number(on bool) int {
	if on {
		return 1
	}
	return 0
}
