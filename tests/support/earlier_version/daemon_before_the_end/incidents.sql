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
INSERT INTO "incident" VALUES('b50c40a5256837cf','scripts/prices.py','open',1,0,0,1.79570597775733256339e+09,1.79570597775733256339e+09,0.0,'14f33b32c9f11e51f76298ccf3a1935212df86dc','472a5888','6612f60b70bf7284fd65');
COMMIT;
