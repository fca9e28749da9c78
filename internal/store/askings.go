package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// Asking is how a customer's instance is asked.
type Asking struct {
	Settings map[string]string // that were typed, without a secret
	Sealed   []byte            // the secrets, encrypted with a key that is not in this database; empty: they are not kept
}

// PutAsking keeps how a customer is asked. Where secrets are kept and the new asking has none, both stay as they are.
func (s *Store) PutAsking(ctx context.Context, customer string, a Asking) error {
	settings, err := json.Marshal(a.Settings)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if a.Sealed == nil {
		a.Sealed = []byte{}
	}
	return s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO askings (customer, settings, sealed) VALUES ($1, $2, $3)
			ON CONFLICT (customer) DO UPDATE SET settings = excluded.settings, sealed = excluded.sealed WHERE length(askings.sealed) = 0 OR length(excluded.sealed) > 0`,
			customer, string(settings), a.Sealed)
		return err
	})
}

// Asking is how a customer is asked; [ErrNotFound] where that is not kept.
func (s *Store) Asking(ctx context.Context, customer string) (a Asking, err error) {
	var settings string
	err = s.db.QueryRowContext(ctx, `SELECT settings, sealed FROM askings WHERE customer = $1`, customer).Scan(&settings, &a.Sealed)
	if err == nil {
		err = json.Unmarshal([]byte(settings), &a.Settings)
	}
	if err != nil {
		return Asking{}, fmt.Errorf("store: %w", found(err))
	}
	return a, nil
}

// ForgetSecrets removes the sealed secrets of a customer.
func (s *Store) ForgetSecrets(ctx context.Context, customer string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE askings SET sealed = $2 WHERE customer = $1`, customer, []byte{}))
	})
}
