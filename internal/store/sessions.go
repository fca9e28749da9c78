package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Sessions keeps the sessions of those who are logged in, for scs, which gives it hashes of what is in the cookies. Backups do not
// hold them.
type Sessions struct{ Store *Store }

// FindCtx is a session's data; false where there is none, or it has expired.
func (s Sessions) FindCtx(ctx context.Context, hash string) (data []byte, exists bool, err error) {
	err = s.Store.db.QueryRowContext(ctx, `SELECT data FROM sessions WHERE hash = $1 AND expires > $2`, hash, milliseconds(time.Now())).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx keeps a session until it expires.
func (s Sessions) CommitCtx(ctx context.Context, hash string, data []byte, expires time.Time) error {
	return s.Store.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, data, expires) VALUES ($1, $2, $3)
			ON CONFLICT (hash) DO UPDATE SET data = excluded.data, expires = excluded.expires`, hash, data, milliseconds(expires))
		return err
	})
}

// DeleteCtx ends a session.
func (s Sessions) DeleteCtx(ctx context.Context, hash string) error {
	return s.Store.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE hash = $1`, hash)
		return err
	})
}

// Find, Commit and Delete are what scs calls where there is no context.
func (s Sessions) Find(hash string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), hash)
}

// Commit is CommitCtx without a context.
func (s Sessions) Commit(hash string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), hash, data, expires)
}

// Delete is DeleteCtx without a context.
func (s Sessions) Delete(hash string) error { return s.DeleteCtx(context.Background(), hash) }

// LogOut ends all sessions of somebody that began until now.
func (s *Store) LogOut(ctx context.Context, who string, now time.Time) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO logouts (who, at) VALUES ($1, $2) ON CONFLICT (who) DO UPDATE SET at = excluded.at`, who, milliseconds(now))
		return err
	})
}

// LoggedOut is when somebody was logged out everywhere; zero: never.
func (s *Store) LoggedOut(ctx context.Context, who string) (time.Time, error) {
	var at int64
	err := s.db.QueryRowContext(ctx, `SELECT at FROM logouts WHERE who = $1`, who).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("store: %w", err)
	}
	return moment(at), nil
}
