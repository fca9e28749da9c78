package fakehalo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// boltStore keeps the tables in one file: a bucket for each resource, keys of eight bytes, the records as they are sent. A
// write is on disk (fsync) before it is acknowledged.
type boltStore struct{ db *bolt.DB }

// metaBucket says that a file was seeded.
const metaBucket = "_fakehalo"

// ErrStateDamaged means that a state file cannot be read: it was cut off or changed, or is no state file.
var ErrStateDamaged = errors.New("it is damaged, or no state file of a fake; name another file, or restore it from a copy")

// guarded runs f, which reads the mapped file. bbolt trusts the file: what was cut off or changed is a memory fault or a panic.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			err = ErrStateDamaged
		}
	}()
	return f()
}

// openBoltStore opens or creates the file. The error says whether another process has it open.
func openBoltStore(file string) (*boltStore, error) {
	var db *bolt.DB
	err := guarded(func() (err error) {
		db, err = bolt.Open(file, 0o600, &bolt.Options{Timeout: time.Second})
		return err
	})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("the state file %s is in use by another process", file)
	case err != nil && !errors.As(err, new(*fs.PathError)):
		err = ErrStateDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("the state file %s: %w", file, err)
	}
	return &boltStore{db}, nil
}

func (d *boltStore) view(f func(*bolt.Tx) error) error {
	return guarded(func() error { return d.db.View(f) })
}

func (d *boltStore) update(f func(*bolt.Tx) error) error {
	return guarded(func() error { return d.db.Update(f) })
}

// load fills the store from the file, unless that was never seeded to its end.
func (d *boltStore) load(st *store) error {
	return d.view(func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(metaBucket)) == nil {
			return nil
		}
		st.known = map[string]bool{}
		for path, t := range st.tables {
			bucket := tx.Bucket([]byte(path))
			if bucket == nil {
				continue
			}
			st.known[path] = true
			var rows []*row
			err := bucket.ForEach(func(_, value []byte) error {
				of := t.record(&row{json: value})
				made, err := t.make(of)
				rows = append(rows, made)
				return err
			})
			if err != nil {
				return ErrStateDamaged
			}
			t.put(rows...)
		}
		return nil
	})
}

// apply makes changes in one transaction: all of them are kept, or none.
func (d *boltStore) apply(changes []diskChange) error {
	return d.update(func(tx *bolt.Tx) error {
		for _, c := range changes {
			bucket, err := tx.CreateBucketIfNotExists([]byte(c.path))
			if err == nil && c.json != nil {
				err = bucket.Put(keyBytes(c.key), c.json)
			} else if err == nil {
				err = bucket.Delete(keyBytes(c.key))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *boltStore) clear(path string) error {
	return d.update(func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(path)) == nil {
			return nil
		}
		return tx.DeleteBucket([]byte(path))
	})
}

// markSeeded marks the file as complete: from now on it is read and not seeded.
func (d *boltStore) markSeeded() error {
	return d.update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(metaBucket))
		return err
	})
}

func keyBytes(key int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(key)) }
