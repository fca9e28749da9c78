-- +goose Up
CREATE TABLE sessions (
	hash    TEXT PRIMARY KEY, -- SHA-256 of what is in the cookie
	data    BYTEA NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX sessions_by_time ON sessions (expires);

-- When somebody was logged out everywhere: sessions that began before are over.
CREATE TABLE logouts (
	who TEXT PRIMARY KEY,
	at  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE logouts;
DROP TABLE sessions;
