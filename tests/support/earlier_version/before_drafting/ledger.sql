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
INSERT INTO "healer_repairs" VALUES('c99440a4','9661c2f29dd62b7396991566e3c89361','scripts/prices.py','','open','',1.79570588418253469474e+09,1.79570588418253469474e+09,'{"repair": "c99440a4", "script": "scripts/prices.py", "target": "main", "base": "14f33b32c9f11e51f76298ccf3a1935212df86dc", "failure": null, "command": ["python", "scripts/prices.py"], "merge": true, "drafter": "auto", "attempts": 4, "budget_usd": null, "opened_at": 1795705884}','{}','');
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
CREATE INDEX ix_healer_repairs_state ON healer_repairs (state);
CREATE UNIQUE INDEX healer_one_open_repair ON healer_repairs ("key") WHERE state = 'open';
CREATE INDEX ix_healer_repairs_key ON healer_repairs ("key");
CREATE INDEX ix_healer_repairs_fingerprint ON healer_repairs (fingerprint);
CREATE INDEX ix_healer_steps_repair ON healer_steps (repair);
COMMIT;
