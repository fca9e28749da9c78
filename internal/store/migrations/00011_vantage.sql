-- +goose Up
-- Agents that look from egress addresses, and what they are asked to look at. An agent never sees this database.
CREATE TABLE vantage_agents (
	name         TEXT PRIMARY KEY,
	address      TEXT NOT NULL, -- that it was declared to have
	enrolment    TEXT NOT NULL UNIQUE, -- SHA-256 of the token that it enrols with, once
	enrol_before BIGINT NOT NULL,
	token        TEXT NOT NULL, -- SHA-256 of its own token; empty: it has not enrolled
	version      TEXT NOT NULL,
	made         BIGINT NOT NULL,
	seen         BIGINT NOT NULL, -- 0: never
	dropped      BIGINT NOT NULL -- how often it sent what was not asked for
);
CREATE UNIQUE INDEX vantage_agents_by_token ON vantage_agents (token) WHERE token <> '';

CREATE TABLE vantage_looks (
	id       TEXT PRIMARY KEY,
	agent    TEXT NOT NULL REFERENCES vantage_agents (name) ON DELETE CASCADE,
	verb     TEXT NOT NULL,
	host     TEXT NOT NULL,
	port     TEXT NOT NULL,
	expires  BIGINT NOT NULL,
	given    BIGINT NOT NULL, -- when the agent got it; 0: it has not
	evidence BYTEA -- JSON; NULL: there is none yet
);
CREATE INDEX vantage_looks_by_agent ON vantage_looks (agent, expires);

-- +goose Down
DROP TABLE vantage_looks;
DROP TABLE vantage_agents;
