package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Token lets a program use the API.
type Token struct {
	ID, Name string
	Scopes   []string
	By       string // who made it
	Made     time.Time
	Expires  time.Time
}

// TokenPrefix is what every token begins with, so that it is recognised where it should not be.
const TokenPrefix = "hcd_"

// AddToken keeps a token and returns what the program sends. The database has its hash alone.
func (s *Store) AddToken(ctx context.Context, t Token) (word string, err error) {
	word = TokenPrefix + rand.Text()
	return word, s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO tokens (id, hash, name, scopes, by_whom, made, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			rand.Text(), hashOf(word), t.Name, strings.Join(t.Scopes, " "), t.By, milliseconds(t.Made), milliseconds(t.Expires))
		return err
	})
}

const columnsOfToken = "id, name, scopes, by_whom, made, expires" //nolint:gosec // the names of columns

func scanToken(row scanner) (t Token, err error) {
	var scopes string
	var made, expires int64
	err = row.Scan(&t.ID, &t.Name, &scopes, &t.By, &made, &expires)
	t.Scopes, t.Made, t.Expires = strings.Fields(scopes), moment(made), moment(expires)
	return t, found(err)
}

// Token is what a program sent; [ErrNotFound] where it was never made, was revoked, or has expired.
func (s *Store) Token(ctx context.Context, word string, now time.Time) (Token, error) {
	t, err := scanToken(s.db.QueryRowContext(ctx, "SELECT "+columnsOfToken+" FROM tokens WHERE hash = $1 AND expires > $2", hashOf(word), milliseconds(now)))
	if err != nil {
		return Token{}, fmt.Errorf("store: %w", err)
	}
	return t, nil
}

// Tokens are all that have not been revoked, by name.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	return list(ctx, s, scanToken, "SELECT "+columnsOfToken+" FROM tokens ORDER BY name, id")
}

// RevokeToken ends a token by its ID.
func (s *Store) RevokeToken(ctx context.Context, id string) error {
	return s.change(ctx, func(tx *sql.Tx) error { return one(tx.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1`, id)) })
}
