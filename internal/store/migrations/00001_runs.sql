-- +goose Up
-- One schema for SQLite and PostgreSQL. Moments are milliseconds since 1970, UTC.
CREATE TABLE customers (
	id             TEXT PRIMARY KEY,
	name           TEXT NOT NULL,
	folded         TEXT NOT NULL, -- name and URL in lower case, to search in
	url            TEXT NOT NULL UNIQUE, -- of the Resource Server
	latest_run     TEXT NOT NULL DEFAULT '',
	latest_at      BIGINT NOT NULL DEFAULT 0,
	latest_outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX customers_by_name ON customers (name, id);

CREATE TABLE runs (
	id       TEXT PRIMARY KEY,
	customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
	started  BIGINT NOT NULL,
	outcome  TEXT NOT NULL,
	by_whom  TEXT NOT NULL,
	report   BYTEA NOT NULL -- the JSON report, gzip
);
CREATE INDEX runs_of_customer ON runs (customer, started);
CREATE INDEX runs_by_age ON runs (outcome, started);

-- What stands open in each customer's latest run.
CREATE TABLE open_findings (
	customer    TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
	requirement TEXT NOT NULL,
	cause       TEXT NOT NULL,
	actor       TEXT NOT NULL
);
CREATE INDEX open_findings_of ON open_findings (customer);
CREATE INDEX open_findings_by_cause ON open_findings (cause, customer);
CREATE INDEX open_findings_by_actor ON open_findings (actor, customer);

CREATE TABLE links (
	hash     TEXT PRIMARY KEY, -- SHA-256 of what is in the address
	run      TEXT NOT NULL, -- empty: the customer's latest run
	customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
	audience TEXT NOT NULL,
	expires  BIGINT NOT NULL,
	by_whom  TEXT NOT NULL
);
CREATE INDEX links_of_customer ON links (customer);

CREATE TABLE audit (
	at    BIGINT NOT NULL,
	who   TEXT NOT NULL,
	what  TEXT NOT NULL,
	whom  TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);

-- +goose Down
DROP TABLE audit;
DROP TABLE links;
DROP TABLE open_findings;
DROP TABLE runs;
DROP TABLE customers;
