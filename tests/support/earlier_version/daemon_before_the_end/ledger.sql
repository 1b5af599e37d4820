BEGIN TRANSACTION;
CREATE TABLE healer_repairs (
	id VARCHAR(16) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	script TEXT NOT NULL, 
	fingerprint VARCHAR(16) NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	request TEXT NOT NULL, 
	result TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "healer_repairs" VALUES('472a5888','9b94adaaf401bc599c6d17246c61696d','scripts/prices.py','b50c40a5256837cf','open','',1.79570597781401276589e+09,1.79570597781401276589e+09,'{"repair": "472a5888", "script": "scripts/prices.py", "target": "main", "base": "14f33b32c9f11e51f76298ccf3a1935212df86dc", "failure": {"id": "6612f60b70bf7284fd65", "script": "scripts/prices.py", "source": "run", "argv": ["python", "scripts/prices.py"], "command": [], "folder": "", "exit_code": 1, "signal": null, "timed_out": false, "chain": [{"type": "KeyError", "message": "''te''", "frames": [{"file": "scripts/prices.py", "line": 4, "function": "<module>", "source": "print(PRICES[\"te\"])", "own": true, "locals": {}}], "notes": [], "relation": "", "attributes": {}}], "stdout_tail": "", "stderr_tail": "", "stdin": null, "inputs": {}, "commit": "14f33b32c9f11e51f76298ccf3a1935212df86dc", "dirty": false, "environment": {}, "environment_names": [], "occurred_at": "2026-11-26T15:12:54.229Z", "duration_s": 0.0, "fingerprint": "b50c40a5256837cf", "count": 1}, "command": [], "merge": true, "drafter": "auto", "attempts": 4, "budget_usd": null, "opened_at": 1795705977}','{}','');
CREATE TABLE healer_steps (
	number INTEGER NOT NULL, 
	repair VARCHAR(16) NOT NULL, 
	label VARCHAR(64) NOT NULL, 
	at FLOAT NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	detail TEXT NOT NULL, 
	drafter TEXT NOT NULL, 
	tokens_in INTEGER NOT NULL, 
	tokens_out INTEGER NOT NULL, 
	cost_usd FLOAT NOT NULL, 
	seconds FLOAT NOT NULL, 
	inputs VARCHAR(64) DEFAULT '' NOT NULL, 
	cost_known BOOLEAN DEFAULT 1 NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (repair, label)
);
CREATE INDEX ix_healer_repairs_key ON healer_repairs ("key");
CREATE INDEX ix_healer_repairs_fingerprint ON healer_repairs (fingerprint);
CREATE UNIQUE INDEX healer_one_open_repair ON healer_repairs ("key") WHERE state = 'open';
CREATE INDEX ix_healer_repairs_state ON healer_repairs (state);
CREATE INDEX ix_healer_steps_repair ON healer_steps (repair);
COMMIT;
