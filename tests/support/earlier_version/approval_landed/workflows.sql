BEGIN TRANSACTION;
CREATE TABLE application_versions (
    version_id TEXT NOT NULL PRIMARY KEY,
    version_name TEXT NOT NULL UNIQUE,
    version_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL);
INSERT INTO "application_versions" VALUES('c7115d2f-e497-460d-bf26-60a06cd87cea','healer-1',1795705902000,1795705902000,'healer');
CREATE TABLE dbos_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO "dbos_migrations" VALUES(125);
CREATE TABLE notifications (
    message_uuid TEXT NOT NULL DEFAULT (hex(randomblob(16))) PRIMARY KEY,
    destination_uuid TEXT NOT NULL,
    topic TEXT,
    message TEXT NOT NULL,
    created_at_epoch_ms INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000), "serialization" TEXT DEFAULT NULL, "consumed" BOOLEAN NOT NULL DEFAULT FALSE, consumed_by_function_id INTEGER,
    FOREIGN KEY (destination_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE "operation_outputs" (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    function_name TEXT NOT NULL DEFAULT '',
    output TEXT,
    error TEXT,
    child_workflow_id TEXT,
    started_at_epoch_ms INTEGER,
    completed_at_epoch_ms INTEGER,
    serialization TEXT,
    application_name TEXT DEFAULT NULL,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    PRIMARY KEY (workflow_uuid, function_id)
);
INSERT INTO "operation_outputs" VALUES('93fe7e05',1,'examine','{"healthy":false,"stop":null,"reason":"","failure":{"id":"93fe7e05-baseline","script":"scripts/prices.py","source":"baseline","argv":["python","scripts/prices.py"],"command":[],"folder":"","exit_code":1,"signal":null,"timed_out":false,"chain":[{"type":"KeyError","message":"''te''","frames":[{"file":"scripts/prices.py","line":4,"function":"<module>","source":"print(PRICES[\"te\"])","own":true,"locals":{}}],"notes":[],"relation":"","attributes":{}}],"stdout_tail":"","stderr_tail":"Traceback (most recent call last):\n  File \"/job/tree/scripts/prices.py\", line 4, in <module>\n    print(PRICES[\"te\"])\n          ~~~~~~^^^^^^\nKeyError: ''te''\n","stdin":null,"inputs":{},"commit":"14f33b32c9f11e51f76298ccf3a1935212df86dc","dirty":false,"environment":{},"environment_names":[],"occurred_at":"","duration_s":0.0,"fingerprint":"b50c40a5256837cf","count":1},"reproduced":true,"command":["python","scripts/prices.py"],"by_tests":false,"baseline":{"fault":null,"syntax":[],"lint":[],"command":{"exit_code":1,"signal":null,"timed_out":false,"oom":false,"stdout":"","stderr":"Traceback (most recent call last):\n  File \"/job/tree/scripts/prices.py\", line 4, in <module>\n    print(PRICES[\"te\"])\n          ~~~~~~^^^^^^\nKeyError: ''te''\n","seconds":0.0,"executed":{}},"tests":[],"seen":[],"behaved":[],"screened":[],"seconds":0.0,"step_seconds":{},"image":"healer-sandbox:scripted"},"review_only":"","notify":[],"next_step":""}',NULL,NULL,1795705902616,1795705902638,'healer_json','healer',1795705902000);
INSERT INTO "operation_outputs" VALUES('93fe7e05',2,'draft 1','{"candidates":[{"drafter":"scripted","edits":[{"kind":"replace_text","path":"scripts/prices.py","find":"[\"te\"]","replace":"[\"tea\"]"}],"rule":"","cause":"A typo.","category":"","confidence":0.0,"doubt":"","forced":"","regression_test":null}],"refusal":"","reason":"","side_by_side":false,"ambiguity":[],"stopped_by_budget":false,"unavailable":false,"spent":{"tokens_in":0,"tokens_out":0,"cost_usd":0.0,"cost_known":true,"seconds":0.0},"exchanges":[]}',NULL,NULL,1795705902646,1795705902657,'healer_json','healer',1795705902000);
INSERT INTO "operation_outputs" VALUES('93fe7e05',3,'quarantine 1.1','{"draft":{"drafter":"scripted","edits":[{"kind":"replace_text","path":"scripts/prices.py","find":"[\"te\"]","replace":"[\"tea\"]"}],"rule":"","cause":"A typo.","category":"","confidence":0.0,"doubt":"","forced":"","regression_test":null},"candidate":{"commit":"cbb0f414843e83c472e221517837b154d92b8007","tree":"796d21a44567b019bbfe6373b6bc68626e65786c","base":"14f33b32c9f11e51f76298ccf3a1935212df86dc","branch":"quarantine/prices-93fe7e05","diff":"diff --git a/scripts/prices.py b/scripts/prices.py\nindex 5ae330a2da464f2d8824de5e988c5111fa8f9484..b3cae940aaa5e46187fdc54de648e5b91c05d4da 100644\n--- a/scripts/prices.py\n+++ b/scripts/prices.py\n@@ -1,4 +1,4 @@\n PRICES = {\"tea\": 4.5}\n \n \n-print(PRICES[\"te\"])\n+print(PRICES[\"tea\"])\n","paths":["scripts/prices.py"]},"findings":[],"refused":"","protected":"","notify":[],"dropped":""}',NULL,NULL,1795705902669,1795705902766,'healer_json','healer',1795705902000);
INSERT INTO "operation_outputs" VALUES('93fe7e05',4,'prove 1.1','{"verdict":{"kind":"fixed","strong":false,"reasons":["no check runs the changed lines; add a test that does","no test fails before the fix and passes after it, so nothing says what the failing case should give; add such a test, or record good runs (capture = true)"],"checks":[{"name":"policy","status":"pass","detail":"nothing forbidden","seconds":0.0},{"name":"syntax","status":"pass","detail":"1 changed file(s) compile","seconds":0.0},{"name":"lint","status":"pass","detail":"nothing new","seconds":0.0},{"name":"reproduce","status":"pass","detail":"the failing command now succeeds","seconds":0.0},{"name":"tests","status":"skipped","detail":"the repository has no tests","seconds":0.0},{"name":"regression","status":"skipped","detail":"the draft brings no test of its own","seconds":0.0},{"name":"evidence","status":"fail","detail":"weak: no check runs the changed lines; add a test that does (and 1 more)","seconds":0.0}]},"report":{"fault":null,"syntax":[],"lint":[],"command":{"exit_code":0,"signal":null,"timed_out":false,"oom":false,"stdout":"","stderr":"","seconds":0.0,"executed":{}},"tests":[],"seen":[],"behaved":[],"screened":[],"seconds":0.0,"step_seconds":{},"image":"healer-sandbox:scripted"}}',NULL,NULL,1795705902780,1795705902783,'healer_json','healer',1795705902000);
INSERT INTO "operation_outputs" VALUES('93fe7e05',5,'review 1.1','{"objection":"none","reason":"no reviewer is configured","exchanges":[],"spent":{"tokens_in":0,"tokens_out":0,"cost_usd":0.0,"cost_known":true,"seconds":0.0}}',NULL,NULL,1795705902797,1795705902798,'healer_json','healer',1795705902000);
INSERT INTO "operation_outputs" VALUES('93fe7e05',6,'close','{"repair":"93fe7e05","script":"scripts/prices.py","outcome":"review","reason":"the evidence is weak: no check runs the changed lines; add a test that does","failure":{"fingerprint":"b50c40a5256837cf","type":"KeyError","message":"''te''","file":"scripts/prices.py","line":4},"base":"14f33b32c9f11e51f76298ccf3a1935212df86dc","branch":"quarantine/prices-93fe7e05","commit":"cbb0f414843e83c472e221517837b154d92b8007","merged":null,"drafter":"scripted","attempts":[{"drafter":"scripted","rule":"","cause":"A typo.","verdict":"fixed","diff":"diff --git a/scripts/prices.py b/scripts/prices.py\nindex 5ae330a2da464f2d8824de5e988c5111fa8f9484..b3cae940aaa5e46187fdc54de648e5b91c05d4da 100644\n--- a/scripts/prices.py\n+++ b/scripts/prices.py\n@@ -1,4 +1,4 @@\n PRICES = {\"tea\": 4.5}\n \n \n-print(PRICES[\"te\"])\n+print(PRICES[\"tea\"])\n","commit":"cbb0f414843e83c472e221517837b154d92b8007","checks":[{"name":"policy","status":"pass","detail":"nothing forbidden","seconds":0.0},{"name":"syntax","status":"pass","detail":"1 changed file(s) compile","seconds":0.0},{"name":"lint","status":"pass","detail":"nothing new","seconds":0.0},{"name":"reproduce","status":"pass","detail":"the failing command now succeeds","seconds":0.0},{"name":"tests","status":"skipped","detail":"the repository has no tests","seconds":0.0},{"name":"regression","status":"skipped","detail":"the draft brings no test of its own","seconds":0.0},{"name":"evidence","status":"fail","detail":"weak: no check runs the changed lines; add a test that does (and 1 more)","seconds":0.0}],"tokens_in":0,"tokens_out":0,"cost_usd":0.0,"seconds":0.0}],"checks":[{"name":"policy","status":"pass","detail":"nothing forbidden","seconds":0.0},{"name":"syntax","status":"pass","detail":"1 changed file(s) compile","seconds":0.0},{"name":"lint","status":"pass","detail":"nothing new","seconds":0.0},{"name":"reproduce","status":"pass","detail":"the failing command now succeeds","seconds":0.0},{"name":"tests","status":"skipped","detail":"the repository has no tests","seconds":0.0},{"name":"regression","status":"skipped","detail":"the draft brings no test of its own","seconds":0.0},{"name":"evidence","status":"fail","detail":"weak: no check runs the changed lines; add a test that does (and 1 more)","seconds":0.0}],"missing":["no check runs the changed lines; add a test that does","no test fails before the fix and passes after it, so nothing says what the failing case should give; add such a test, or record good runs (capture = true)"],"checkout":"","pushed":"","mail":"none was sent: no mail server is configured ([mail] smtp and to)","mail_kept":false,"next_step":"healer show 93fe7e05, then healer approve or reject it","stopped_by_budget":false,"cost_usd":0.0,"cost_known":true,"seconds":0.8094804286956787}',NULL,NULL,1795705902803,1795705902860,'healer_json','healer',1795705902000);
INSERT INTO "operation_outputs" VALUES('approve-93fe7e05-1',1,'today','{"candidate":{"commit":"cbb0f414843e83c472e221517837b154d92b8007","tree":"796d21a44567b019bbfe6373b6bc68626e65786c","base":"14f33b32c9f11e51f76298ccf3a1935212df86dc","branch":"quarantine/prices-93fe7e05","diff":"diff --git a/scripts/prices.py b/scripts/prices.py\nindex 5ae330a2da464f2d8824de5e988c5111fa8f9484..b3cae940aaa5e46187fdc54de648e5b91c05d4da 100644\n--- a/scripts/prices.py\n+++ b/scripts/prices.py\n@@ -1,4 +1,4 @@\n PRICES = {\"tea\": 4.5}\n \n \n-print(PRICES[\"te\"])\n+print(PRICES[\"tea\"])\n","paths":["scripts/prices.py"]},"conflict":""}',NULL,NULL,1795705906678,1795705906717,'healer_json','healer',1795705906000);
INSERT INTO "operation_outputs" VALUES('approve-93fe7e05-1',2,'prove 1','{"verdict":{"kind":"fixed","strong":false,"reasons":["no check runs the changed lines; add a test that does","no test fails before the fix and passes after it, so nothing says what the failing case should give; add such a test, or record good runs (capture = true)"],"checks":[{"name":"policy","status":"pass","detail":"nothing forbidden","seconds":0.0},{"name":"syntax","status":"pass","detail":"1 changed file(s) compile","seconds":0.0},{"name":"lint","status":"pass","detail":"nothing new","seconds":0.0},{"name":"reproduce","status":"pass","detail":"the failing command now succeeds","seconds":0.0},{"name":"tests","status":"skipped","detail":"the repository has no tests","seconds":0.0},{"name":"regression","status":"skipped","detail":"the draft brings no test of its own","seconds":0.0},{"name":"evidence","status":"fail","detail":"weak: no check runs the changed lines; add a test that does (and 1 more)","seconds":0.0}]},"report":{"fault":null,"syntax":[],"lint":[],"command":{"exit_code":0,"signal":null,"timed_out":false,"oom":false,"stdout":"","stderr":"","seconds":0.0,"executed":{}},"tests":[],"seen":[],"behaved":[],"screened":[],"seconds":0.0,"step_seconds":{},"image":"healer-sandbox:scripted"}}',NULL,NULL,1795705906720,1795705906763,'healer_json','healer',1795705906000);
CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY DEFAULT (hex(randomblob(16))),
    name TEXT NOT NULL UNIQUE,
    concurrency INTEGER,
    worker_concurrency INTEGER,
    rate_limit_max INTEGER,
    rate_limit_period_sec REAL,
    priority_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    partition_queue BOOLEAN NOT NULL DEFAULT FALSE,
    polling_interval_sec REAL NOT NULL DEFAULT 1.0,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL, "partition_concurrency" INTEGER DEFAULT NULL, "partition_worker_concurrency" INTEGER DEFAULT NULL, "partition_rate_limit_max" INTEGER DEFAULT NULL, "partition_rate_limit_period_sec" REAL DEFAULT NULL);
