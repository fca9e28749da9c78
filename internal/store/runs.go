package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
)

// Customer is one instance of the team's customers.
type Customer struct {
	ID, Name, URL string

	// The latest run: empty and zero where there is none.
	LatestRun     string
	LatestAt      time.Time
	LatestOutcome probes.Outcome
}

// Run is a finished run without its report.
type Run struct {
	ID, Customer string
	Started      time.Time
	Outcome      probes.Outcome
	By           string // who asked for it
}

// PutCustomer adds a customer, or changes the name and the URL of one. An empty ID is made; it is returned.
func (s *Store) PutCustomer(ctx context.Context, c Customer) (id string, err error) {
	if c.ID == "" {
		c.ID = rand.Text()
	}
	return c.ID, s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO customers (id, name, folded, url) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded, url = excluded.url`,
			c.ID, c.Name, strings.ToLower(c.Name+" "+c.URL), c.URL)
		return err
	})
}

// DeleteCustomer removes a customer with all of its runs and links.
func (s *Store) DeleteCustomer(ctx context.Context, id string) error {
	return s.change(ctx, func(tx *sql.Tx) error { return one(tx.ExecContext(ctx, `DELETE FROM customers WHERE id = $1`, id)) })
}

// SaveFor keeps a finished run under the customer of its Resource Server, who is made where there is none, and returns the run.
func (s *Store) SaveFor(ctx context.Context, id, by string, r *report.Report) (run Run, err error) {
	run = Run{ID: id, Started: r.Started, Outcome: r.Outcome, By: by}
	u, err := url.Parse(r.Target.URL)
	if err != nil {
		return run, fmt.Errorf("store: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `INSERT INTO customers (id, name, folded, url) VALUES ($1, $2, $3, $4) ON CONFLICT (url) DO NOTHING`,
		rand.Text(), u.Host, strings.ToLower(u.Host+" "+r.Target.URL), r.Target.URL); err != nil {
		return run, fmt.Errorf("store: %w", err)
	}
	if err := s.db.QueryRowContext(ctx, `SELECT id FROM customers WHERE url = $1`, r.Target.URL).Scan(&run.Customer); err != nil {
		return run, fmt.Errorf("store: %w", found(err))
	}
	return run, s.Save(ctx, run, r)
}

// Save keeps a finished run of a customer: all of it, or nothing. A run that is kept already stays as it is, so that saving
// twice does no harm. What stands open and the customer's latest run follow, unless a later run is there.
func (s *Store) Save(ctx context.Context, run Run, r *report.Report) error {
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	if err := errors.Join(report.JSON(to, r), to.Close()); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return s.change(ctx, func(tx *sql.Tx) error {
		added, err := tx.ExecContext(ctx, `INSERT INTO runs (id, customer, started, outcome, by_whom, report) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
			run.ID, run.Customer, milliseconds(r.Started), string(r.Outcome), run.By, packed.Bytes())
		if err != nil {
			return err
		}
		if n, err := added.RowsAffected(); n == 0 || err != nil {
			return err
		}
		newest, err := tx.ExecContext(ctx, `UPDATE customers SET latest_run = $2, latest_at = $3, latest_outcome = $4 WHERE id = $1 AND latest_at <= $3`,
			run.Customer, run.ID, milliseconds(r.Started), string(r.Outcome))
		if err != nil {
			return err
		}
		if n, err := newest.RowsAffected(); n == 0 || err != nil {
			return err
		}
		return replaceOpen(ctx, tx, run.Customer, r)
	})
}

// replaceOpen keeps what fails or is not known of the customer's latest run.
func replaceOpen(ctx context.Context, tx *sql.Tx, customer string, r *report.Report) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM open_findings WHERE customer = $1`, customer); err != nil {
		return err
	}
	for _, f := range r.Findings {
		if f.Status != probes.Failed && f.Status != probes.Unknown {
			continue
		}
		actor := ""
		if f.Remedy != nil {
			actor = string(f.Remedy.Who)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO open_findings (customer, requirement, cause, actor) VALUES ($1, $2, $3, $4)`,
			customer, f.ID, string(f.Cause), actor); err != nil {
			return err
		}
	}
	return nil
}

// DeleteRun removes a run. Where it was its customer's latest, the one before takes its place.
func (s *Store) DeleteRun(ctx context.Context, id string) error {
	run, _, err := s.Report(ctx, id)
	if err != nil {
		return err
	}
	history, err := s.History(ctx, run.Customer, 2)
	if err != nil {
		return err
	}
	before, r := Run{}, &report.Report{}
	if len(history) > 1 {
		if before, r, err = s.Report(ctx, history[1].ID); err != nil {
			return err
		}
	}
	return s.change(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM runs WHERE id = $1`, id)); err != nil {
			return err
		}
		at := int64(0)
		if before.ID != "" {
			at = milliseconds(before.Started)
		}
		changed, err := tx.ExecContext(ctx, `UPDATE customers SET latest_run = $2, latest_at = $3, latest_outcome = $4 WHERE id = $1 AND latest_run = $5`,
			run.Customer, before.ID, at, string(before.Outcome), id)
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); n == 0 || err != nil {
			return err
		}
		return replaceOpen(ctx, tx, run.Customer, r)
	})
}

// Report is a run with its report; [ErrNotFound] where there is none.
func (s *Store) Report(ctx context.Context, id string) (run Run, r *report.Report, err error) {
	var packed []byte
	run, err = scanRun(s.db.QueryRowContext(ctx, `SELECT id, customer, started, outcome, by_whom, report FROM runs WHERE id = $1`, id), &packed)
	if err != nil {
		return run, nil, fmt.Errorf("store: %w", err)
	}
	from, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return run, nil, fmt.Errorf("store: run %s: %w", id, err)
	}
	text, err := io.ReadAll(from)
	if err != nil {
		return run, nil, fmt.Errorf("store: run %s: %w", id, err)
	}
	if r, err = report.Read(text); err != nil {
		return run, nil, fmt.Errorf("store: run %s: %w", id, err)
	}
	return run, r, nil
}

// History lists a customer's runs, the latest first, at most limit of them.
func (s *Store) History(ctx context.Context, customer string, limit int) ([]Run, error) {
	return list(ctx, s, func(row scanner) (Run, error) { return scanRun(row) },
		`SELECT id, customer, started, outcome, by_whom FROM runs WHERE customer = $1 ORDER BY started DESC, id LIMIT $2`, customer, limit)
}

// scanner is a row of database/sql.
type scanner interface{ Scan(into ...any) error }

// list is what a query finds, a value for each row.
func list[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) (found []T, err error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		found = append(found, v)
	}
	return found, rows.Err()
}

func scanRun(row scanner, more ...any) (run Run, err error) {
	var started int64
	var outcome string
	err = row.Scan(append([]any{&run.ID, &run.Customer, &started, &outcome, &run.By}, more...)...)
	run.Started, run.Outcome = moment(started), probes.Outcome(outcome)
	return run, found(err)
}

// found is [ErrNotFound] for no rows.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// one is [ErrNotFound] where a statement changed no row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n > 0 || err != nil {
		return err
	}
	return ErrNotFound
}
