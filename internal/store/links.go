package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"
)

// Link lets whoever has it see one run, or a customer's latest one, without a log-in.
type Link struct {
	ID       string // in lists; who has it does not have the link
	Run      string // empty: the customer's latest run
	Customer string
	Audience string // "engineer" or "customer"
	Expires  time.Time
	By       string
}

// AddLink returns the word of a new link, of 128 random bits or more. The database keeps its hash alone: who reads the
// database or a copy of it has no link.
func (s *Store) AddLink(ctx context.Context, l Link) (word string, err error) {
	word = rand.Text()
	return word, s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO links (hash, run, customer, audience, expires, by_whom) VALUES ($1, $2, $3, $4, $5, $6)`,
			hashOf(word), l.Run, l.Customer, l.Audience, milliseconds(l.Expires), l.By)
		return err
	})
}

// Link is what a word stands for; [ErrNotFound] where it was never given, was revoked, or has expired.
func (s *Store) Link(ctx context.Context, word string, now time.Time) (l Link, err error) {
	var expires int64
	err = s.db.QueryRowContext(ctx, `SELECT run, customer, audience, expires, by_whom FROM links WHERE hash = $1 AND expires > $2`, hashOf(word), milliseconds(now)).
		Scan(&l.Run, &l.Customer, &l.Audience, &expires, &l.By)
	if err != nil {
		return Link{}, fmt.Errorf("store: %w", found(err))
	}
	l.Expires = moment(expires)
	return l, nil
}

// RevokeLinks ends all links of a customer.
func (s *Store) RevokeLinks(ctx context.Context, customer string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM links WHERE customer = $1`, customer)
		return err
	})
}

func hashOf(word string) string {
	sum := sha256.Sum256([]byte(word))
	return hex.EncodeToString(sum[:])
}

// AuditEntry is a line of the audit log.
type AuditEntry struct {
	At              time.Time
	Who, What, Whom string // never a secret
	Customer        string // the name of Whom; empty: there is no such customer any more
}

// Audit keeps who did what.
func (s *Store) Audit(ctx context.Context, d AuditEntry) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO audit (at, who, what, whom) VALUES ($1, $2, $3, $4)`, milliseconds(d.At), d.Who, d.What, d.Whom)
		return err
	})
}

// Deeds are the last lines of the audit log, the latest first.
func (s *Store) Deeds(ctx context.Context, limit int) ([]AuditEntry, error) {
	return list(ctx, s, func(row scanner) (d AuditEntry, err error) {
		var at int64
		err = row.Scan(&at, &d.Who, &d.What, &d.Whom, &d.Customer)
		d.At = moment(at)
		return d, err
	}, `SELECT at, who, what, whom, COALESCE(name, '') FROM audit LEFT JOIN customers ON id = whom ORDER BY at DESC LIMIT $1`, limit)
}

// Links are those of a customer that still work, the one that works longest first. ID is the hash of a link's word.
func (s *Store) Links(ctx context.Context, customer string, now time.Time) ([]Link, error) {
	return list(ctx, s, func(row scanner) (l Link, err error) {
		var expires int64
		err = row.Scan(&l.ID, &l.Run, &l.Customer, &l.Audience, &expires, &l.By)
		l.Expires = moment(expires)
		return l, err
	}, `SELECT hash, run, customer, audience, expires, by_whom FROM links WHERE customer = $1 AND expires > $2 ORDER BY expires DESC, hash LIMIT 100`, customer, milliseconds(now))
}

// RevokeLink ends one link of a customer; [ErrNotFound] where there is none of that ID.
func (s *Store) RevokeLink(ctx context.Context, customer, id string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `DELETE FROM links WHERE customer = $1 AND hash = $2`, customer, id))
	})
}
