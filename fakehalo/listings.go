package fakehalo

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"sync"
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

// update takes writes into the selection: what they replaced leaves it, what they made comes in where it belongs.
func (l *listing) update(writes []change) {
	l.seen += len(writes)
	for _, w := range writes {
		if w.old != nil {
			if at, found := slices.BinarySearchFunc(l.rows, w.old, l.order.compare); found {
				l.rows = slices.Delete(l.rows, at, at+1)
			}
		}
		if w.now != nil && l.keep(w.now) {
			at, _ := slices.BinarySearchFunc(l.rows, w.now, l.order.compare)
			l.rows = slices.Insert(l.rows, at, w.now)
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

// sortKey decides nearly every comparison without a look at the row.
type sortKey struct {
	first, second, third uint64
	at                   int // among the rows that are sorted, which stand in the order of their keys
}

// keyOf makes the sort key of a cell: a number, or the first 23 letters of a text, which a date does not have more of. The last byte
// of third is 1 where equal keys do not show that texts are equal.
func keyOf(cell any, at int) sortKey {
	key := sortKey{at: at}
	switch x := cell.(type) {
	case int:
		key.first = uint64(x) ^ 1<<63
	case float64:
		if key.first = math.Float64bits(x) | 1<<63; x < 0 {
			key.first = ^math.Float64bits(x)
		}
	case bool:
		key.first = uint64(number(x))
	case string:
		var letters [24]byte
		for n := range min(len(x), 23) {
			letters[n] = lower(x[n])
		}
		if len(x) > 23 || strings.IndexByte(x, 0) >= 0 {
			letters[23] = 1
		}
		key.first, key.second, key.third = binary.BigEndian.Uint64(letters[:8]), binary.BigEndian.Uint64(letters[8:16]), binary.BigEndian.Uint64(letters[16:])
	}
	return key
}

// sortSpace is what a selection is made in; it is used again, since there is a megabyte of it for every 25,000 rows.
type sortSpace struct {
	rows []*row
	keys []sortKey
}

var sortSpaces = sync.Pool{New: func() any { return new(sortSpace) }}

// sorted are the rows that keep accepts, in order. The caller holds mu.
func (t *table) sorted(keep func(*row) bool, o ordering) []*row {
	space := sortSpaces.Get().(*sortSpace)
	defer sortSpaces.Put(space)
	space.rows, space.keys = slices.Grow(space.rows[:0], len(t.rows)), space.keys[:0]
	defer func() { clear(space.rows) }()
	for _, r := range t.rows {
		if keep(r) {
			space.rows = append(space.rows, r)
		}
	}
	out := slices.Clone(space.rows)
	if o.column < 0 {
		if o.down {
			slices.Reverse(out)
		}
		return out
	}
	space.keys = slices.Grow(space.keys, len(out))
	for n, r := range out {
		space.keys = append(space.keys, keyOf(r.cells[o.column], n))
	}
	slices.SortFunc(space.keys, func(a, b sortKey) int {
		c := cmp.Compare(a.first, b.first)
		if c == 0 {
			c = cmp.Compare(a.second, b.second)
		}
		if c == 0 {
			c = cmp.Compare(a.third, b.third)
		}
		if c == 0 && byte(a.third) == 1 {
			c = compare(space.rows[a.at].cells[o.column], space.rows[b.at].cells[o.column])
		}
		if c == 0 {
			return cmp.Compare(a.at, b.at)
		}
		return o.turned(c)
	})
	for n, key := range space.keys {
		out[n] = space.rows[key.at]
	}
	return out
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
