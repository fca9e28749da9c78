package fakehalo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
	listings

	values   sync.Map // of cells, by themselves
	distinct atomic.Int64
}

func newTable(res *resource) *table {
	return &table{res: res, byKey: map[int]*row{}, next: map[int]int{}, listings: listings{lists: map[string]*listing{}}}
}

// column is where a field's value is among the cells; -1 where it is not.
func (r *resource) column(name string) int {
	if at, ok := r.columnAt[name]; ok {
		return at
	}
	return -1
}

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
	raw, err := marshal(of)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.res.name, err)
	}
	id := t.res.numberOf(of)
	out := &row{id: id, key: t.res.parentOf(of)*parentStep + id, json: bytes.Clone(raw), // no more than it needs
		cells: make([]any, len(t.res.columns))}
	for n, name := range t.res.columns {
		out.cells[n] = t.shared(of[name])
	}
	for _, name := range t.res.search {
		out.words += strings.ToLower(fmt.Sprint(of[name])) + "\n"
	}
	return out, nil
}

// shared is a value for a cell; values that many rows have are kept once.
func (t *table) shared(value any) any {
	if number, ok := value.(json.Number); ok {
		value, _ = number.Float64() // written by fraction
	}
	known, ok := t.values.Load(value)
	if ok {
		return known
	}
	if t.distinct.Add(1) <= maxShared {
		t.values.Store(value, value)
	}
	return value
}

// maxShared bounds how many values a table keeps for sharing.
const maxShared = 1024

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

// empty tells whether there are no rows.
func (t *table) empty() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.rows) == 0
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
		at, found := t.position(r.key)
		t.note(t.byKey[r.key], r)
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

// remove removes a row; while the fake runs, its id is not given again.
func (t *table) remove(key int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note(t.byKey[key], nil)
	delete(t.byKey, key)
	if at, found := t.position(key); found {
		t.rows = slices.Delete(t.rows, at, at+1)
	}
}

// position is where the row with a key is, or belongs.
func (t *table) position(key int) (int, bool) {
	return slices.BinarySearchFunc(t.rows, key, func(have *row, key int) int { return cmp.Compare(have.key, key) })
}

// all are the rows as they are now, in the order of their keys.
func (t *table) all() []*row {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(t.rows)
}
