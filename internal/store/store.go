// Package store keeps a team's runs: customers, their reports over time, links to them, and who did what. It is one file of
// SQLite, or a database of PostgreSQL; the record is the JSON report, and the database indexes it.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/halocheck/halocheck/internal/output"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotFound: there is no such customer, run or link, or a link has expired.
var ErrNotFound = errors.New("there is none")

// Store is a database. It is safe for concurrent use.
type Store struct {
	db     *sql.DB
	driver string // "pgx" or "sqlite"
}

// Open opens a database and brings its schema up to date: a URL such as postgres://host/name, or the name of a file, which is
// made where there is none. Close it.
func Open(ctx context.Context, database string) (s *Store, err error) {
	s = &Store{}
	if strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://") {
		s.driver = "pgx"
	} else {
		s.driver = "sqlite"
		if database, err = sqliteSource(database); err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
	}
	if s.db, err = sql.Open(s.driver, database); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s.db.SetConnMaxIdleTime(time.Minute)
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), s.db.Close())
	}
	return s, nil
}

// sqliteSource makes the file, which only its owner may read, and names it as the driver wants. Readers do not wait for the
// one writer, a writer waits for another, and what was committed survives a power cut.
func sqliteSource(file string) (string, error) {
	f, err := output.OpenInPlace(file, os.O_CREATE)
	if err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)"}, "_txlock": {"immediate"}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: pragmas.Encode()}).String(), nil
}

func (s *Store) migrate(ctx context.Context) error {
	dialect := goose.DialectSQLite3
	if s.driver == "pgx" {
		dialect = goose.DialectPostgres
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, s.db, steps)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// change runs f in a transaction, which is undone where f fails.
func (s *Store) change(ctx context.Context, f func(*sql.Tx) error) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := f(tx); err != nil {
		return fmt.Errorf("store: %w", errors.Join(err, tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// milliseconds is how moments are kept.
func milliseconds(t time.Time) int64 { return t.UnixMilli() }

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
