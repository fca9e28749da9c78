package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// Retention is for how long runs are kept; zero keeps them for ever. A customer's latest run is kept in any case.
type Retention struct {
	Conformant time.Duration
	Others     time.Duration // failed and incomplete runs, which tell more
}

const (
	deleteConformant = `DELETE FROM runs WHERE outcome = $1 AND started < $2 AND id NOT IN (SELECT latest_run FROM customers)`
	deleteOthers     = `DELETE FROM runs WHERE outcome <> $1 AND started < $2 AND id NOT IN (SELECT latest_run FROM customers)`
)

// Prune removes runs that are older than they are kept, and links and sessions that have expired. It returns how many runs went.
func (s *Store) Prune(ctx context.Context, keep Retention, now time.Time) (removed int64, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		for _, rule := range []struct {
			age    time.Duration
			delete string
		}{{keep.Conformant, deleteConformant}, {keep.Others, deleteOthers}} {
			if rule.age <= 0 {
				continue
			}
			result, err := tx.ExecContext(ctx, rule.delete, string(probes.Conformant), milliseconds(now.Add(-rule.age)))
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			removed += n
		}
		for _, expired := range []string{`DELETE FROM links WHERE expires <= $1`, `DELETE FROM sessions WHERE expires <= $1`} {
			if _, err := tx.ExecContext(ctx, expired, milliseconds(now)); err != nil {
				return err
			}
		}
		return nil
	})
	return removed, err
}
