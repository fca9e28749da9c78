-- +goose Up
CREATE TABLE tokens (
	id      TEXT PRIMARY KEY,
	hash    TEXT NOT NULL UNIQUE, -- SHA-256 of what a program sends
	name    TEXT NOT NULL,
	scopes  TEXT NOT NULL, -- with blanks between
	by_whom TEXT NOT NULL,
	made    BIGINT NOT NULL,
	expires BIGINT NOT NULL
);

-- +goose Down
DROP TABLE tokens;
