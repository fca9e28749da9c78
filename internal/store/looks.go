package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"
)

// Look is what one agent is asked to look at.
type Look struct {
	ID, Agent, Verb, Host, Port string
	Expires                     time.Time
}

// keptLooks is how long a look stays that nobody came back for.
const keptLooks = time.Hour

// AddLook asks an agent to look and returns the look's ID.
func (s *Store) AddLook(ctx context.Context, l Look) (id string, err error) {
	id = rand.Text()
	return id, s.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM vantage_looks WHERE agent = $1 AND expires < $2`, l.Agent, milliseconds(l.Expires.Add(-keptLooks))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO vantage_looks (id, agent, verb, host, port, expires, given) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
			id, l.Agent, l.Verb, l.Host, l.Port, milliseconds(l.Expires))
		return err
	})
}

// GiveLooks are what an agent is to look at now, at most so many. One that was given before the moment again, and that has no
// evidence, is given once more: the agent may have been killed.
func (s *Store) GiveLooks(ctx context.Context, agent string, now, again time.Time, most int) ([]Look, error) {
	looks, err := list(ctx, s, func(row scanner) (l Look, err error) {
		var expires int64
		err = row.Scan(&l.ID, &l.Agent, &l.Verb, &l.Host, &l.Port, &expires)
		l.Expires = moment(expires)
		return l, err
	}, `SELECT id, agent, verb, host, port, expires FROM vantage_looks WHERE agent = $1 AND expires > $2 AND given < $3 AND evidence IS NULL ORDER BY expires, id LIMIT $4`,
		agent, milliseconds(now), milliseconds(again), most)
	if err != nil || len(looks) == 0 {
		return nil, err
	}
	return looks, s.change(ctx, func(tx *sql.Tx) error {
		for _, l := range looks {
			if _, err := tx.ExecContext(ctx, `UPDATE vantage_looks SET given = $2 WHERE id = $1`, l.ID, milliseconds(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// PutEvidence keeps what an agent saw. It is [ErrNotFound] where this look was not given to this agent, is about another host,
// is over, or has evidence.
func (s *Store) PutEvidence(ctx context.Context, l Look, now time.Time, evidence []byte) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE vantage_looks SET evidence = $7 WHERE id = $1 AND agent = $2 AND verb = $3 AND host = $4 AND port = $5
			AND given > 0 AND expires > $6 AND evidence IS NULL`, l.ID, l.Agent, l.Verb, l.Host, l.Port, milliseconds(now), evidence))
	})
}

// Evidence is what an agent saw; nil where it has not answered yet, [ErrNotFound] where the agent was revoked.
func (s *Store) Evidence(ctx context.Context, id string) (evidence []byte, err error) {
	if err := s.db.QueryRowContext(ctx, `SELECT evidence FROM vantage_looks WHERE id = $1`, id).Scan(&evidence); err != nil {
		return nil, fmt.Errorf("store: %w", found(err))
	}
	return evidence, nil
}

// RemoveLook forgets a look.
func (s *Store) RemoveLook(ctx context.Context, id string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM vantage_looks WHERE id = $1`, id)
		return err
	})
}