INSERT INTO "queues" VALUES('2BFE55A56A511CF6D49DC527654D48D0','cli-decide-93fe7e05',NULL,1,NULL,NULL,1,0,0.05,1795705906000,1795705906556,'healer',NULL,NULL,NULL,NULL);
CREATE TABLE streams (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    "offset" INTEGER NOT NULL, function_id INTEGER NOT NULL DEFAULT 0, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key, "offset"),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events_history (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, function_id, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_input (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    inputs TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_input" VALUES('93fe7e05','{"args":[{"repair":"93fe7e05","script":"scripts/prices.py","target":"main","base":"14f33b32c9f11e51f76298ccf3a1935212df86dc","failure":null,"command":["python","scripts/prices.py"],"merge":true,"drafter":"auto","attempts":4,"budget_usd":null,"opened_at":1795705902}],"kwargs":{}}',1795705902000);
INSERT INTO "workflow_input" VALUES('approve-93fe7e05-1','{"args":[{"repair":"93fe7e05","by":"Ada","overrule":false}],"kwargs":{}}',1795705906000);
CREATE TABLE workflow_output (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    output TEXT,
    error TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_output" VALUES('93fe7e05','{"repair":"93fe7e05","script":"scripts/prices.py","outcome":"review","reason":"the evidence is weak: no check runs the changed lines; add a test that does","failure":{"fingerprint":"b50c40a5256837cf","type":"KeyError","message":"''te''","file":"scripts/prices.py","line":4},"base":"14f33b32c9f11e51f76298ccf3a1935212df86dc","branch":"quarantine/prices-93fe7e05","commit":"cbb0f414843e83c472e221517837b154d92b8007","merged":null,"drafter":"scripted","attempts":[{"drafter":"scripted","rule":"","cause":"A typo.","verdict":"fixed","diff":"diff --git a/scripts/prices.py b/scripts/prices.py\nindex 5ae330a2da464f2d8824de5e988c5111fa8f9484..b3cae940aaa5e46187fdc54de648e5b91c05d4da 100644\n--- a/scripts/prices.py\n+++ b/scripts/prices.py\n@@ -1,4 +1,4 @@\n PRICES = {\"tea\": 4.5}\n \n \n-print(PRICES[\"te\"])\n+print(PRICES[\"tea\"])\n","commit":"cbb0f414843e83c472e221517837b154d92b8007","checks":[{"name":"policy","status":"pass","detail":"nothing forbidden","seconds":0.0},{"name":"syntax","status":"pass","detail":"1 changed file(s) compile","seconds":0.0},{"name":"lint","status":"pass","detail":"nothing new","seconds":0.0},{"name":"reproduce","status":"pass","detail":"the failing command now succeeds","seconds":0.0},{"name":"tests","status":"skipped","detail":"the repository has no tests","seconds":0.0},{"name":"regression","status":"skipped","detail":"the draft brings no test of its own","seconds":0.0},{"name":"evidence","status":"fail","detail":"weak: no check runs the changed lines; add a test that does (and 1 more)","seconds":0.0}],"tokens_in":0,"tokens_out":0,"cost_usd":0.0,"seconds":0.0}],"checks":[{"name":"policy","status":"pass","detail":"nothing forbidden","seconds":0.0},{"name":"syntax","status":"pass","detail":"1 changed file(s) compile","seconds":0.0},{"name":"lint","status":"pass","detail":"nothing new","seconds":0.0},{"name":"reproduce","status":"pass","detail":"the failing command now succeeds","seconds":0.0},{"name":"tests","status":"skipped","detail":"the repository has no tests","seconds":0.0},{"name":"regression","status":"skipped","detail":"the draft brings no test of its own","seconds":0.0},{"name":"evidence","status":"fail","detail":"weak: no check runs the changed lines; add a test that does (and 1 more)","seconds":0.0}],"missing":["no check runs the changed lines; add a test that does","no test fails before the fix and passes after it, so nothing says what the failing case should give; add such a test, or record good runs (capture = true)"],"checkout":"","pushed":"","mail":"none was sent: no mail server is configured ([mail] smtp and to)","mail_kept":false,"next_step":"healer show 93fe7e05, then healer approve or reject it","stopped_by_budget":false,"cost_usd":0.0,"cost_known":true,"seconds":0.8094804286956787}',NULL,1795705902000);
CREATE TABLE workflow_schedules (
    schedule_id TEXT PRIMARY KEY,
    schedule_name TEXT NOT NULL UNIQUE,
    workflow_name TEXT NOT NULL,
    workflow_class_name TEXT,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    context TEXT NOT NULL
, "last_fired_at" TEXT DEFAULT NULL, "automatic_backfill" BOOLEAN NOT NULL DEFAULT FALSE, "cron_timezone" TEXT DEFAULT NULL, "queue_name" TEXT DEFAULT NULL, "application_name" TEXT DEFAULT NULL);
CREATE TABLE workflow_status (
    workflow_uuid TEXT PRIMARY KEY,
    status TEXT,
    name TEXT,
    authenticated_user TEXT,
    assumed_role TEXT,
    authenticated_roles TEXT,
    request TEXT,
    output TEXT,
    error TEXT,
    executor_id TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    application_version TEXT,
    application_id TEXT,
    class_name TEXT DEFAULT NULL,
    config_name TEXT DEFAULT NULL,
    recovery_attempts INTEGER DEFAULT 0,
    queue_name TEXT,
    workflow_timeout_ms INTEGER,
    workflow_deadline_epoch_ms INTEGER,
    inputs TEXT,
    started_at_epoch_ms INTEGER,
    deduplication_id TEXT,
    priority INTEGER NOT NULL DEFAULT 0
, queue_partition_key TEXT, forked_from TEXT, "owner_xid" TEXT DEFAULT NULL, "parent_workflow_id" TEXT DEFAULT NULL, "serialization" TEXT DEFAULT NULL, "delay_until_epoch_ms" BIGINT DEFAULT NULL, "was_forked_from" BOOLEAN NOT NULL DEFAULT FALSE, "rate_limited" BOOLEAN NOT NULL DEFAULT FALSE, "completed_at" BIGINT, "attributes" TEXT, "schedule_name" TEXT, "debounce_deadline_epoch_ms" BIGINT DEFAULT NULL, "is_debounced" BOOLEAN NOT NULL DEFAULT FALSE, "application_name" TEXT DEFAULT NULL, "creator_xid" TEXT DEFAULT NULL);
INSERT INTO "workflow_status" VALUES('93fe7e05','SUCCESS','repair',NULL,NULL,NULL,NULL,NULL,NULL,'cli-93fe7e05',1795705902000,1795705902000,'healer-1','',NULL,NULL,1,'cli-93fe7e05',NULL,NULL,NULL,1795705902000,NULL,0,NULL,NULL,NULL,NULL,'healer_json',NULL,0,0,1795705902000,'null',NULL,NULL,0,'healer','3b6712f7-d3b9-4286-8004-28157638da34');
INSERT INTO "workflow_status" VALUES('approve-93fe7e05-1','PENDING','approve',NULL,NULL,NULL,NULL,NULL,NULL,'cli-decide-93fe7e05',1795705906000,1795705906000,'healer-1','',NULL,NULL,1,'cli-decide-93fe7e05',NULL,NULL,NULL,1795705906000,NULL,0,NULL,NULL,'33d215f7-de3f-4512-a1a0-6e7a34de825c',NULL,'healer_json',NULL,0,0,NULL,'null',NULL,NULL,0,'healer','598fc61e-b72c-4a74-9189-feebf6b05a12');
CREATE INDEX workflow_status_created_at_index ON workflow_status (created_at);
CREATE INDEX idx_workflow_topic ON notifications (destination_uuid, topic);
CREATE INDEX "idx_workflow_status_delayed" ON "workflow_status" ("delay_until_epoch_ms") WHERE status = 'DELAYED';
CREATE INDEX "idx_workflow_status_forked_from" ON "workflow_status" ("forked_from") WHERE "forked_from" IS NOT NULL;
CREATE INDEX "idx_workflow_status_parent_workflow_id" ON "workflow_status" ("parent_workflow_id") WHERE "parent_workflow_id" IS NOT NULL;
CREATE UNIQUE INDEX "uq_workflow_status_dedup_id" ON "workflow_status" ("queue_name", "deduplication_id") WHERE "deduplication_id" IS NOT NULL;
CREATE INDEX "idx_workflow_status_pending" ON "workflow_status" ("created_at") WHERE "status" = 'PENDING';
CREATE INDEX "idx_workflow_status_failed" ON "workflow_status" ("status", "created_at") WHERE "status" IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX "idx_workflow_status_rate_limited" ON "workflow_status" ("queue_name", "started_at_epoch_ms") WHERE "rate_limited" = TRUE;
CREATE INDEX "idx_workflow_status_completed_at" ON "workflow_status" ("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE INDEX "idx_workflow_status_started_at" ON "workflow_status" ("started_at_epoch_ms") WHERE "started_at_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_workflow_status_schedule_name" ON "workflow_status" ("schedule_name") WHERE "schedule_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_owner_version"
    ON application_versions ("application_name", "version_name")
    WHERE "application_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_unclaimed_version"
    ON application_versions ("version_name")
    WHERE "application_name" IS NULL;
CREATE INDEX idx_workflow_input_retention
    ON workflow_input (retention_timestamp);
CREATE INDEX idx_workflow_output_retention
    ON workflow_output (retention_timestamp);
CREATE INDEX idx_operation_outputs_retention
    ON operation_outputs (retention_timestamp);
CREATE INDEX "idx_workflow_status_in_flight_v2" ON "workflow_status" ("queue_name", "status", "priority", "created_at", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING');
CREATE INDEX "idx_workflow_status_partition_dequeue_v3" ON "workflow_status" ("queue_name", "status", "queue_partition_key", "priority", "created_at", "workflow_uuid", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING') AND "queue_partition_key" IS NOT NULL;
CREATE INDEX "idx_operation_outputs_completed_at_function_name_v2" ON "operation_outputs" ("completed_at_epoch_ms", "function_name", "application_name");
CREATE INDEX "idx_workflow_status_deadline" ON "workflow_status" ("workflow_deadline_epoch_ms") WHERE "status" IN ('ENQUEUED', 'PENDING', 'DELAYED') AND "workflow_deadline_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_application_versions_timestamp" ON "application_versions" ("version_timestamp" DESC);
CREATE INDEX "idx_application_versions_owner_timestamp" ON "application_versions" ("application_name", "version_timestamp" DESC);
COMMIT;
