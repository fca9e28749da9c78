package fakehalo

import (
	"maps"
	"net/http"
	"slices"
	"sync"
)

// store is what an instance keeps: a table for each resource that is kept.
type store struct {
	tables map[string]*table // by path
	seed   Seed

	writing sync.Mutex      // held from reading what is there until the write is made, so that no update is lost
	disk    *boltStore      // nil: in memory only
	known   map[string]bool // tables that the file had, by path; an older one lacks those of later resources

	committing sync.Mutex // held while a batch goes to disk; taken before writing
	pending    *batch     // what was written since; nil: nothing
}

// batch is what goes to disk together.
type batch struct {
	changes   []diskChange
	undo      []func() // in memory, where the disk refuses it
	committed bool
	err       error
}

// diskChange is a record that is kept from now on, or, without one, removed.
type diskChange struct {
	path string
	key  int
	json []byte
}

// newStore seeds a store, or reads it from disk where it was seeded before.
func newStore(seed Seed, d *boltStore) (*store, error) {
	st := &store{tables: map[string]*table{}, seed: seed, disk: d}
	for _, r := range resources() {
		if r.kept() {
			st.tables[r.path] = newTable(r)
		}
	}
	if d != nil {
		if err := d.load(st); err != nil {
			return st, err
		}
	}
	return st, st.plant()
}

// reset goes back to the seeded records.
func (st *store) reset() error {
	st.committing.Lock()
	defer st.committing.Unlock()
	st.writing.Lock()
	defer st.writing.Unlock()
	if err := st.commitPending(); err != nil {
		return err
	}
	for path, t := range st.tables {
		empty := newTable(t.res)
		t.mu.Lock()
		t.rows, t.byKey, t.next, t.listings = empty.rows, empty.byKey, empty.next, empty.listings
		t.mu.Unlock()
		if st.disk != nil {
			if err := st.disk.clear(path); err != nil {
				return err
			}
		}
	}
	st.known = nil
	return st.plant()
}

// write lets change read what is there and write, while nobody else does, and gives its answer once all of it is on disk. Those
// who write at the same time share a commit: others may see a write some milliseconds before it is acknowledged.
func (st *store) write(change func() *reply) *reply {
	out, mine := st.writeOnly(change)
	if mine == nil {
		return out
	}
	st.committing.Lock()
	defer st.committing.Unlock()
	if !mine.committed {
		st.writing.Lock()
		st.pending = nil
		st.writing.Unlock()
		st.commit(mine)
	}
	if mine.err != nil {
		return &reply{status: http.StatusInternalServerError, why: "the state file could not be written: " + mine.err.Error()}
	}
	return out
}

// writeOnly lets change write; mine is the batch that its writes are in.
func (st *store) writeOnly(change func() *reply) (out *reply, mine *batch) {
	st.writing.Lock()
	defer st.writing.Unlock()
	return change(), st.pending
}

// commit puts a batch on disk. Where that is not possible it is undone, and with it what was written since, which rests on it.
func (st *store) commit(b *batch) {
	b.committed, b.err = true, st.disk.apply(b.changes)
	if b.err == nil {
		return
	}
	st.writing.Lock()
	defer st.writing.Unlock()
	if later := st.pending; later != nil {
		later.committed, later.err = true, b.err
		b.undo = append(b.undo, later.undo...)
		st.pending = nil
	}
	for _, undo := range slices.Backward(b.undo) {
		undo()
	}
}

// commitPending puts what is pending on disk. The caller holds both locks.
func (st *store) commitPending() error {
	b := st.pending
	if b == nil {
		return nil
	}
	st.pending = nil
	b.committed, b.err = true, st.disk.apply(b.changes)
	return b.err
}

// save writes rows. The caller is the change of a write.
func (st *store) save(t *table, rows ...*row) {
	for _, r := range rows {
		st.keep(t, r.key, r.json)
	}
	t.put(rows...)
	st.invalidate(t)
}

// remove removes a row for good. The caller is the change of a write.
func (st *store) remove(t *table, key int) {
	st.keep(t, key, nil)
	t.remove(key)
	st.invalidate(t)
}

// keep notes for the disk what becomes of a record, before it does in memory.
func (st *store) keep(t *table, key int, json []byte) {
	if st.disk == nil {
		return
	}
	if st.pending == nil {
		st.pending = &batch{}
	}
	old := t.get(key)
	st.pending.changes = append(st.pending.changes, diskChange{t.res.path, key, json})
	st.pending.undo = append(st.pending.undo, func() {
		if old == nil {
			t.remove(key)
		} else {
			t.put(old)
		}
		st.invalidate(t)
	})
}

// invalidate forgets selections of other tables that rest on this one: an action or a file is seen where its ticket is.
func (st *store) invalidate(t *table) {
	if t.res.name != "Tickets" {
		return
	}
	for _, path := range []string{"actions", "attachment"} {
		resting := st.tables[path]
		resting.mu.Lock()
		resting.forget()
		resting.mu.Unlock()
	}
}

// complete is a record with every field of its resource: what is given, and zero values.
func (r *resource) complete(given record) record {
	out := make(record, len(r.fields))
	for _, f := range r.fields {
		out[f.name] = f.kind.zero()
	}
	maps.Copy(out, given)
	return out
}
