package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// Query chooses customers. The zero value chooses all.
type Query struct {
	Text    string         // in the name or the URL, in upper or lower case
	Outcome probes.Outcome // of the latest run
	Cause   probes.Cause   // that stands open
	Actor   probes.Actor   // who has to act on something that stands open
	After   string         // the ID of the last customer of the page before; empty: the first page
	Limit   int            // customers a page; 0: 50
}

// defaultLimit is how many customers a page has.
const defaultLimit = 50

// Customers lists those that a query chooses, by name.
func (s *Store) Customers(ctx context.Context, q Query) ([]Customer, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(args))))
	}
	if q.Text != "" {
		add(`folded LIKE ? ESCAPE '\'`, "%"+likeEscapes.Replace(strings.ToLower(q.Text))+"%")
	}
	if q.Outcome != "" {
		add("latest_outcome = ?", string(q.Outcome))
	}
	if q.Cause != "" {
		add("id IN (SELECT customer FROM open_findings WHERE cause = ?)", string(q.Cause))
	}
	if q.Actor != "" {
		add("id IN (SELECT customer FROM open_findings WHERE actor = ?)", string(q.Actor))
	}
	if q.After != "" {
		add("(name, id) > (SELECT name, id FROM customers WHERE id = ?)", q.After)
	}
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	args = append(args, q.Limit)
	return list(ctx, s, scanCustomer, "SELECT "+customerColumns+" FROM customers WHERE "+strings.Join(where, " AND ")+ // conditions of ours; what was typed is in args
		fmt.Sprintf(" ORDER BY name, id LIMIT $%d", len(args)), args...)
}

// likeEscapes takes their meaning from the characters that LIKE gives one.
var likeEscapes = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// Customer is one customer; [ErrNotFound] where there is none.
func (s *Store) Customer(ctx context.Context, id string) (Customer, error) {
	c, err := scanCustomer(s.db.QueryRowContext(ctx, "SELECT "+customerColumns+" FROM customers WHERE id = $1", id))
	if err != nil {
		return c, fmt.Errorf("store: %w", err)
	}
	return c, nil
}

const customerColumns = "id, name, url, latest_run, latest_at, latest_outcome"

func scanCustomer(row scanner) (c Customer, err error) {
	var at int64
	var outcome string
	err = row.Scan(&c.ID, &c.Name, &c.URL, &c.LatestRun, &at, &outcome)
	if c.LatestOutcome = probes.Outcome(outcome); at > 0 {
		c.LatestAt = moment(at)
	}
	return c, found(err)
}
