package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
)

// DB is the database itself, for what keeps tables of its own in it, and whether it is one of PostgreSQL.
func (s *Store) DB() (db *sql.DB, postgres bool) { return s.db, s.driver == "pgx" }

// ReplaceInventory keeps the entries in their order, in place of those that were kept.
func (s *Store) ReplaceInventory(ctx context.Context, instances []fleet.Instance) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM inventory`); err != nil {
			return err
		}
		for n, i := range instances {
			entry, err := json.Marshal(i)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO inventory (name, host, position, entry) VALUES ($1, $2, $3, $4)`,
				i.Name, fleet.Host(i), n, string(entry)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Inventory is the entries of a host, or of all where host is empty, in their order.
func (s *Store) Inventory(ctx context.Context, host string) ([]fleet.Instance, error) {
	return list(ctx, s, func(row scanner) (i fleet.Instance, err error) {
		var entry string
		if err := row.Scan(&entry); err != nil {
			return i, err
		}
		return i, json.Unmarshal([]byte(entry), &i)
	}, `SELECT entry FROM inventory WHERE $1 = '' OR host = $1 ORDER BY position`, host)
}

// InventoryHosts are the hosts that the inventory's entries are of.
func (s *Store) InventoryHosts(ctx context.Context) (hosts []string, err error) {
	return list(ctx, s, func(row scanner) (host string, err error) { return host, row.Scan(&host) },
		`SELECT host FROM inventory GROUP BY host ORDER BY min(position)`)
}

// HasRun tells whether a run is kept.
func (s *Store) HasRun(ctx context.Context, id string) (bool, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM runs WHERE id = $1`, id).Scan(&n); err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	return n > 0, nil
}

// HoldHost takes a host for a holder, unless another has it and its time is not over, and returns when the host may be asked at
// once as often as ever. Until [Store.LeaveHost] says how much of the rate was used, that is after most.
func (s *Store) HoldHost(ctx context.Context, host, holder string, now time.Time, hold, most time.Duration) (full time.Time, held bool, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO host_rates (host, full_at, holder, held_until) VALUES ($1, 0, '', 0) ON CONFLICT (host) DO NOTHING`, host); err != nil {
			return err
		}
		taken, err := tx.ExecContext(ctx, `UPDATE host_rates SET holder = $2, held_until = $4 WHERE host = $1 AND (holder = $2 OR held_until < $3)`,
			host, holder, milliseconds(now), milliseconds(now.Add(hold)))
		if err != nil {
			return err
		}
		if n, err := taken.RowsAffected(); n == 0 || err != nil {
			return err
		}
		held = true
		var at int64
		if err := tx.QueryRowContext(ctx, `SELECT full_at FROM host_rates WHERE host = $1`, host).Scan(&at); err != nil {
			return err
		}
		full = moment(at)
		_, err = tx.ExecContext(ctx, `UPDATE host_rates SET full_at = $2 WHERE host = $1`, host, milliseconds(now.Add(most)))
		return err
	})
	return full, held, err
}

// LeaveHost gives a host back that the holder has.
func (s *Store) LeaveHost(ctx context.Context, host, holder string, full time.Time) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE host_rates SET full_at = $3, held_until = 0 WHERE host = $1 AND holder = $2`, host, holder, milliseconds(full))
		return err
	})
}
