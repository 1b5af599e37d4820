BEGIN TRANSACTION;
CREATE TABLE incident (
    fingerprint TEXT PRIMARY KEY,
    script TEXT NOT NULL,
    status TEXT NOT NULL,
    count INTEGER NOT NULL,
    since_start INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    rests_until REAL NOT NULL,
    commit_id TEXT NOT NULL,
    repair TEXT NOT NULL,
    last_failure TEXT NOT NULL DEFAULT ''
) STRICT
;
COMMIT;
