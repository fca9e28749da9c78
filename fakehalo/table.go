package fakehalo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// row is one stored record. It is never changed: an update puts another in its place.
type row struct {
	id    int    // as the API shows it
	key   int    // unique in the table: the id, and the parent's id where ids restart within it
	json  []byte // the record as it is sent
	cells []any  // values of the resource's columns: int, float64, bool or string
	words string // what search= looks into, lower case
}

// parentStep is how many ids fit within one parent.
const parentStep = 1 << 20

// table holds the records of one resource, in the order of their keys.
type table struct {
	res *resource

	mu    sync.RWMutex
	rows  []*row
	byKey map[int]*row
	next  map[int]int // by parent: the id that the next new record gets
	lists map[string]listing
}

// listing is a filtered and sorted selection. Writes keep it up to date, so that a selection is made once and not after
// every write.
type listing struct {
	of    *instance // whose visibility it rests on
	keep  func(*row) bool
	order func(a, b *row) int // total: no two rows are equal in it
	rows  []*row              // shared with readers: a change makes a new slice
	pages *responseCache      // made of these rows
}

// maxListings bounds how many selections a table keeps.
const maxListings = 32

func newTable(res *resource) *table {
	return &table{res: res, byKey: map[int]*row{}, next: map[int]int{}, lists: map[string]listing{}}
}

// column is where a field's value is among the cells; -1 where it is not.
func (r *resource) column(name string) int { return slices.Index(r.columns, name) }

// cell is the value of one of a row's columns; nil where the resource has none of that name.
func (t *table) cell(r *row, name string) any {
	if at := t.res.column(name); at >= 0 {
		return r.cells[at]
	}
	return nil
}

// parentOf is the id of the record that a record's id is counted within; 0 where ids are the resource's own.
func (r *resource) parentOf(of record) int {
	n, _ := of[r.parent].(int)
	return n
}

// make builds a row of a complete record.
func (t *table) make(of record) (*row, error) {
	raw, err := json.Marshal(of)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.res.name, err)
	}
	id := t.res.numberOf(of)
	out := &row{id: id, key: t.res.parentOf(of)*parentStep + id, json: raw, cells: make([]any, len(t.res.columns))}
	for n, name := range t.res.columns {
		out.cells[n] = of[name]
		if number, ok := of[name].(json.Number); ok {
			out.cells[n], _ = number.Float64() // written by fraction
		}
	}
	for _, name := range t.res.search {
		out.words += strings.ToLower(fmt.Sprint(of[name])) + "\n"
	}
	return out, nil
}

// record is a row's content with numbers of Go's types, to be changed by the caller.
func (t *table) record(r *row) record {
	out := record{}
	if err := decode(r.json, &out); err != nil {
		panic(err) // made by table.make
	}
	for _, f := range t.res.fields {
		if value, err := f.kind.read(out[f.name]); err == nil {
			out[f.name] = value
		}
	}
	return out
}

// get finds a row by its key; nil where there is none.
func (t *table) get(key int) *row {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byKey[key]
}

// nextID is the id for a new record within a parent.
func (t *table) nextID(parent int) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return max(1, t.next[parent])
}

// put stores rows, new ones and changed ones.
func (t *table) put(rows ...*row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range rows {
		at, found := slices.BinarySearchFunc(t.rows, r.key, func(have *row, key int) int { return cmp.Compare(have.key, key) })
		t.updateListings(t.byKey[r.key], r)
		if found {
			t.rows[at] = r
		} else {
			t.rows = slices.Insert(t.rows, at, r)
		}
		t.byKey[r.key] = r
		parent := r.key / parentStep
		if t.res.parent == "" {
			parent = 0
		}
		t.next[parent] = max(t.next[parent], r.id+1)
	}
}

// updateListings puts now in old's place in every selection; either may be nil.
func (t *table) updateListings(old, now *row) {
	for name, l := range t.lists {
		from, to := len(l.rows), len(l.rows)
		was, is := false, now != nil && l.keep(now)
		if old != nil {
			from, was = slices.BinarySearchFunc(l.rows, old, l.order)
		}
		if is {
			to, _ = slices.BinarySearchFunc(l.rows, now, l.order)
		}
		if !was && !is {
			continue
		}
		l.rows, l.pages = slices.Clone(l.rows), &responseCache{}
		switch {
		case was && is && from == to:
			l.rows[from] = now
		case was && is && from < to: // it moves down
			copy(l.rows[from:], l.rows[from+1:to])
			l.rows[to-1] = now
		case was && is: // it moves up
			copy(l.rows[to+1:from+1], l.rows[to:from])
			l.rows[to] = now
		case was:
			l.rows = slices.Delete(l.rows, from, from+1)
		default:
			l.rows = slices.Insert(l.rows, to, now)
		}
		t.lists[name] = l
	}
}

// invalidate drops every selection: what they rest on has changed.
func (t *table) invalidate() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.lists)
}

// remove removes a row; while the fake runs, its id is not given again.
func (t *table) remove(key int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.updateListings(t.byKey[key], nil)
	delete(t.byKey, key)
	t.rows = slices.DeleteFunc(t.rows, func(r *row) bool { return r.key == key })
}

// all are the rows as they are now, in the order of their keys.
func (t *table) all() []*row {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(t.rows)
}

// list selects the rows that keep accepts, in the order given; nil is that of the keys. The same name and instance must
// always come with the same keep and order: what was selected before is given again. The result must not be changed.
func (t *table) list(name string, of *instance, keep func(*row) bool, order func(a, b *row) int) listing {
	t.mu.RLock()
	known, ok := t.lists[name]
	t.mu.RUnlock()
	if ok && known.of == of {
		return known
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found := make([]*row, 0, len(t.rows))
	for _, r := range t.rows {
		if keep(r) {
			found = append(found, r)
		}
	}
	total := func(a, b *row) int { return cmp.Compare(a.key, b.key) }
	if order != nil {
		total = func(a, b *row) int { return cmp.Or(order(a, b), cmp.Compare(a.key, b.key)) }
		slices.SortFunc(found, total)
	}
	if len(t.lists) >= maxListings {
		clear(t.lists)
	}
	made := listing{of, keep, total, found, &responseCache{}}
	t.lists[name] = made
	return made
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
