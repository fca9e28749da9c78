package store

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// tables are what a backup holds, in an order in which each refers to earlier ones alone, with their columns.
var tables = []struct {
	name    string
	columns []string
}{
	{"customers", []string{"id", "name", "folded", "url", "latest_run", "latest_at", "latest_outcome"}},
	{"askings", []string{"customer", "settings", "sealed"}},
	{"runs", []string{"id", "customer", "started", "outcome", "by_whom", "report"}},
	{"open_findings", []string{"customer", "requirement", "cause", "actor"}},
	{"links", []string{"hash", "run", "customer", "audience", "expires", "by_whom"}},
	{"tokens", []string{"id", "hash", "name", "scopes", "by_whom", "made", "expires"}},
	{"audit", []string{"at", "who", "what", "whom"}},
	{"inventory", []string{"name", "host", "position", "entry"}},
	{"vantage_agents", []string{"name", "address", "enrolment", "enrol_before", "token", "version", "made", "seen", "dropped"}},
}

// backupForm is the first line of a backup.
const backupForm = "halocheckd.backup/v1"

// backupRow is a line of a backup. Numbers, texts and bytes keep their kind.
type backupRow struct {
	Form  string   `json:"form,omitempty"`  // the first line alone
	Table string   `json:"table,omitempty"` // another line
	Row   []any    `json:"row,omitempty"`
	Bytes [][]byte `json:"bytes,omitempty"` // what is bytes in the row, in order; null stands there
	End   bool     `json:"end,omitempty"`   // the last line alone
}

// Backup writes everything, as of one moment, while others go on writing. It is read by [Store.Restore] into either kind of
// database.
func (s *Store) Backup(ctx context.Context, w io.Writer) (err error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: s.driver == "pgx", Isolation: isolation[s.driver]})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	packed := gzip.NewWriter(w)
	to := json.NewEncoder(packed)
	if err := to.Encode(backupRow{Form: backupForm}); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	for _, t := range tables {
		if err := backupTable(ctx, tx, to, t.name, t.columns); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	if err := errors.Join(to.Encode(backupRow{End: true}), packed.Close()); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// isolation is what sees one moment; in SQLite every transaction does.
var isolation = map[string]sql.IsolationLevel{"pgx": sql.LevelRepeatableRead}

func backupTable(ctx context.Context, tx *sql.Tx, to *json.Encoder, name string, columns []string) (err error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+name) //nolint:gosec // names of tables, above
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		line := backupRow{Table: name, Row: make([]any, len(columns))}
		into := make([]any, len(columns))
		for i := range line.Row {
			into[i] = &line.Row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range line.Row {
			if b, ok := v.([]byte); ok {
				line.Row[i], line.Bytes = nil, append(line.Bytes, b)
			}
		}
		if err := to.Encode(line); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ErrNotEmpty: a backup is restored into an empty database alone.
var ErrNotEmpty = errors.New("the database is not empty")

// Restore fills an empty database from a backup: all of it, or nothing.
func (s *Store) Restore(ctx context.Context, r io.Reader) error {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("store: it is no backup: %w", err)
	}
	return s.change(ctx, func(tx *sql.Tx) error {
		var rows int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT id FROM customers LIMIT 1) AS first_one`).Scan(&rows); err != nil {
			return err
		}
		if rows > 0 {
			return ErrNotEmpty
		}
		return restore(ctx, tx, unpacked)
	})
}

func restore(ctx context.Context, tx *sql.Tx, from io.Reader) error {
	d := json.NewDecoder(from)
	d.UseNumber()
	var first backupRow
	if err := d.Decode(&first); err != nil || first.Form != backupForm {
		return fmt.Errorf("it is no backup of this version (%s)", backupForm)
	}
	for {
		var line backupRow
		if err := d.Decode(&line); err != nil {
			return fmt.Errorf("the backup is damaged: %w", err)
		}
		if line.End {
			return nil
		}
		if err := restoreRow(ctx, tx, line); err != nil {
			return err
		}
	}
}

func restoreRow(ctx context.Context, tx *sql.Tx, line backupRow) error {
	for _, t := range tables {
		if t.name != line.Table {
			continue
		}
		if len(line.Row) != len(t.columns) {
			return errors.New("the backup is damaged: a row has another length")
		}
		marks := make([]string, len(t.columns))
		for i, v := range line.Row {
			marks[i] = fmt.Sprintf("$%d", i+1)
			switch v := v.(type) {
			case nil:
				if len(line.Bytes) == 0 {
					return errors.New("the backup is damaged: bytes are missing")
				}
				line.Row[i], line.Bytes = line.Bytes[0], line.Bytes[1:]
			case json.Number:
				n, err := v.Int64()
				if err != nil {
					return fmt.Errorf("the backup is damaged: %w", err)
				}
				line.Row[i] = n
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO "+t.name+" ("+strings.Join(t.columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", line.Row...) //nolint:gosec // names of tables, above
		return err
	}
	return fmt.Errorf("the backup is damaged: it has a table %q", line.Table)
}
