-- +goose Up
-- How each customer's instance is asked.
CREATE TABLE askings (
	customer TEXT PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
	settings TEXT NOT NULL, -- JSON of what was typed, without a secret
	sealed   BYTEA NOT NULL -- the secrets, encrypted with a key that is not in this database; empty: they are not kept
);

-- +goose Down
DROP TABLE askings;
