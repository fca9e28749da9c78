package fakehalo

import (
	"maps"
	"sync"
)

// store is what an instance keeps: a table for each resource that is kept.
type store struct {
	tables map[string]*table // by path
	seed   Seed

	writing sync.Mutex // held from reading what is there until the write is kept, so that no update is lost
	disk    *boltStore // nil: in memory only
}

// newStore seeds a store, or reads it from disk where it was seeded before.
func newStore(seed Seed, d *boltStore) (*store, error) {
	st := &store{tables: map[string]*table{}, seed: seed, disk: d}
	for n := range resources {
		if resources[n].kept() {
			st.tables[resources[n].path] = newTable(&resources[n])
		}
	}
	if d != nil {
		known, err := d.load(st)
		if err != nil || known {
			return st, err
		}
	}
	return st, st.plant()
}

// reset goes back to the seeded records.
func (st *store) reset() error {
	st.writing.Lock()
	defer st.writing.Unlock()
	for path, t := range st.tables {
		empty := newTable(t.res)
		t.mu.Lock()
		t.rows, t.byKey, t.next, t.lists = empty.rows, empty.byKey, empty.next, empty.lists
		t.mu.Unlock()
		if st.disk != nil {
			if err := st.disk.clear(path); err != nil {
				return err
			}
		}
	}
	return st.plant()
}

// save makes a write last and then visible. The caller holds writing.
func (st *store) save(t *table, rows ...*row) error {
	if st.disk != nil {
		if err := st.disk.put(t.res.path, rows); err != nil {
			return err
		}
	}
	t.put(rows...)
	st.invalidate(t)
	return nil
}

// remove removes a row for good. The caller holds writing.
func (st *store) remove(t *table, key int) error {
	if st.disk != nil {
		if err := st.disk.remove(t.res.path, key); err != nil {
			return err
		}
	}
	t.remove(key)
	st.invalidate(t)
	return nil
}

// invalidate forgets selections of other tables that rest on this one: an action is seen where its ticket is.
func (st *store) invalidate(t *table) {
	if t.res.name == "Tickets" {
		st.tables["actions"].invalidate()
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
