-- +goose Up
-- The inventory that is checked every night, and how much of each host's rate is used.
CREATE TABLE inventory (
	name     TEXT PRIMARY KEY,
	host     TEXT NOT NULL, -- whose rate counts: the authorisation host
	position BIGINT NOT NULL,
	entry    TEXT NOT NULL -- JSON; secrets by reference only
);
CREATE INDEX inventory_by_host ON inventory (host, position);

CREATE TABLE host_rates (
	host       TEXT PRIMARY KEY,
	full_at    BIGINT NOT NULL, -- when the host may be asked at once again as often as ever
	holder     TEXT NOT NULL, -- the job that asks it
	held_until BIGINT NOT NULL -- 0: none does
);

-- +goose Down
DROP TABLE host_rates;
DROP TABLE inventory;
