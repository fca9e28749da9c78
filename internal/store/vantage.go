package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// VantageAgent is a program at an egress address that looks at hosts for this server. It is no agent of HaloPSA's.
type VantageAgent struct {
	Name        string
	Address     netip.Addr // that it was declared to have
	Version     string     // that it said; empty: it has never been there
	Enrolled    bool       // it has a token of its own
	EnrolBefore time.Time
	Made        time.Time
	Seen        time.Time // the zero value: never
	Dropped     int       // how often it sent what was not asked for
}

// EnrolmentPrefix is what the tokens begin with that agents enrol with.
const EnrolmentPrefix = "hce_"

// Errors of [Store.AddVantageAgent] and [Store.EnrolVantageAgent].
var (
	ErrTaken        = errors.New("there is one of this name")
	ErrOtherAddress = errors.New("it comes from another address than the one it was declared to have")
)

const columnsOfAgent = "name, address, version, token <> '', enrol_before, made, seen, dropped"

func scanAgent(row scanner) (a VantageAgent, err error) {
	var address string
	var before, made, seen int64
	if err = row.Scan(&a.Name, &address, &a.Version, &a.Enrolled, &before, &made, &seen, &a.Dropped); err != nil {
		return a, found(err)
	}
	if seen > 0 {
		a.Seen = moment(seen)
	}
	a.EnrolBefore, a.Made = moment(before), moment(made)
	a.Address, err = netip.ParseAddr(address)
	return a, err
}

// AddVantageAgent declares an agent and returns the token that it enrols with. The database has its hash alone.
func (s *Store) AddVantageAgent(ctx context.Context, a VantageAgent) (word string, err error) {
	word = EnrolmentPrefix + rand.Text()
	return word, s.change(ctx, func(tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, `INSERT INTO vantage_agents (name, address, enrolment, enrol_before, token, version, made, seen, dropped) VALUES ($1, $2, $3, $4, '', '', $5, 0, 0)
			ON CONFLICT (name) DO NOTHING`, a.Name, a.Address.String(), hashOf(word), milliseconds(a.EnrolBefore), milliseconds(a.Made)))
		if errors.Is(err, ErrNotFound) {
			return ErrTaken
		}
		return err
	})
}

// EnrolVantageAgent exchanges the token of an enrolment for the agent's own, which it made itself. Sending both again changes
// nothing, since the answer may have been lost; with another token of its own it is [ErrNotFound], as after the last moment.
func (s *Store) EnrolVantageAgent(ctx context.Context, enrolment, token string, from netip.Addr, now time.Time) (a VantageAgent, err error) {
	return a, s.change(ctx, func(tx *sql.Tx) error {
		var err error
		if a, err = scanAgent(tx.QueryRowContext(ctx, "SELECT "+columnsOfAgent+" FROM vantage_agents WHERE enrolment = $1 AND (enrol_before > $2 OR token = $3)",
			hashOf(enrolment), milliseconds(now), hashOf(token))); err != nil {
			return err
		}
		if a.Address != from {
			return ErrOtherAddress
		}
		return one(tx.ExecContext(ctx, `UPDATE vantage_agents SET token = $1 WHERE name = $2 AND enrolment = $3 AND (token = '' OR token = $1)`, hashOf(token), a.Name, hashOf(enrolment)))
	})
}

// VantageAgent is the agent of a token; [ErrNotFound] where there is none, or it was revoked.
func (s *Store) VantageAgent(ctx context.Context, token string) (VantageAgent, error) {
	a, err := scanAgent(s.db.QueryRowContext(ctx, "SELECT "+columnsOfAgent+" FROM vantage_agents WHERE token = $1", hashOf(token)))
	if err != nil {
		return a, fmt.Errorf("store: %w", err)
	}
	return a, nil
}

// VantageAgents are all that were declared, by name.
func (s *Store) VantageAgents(ctx context.Context) ([]VantageAgent, error) {
	return list(ctx, s, scanAgent, "SELECT "+columnsOfAgent+" FROM vantage_agents ORDER BY name")
}

// SeeVantageAgent notes that an agent was there.
func (s *Store) SeeVantageAgent(ctx context.Context, name, version string, now time.Time) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE vantage_agents SET version = $2, seen = $3 WHERE name = $1`, name, version, milliseconds(now)))
	})
}

// CountDropped notes that an agent sent what was not asked for.
func (s *Store) CountDropped(ctx context.Context, name string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE vantage_agents SET dropped = dropped + 1 WHERE name = $1`, name))
	})
}

// RevokeVantageAgent forgets an agent, its tokens, and what it was asked.
func (s *Store) RevokeVantageAgent(ctx context.Context, name string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `DELETE FROM vantage_agents WHERE name = $1`, name))
	})
}
