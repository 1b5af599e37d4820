"""The one schema `healer` of a shared PostgreSQL: its tables, and each repository's view of them.

Belongs here: every table that machines share. Does not belong here: connections, and making the
tables (`shared_tables`), or what the rows mean, which is their stores'.

A table `all_X` has the rows of all tenants and repositories; the view `X` shows, and takes, those
of the repository that the connection is for. So statements are the same as on a file of one's own,
none can reach another's rows, and one on a connection that is for nobody is an error.
"""

SCHEMA = "healer"
_SCOPE = (
    "tenant = current_setting('healer.tenant') AND "
    "repository = current_setting('healer.repository')"
)


def _table(name: str, columns: dict[str, str], *keys: str, indexes: tuple[str, ...] = ()) -> str:
    """A table with its view; `keys` are unique within one repository, as `indexes` are not."""
    scope = "tenant, repository"
    parts = [f"{column} {kind}" for column, kind in columns.items()]
    parts += [f"UNIQUE ({scope}, {key})" for key in keys]
    statements = [
        f"CREATE TABLE healer.all_{name} ("
        "tenant text NOT NULL DEFAULT current_setting('healer.tenant'), "
        "repository text NOT NULL DEFAULT current_setting('healer.repository'), "
        f"{', '.join(parts)})",
        f"CREATE VIEW healer.{name} AS SELECT {', '.join(columns)} "  # noqa: S608 - constants
        f"FROM healer.all_{name} WHERE {_SCOPE} WITH CHECK OPTION",
    ]
    statements += [f"CREATE INDEX ON healer.all_{name} ({scope}, {each})" for each in indexes]
    return ";\n".join(statements)


_TEXT, _INT, _REAL = "text NOT NULL", "bigint NOT NULL", "double precision NOT NULL"
_EMPTY, _NONE, _ZERO = f"{_TEXT} DEFAULT ''", f"{_INT} DEFAULT 0", f"{_REAL} DEFAULT 0"
_NUMBER = "bigserial PRIMARY KEY"

_LEDGER = (
    _table(
        "healer_repairs",
        {
            "id": _TEXT, "key": _TEXT, "script": _TEXT, "fingerprint": _TEXT, "state": _TEXT,
            "outcome": _TEXT, "created_at": _REAL, "updated_at": _REAL, "request": _TEXT,
            "result": _TEXT, "evidence": _TEXT, "holder": _EMPTY,
        },
        "id",
        indexes=("fingerprint", "state", "created_at"),
    ),
    "CREATE UNIQUE INDEX ON healer.all_healer_repairs (tenant, repository, key)"
    " WHERE state = 'open'",
    _table(
        "healer_steps",
        {
            "number": _NUMBER, "repair": _TEXT, "label": _TEXT, "at": _REAL, "outcome": _TEXT,
            "detail": _TEXT, "drafter": _TEXT, "tokens_in": _INT, "tokens_out": _INT,
            "cost_usd": _REAL, "seconds": _REAL, "inputs": _EMPTY,
            "cost_known": "boolean NOT NULL DEFAULT true", "kind": _EMPTY, "ordinal": _NONE,
        },
        "repair, label",
    ),
    _table("healer_chain", {"position": _INT, "step": _INT, "digest": _TEXT}, "position"),
)  # fmt: skip
_INCIDENTS = (
    _table(
        "incident",
        {
            "fingerprint": _TEXT, "script": _TEXT, "status": _TEXT, "count": _INT,
            "since_start": _INT, "attempts": _INT, "first_at": _REAL, "last_at": _REAL,
            "rests_until": _REAL, "commit_id": _TEXT, "repair": _TEXT, "last_failure": _EMPTY,
            "state": _EMPTY, "since": _ZERO, "reason": _EMPTY, "is_due": _NONE,
            "rests_from": _ZERO, "summary": _EMPTY, "command": _EMPTY, "acked_by": _EMPTY,
            "acked_at": _ZERO, "snoozed_until": _ZERO,
        },
        "fingerprint",
    ),
    _table(
        "incident_event",
        {
            "number": _NUMBER, "fingerprint": _TEXT, "at": _REAL, "event": _TEXT, "state": _TEXT,
            "repair": _TEXT, "detail": _TEXT,
        },
        indexes=("fingerprint",),
    ),
    _table(
        "incident_failure",
        {"rowid": _NUMBER, "failure": _TEXT, "fingerprint": _TEXT, "at": _REAL},
        "failure",
        indexes=("fingerprint",),
    ),
)  # fmt: skip
_MODELS = (
    _table(
        "spending",
        {
            "id": _NUMBER, "repair": _TEXT, "day": _TEXT, "model": _TEXT, "nano_usd": _INT,
            "tokens_in": _NONE, "tokens_out": _NONE, "estimated": f"{_INT} DEFAULT 1",
            "settled": _NONE,
        },
        indexes=("day", "repair"),
    ),
    _table("turn", {"endpoint": _TEXT, "at": _REAL}, indexes=("endpoint, at",)),
)  # fmt: skip
_MAILS = (_table("mail_fact", {"folder": _TEXT, "name": _TEXT, "body": _TEXT}, "folder, name"),)
_MEMBERS = (
    _table(
        "member",
        {
            "executor": _TEXT, "clone": _TEXT, "host": _TEXT,
            "beat_at": "timestamptz NOT NULL DEFAULT now()",
        },
        "executor",
        indexes=("clone",),
    ),
)  # fmt: skip
_CLAIMS = (
    "ALTER TABLE healer.all_mail_fact"
    " ADD COLUMN claimed_until timestamptz NOT NULL DEFAULT '-infinity'",
    "CREATE OR REPLACE VIEW healer.mail_fact AS SELECT folder, name, body, claimed_until"  # noqa: S608 - constants
    f" FROM healer.all_mail_fact WHERE {_SCOPE} WITH CHECK OPTION",
)
_INBOX = (
    _table(
        "failure",
        {
            "id": _TEXT, "fingerprint": _TEXT, "cause": _EMPTY, "script": _TEXT, "code": _TEXT,
            "at": _REAL, "state": _TEXT, "holder": _EMPTY, "host": _EMPTY, "body": _TEXT,
            "blobs": _EMPTY,
        },
        "id",
        indexes=("state, id", "fingerprint, code", "at"),
    ),
    "CREATE INDEX ON healer.all_failure (tenant, cause, at)",
    _table("blob", {"digest": _TEXT, "at": _REAL, "body": "bytea NOT NULL"}, "digest"),
    _table(
        "run",
        {
            "number": _NUMBER, "host": _TEXT, "script": _TEXT, "command": _TEXT,
            "commit_id": _TEXT, "exit_code": _INT, "started_at": _REAL, "duration_s": _REAL,
        },
        indexes=("number",),
    ),
    _table(
        "run_count",
        {"script": _TEXT, "slot": _INT, "good": _NONE, "bad": _NONE, "last_at": _REAL},
        "script, slot",
    ),
    _table("agent", {"name": _TEXT, "sequence": _INT, "host": _EMPTY, "at": _REAL}, "name"),
    _table("arrival", {"slot": _INT, "number": _NONE}, "slot"),
)  # fmt: skip
_HUB = (
    "CREATE TABLE healer.token (name text PRIMARY KEY, digest text UNIQUE NOT NULL,"
    " tenant text NOT NULL, repositories text NOT NULL, made_at double precision NOT NULL,"
    " revoked_at double precision NOT NULL DEFAULT 0)",
    "CREATE TABLE healer.fleet_incident (tenant text NOT NULL, kind text NOT NULL,"
    " subject text NOT NULL, first_at double precision NOT NULL,"
    " last_at double precision NOT NULL, detail text NOT NULL)",
    "CREATE INDEX ON healer.fleet_incident (tenant, kind, subject, last_at)",
)
"""Of no repository: who may bring failures, and what concerns several repositories at once."""
_TOLD = "ALTER TABLE healer.fleet_incident ADD COLUMN told_at double precision NOT NULL DEFAULT 0"
_WORK = (
    "CREATE TABLE healer.all_work (tenant text NOT NULL, repository text NOT NULL, "
    "url text NOT NULL, due_at timestamptz NOT NULL DEFAULT now(), "
    "executor text NOT NULL DEFAULT '', began_at timestamptz, ended_at timestamptz, "
    "tries bigint NOT NULL DEFAULT 0, problem text NOT NULL DEFAULT '', "
    "UNIQUE (tenant, repository))",
    "CREATE INDEX ON healer.all_work (tenant, due_at) WHERE executor = ''",
    "CREATE INDEX ON healer.all_work (executor) WHERE executor <> ''",
    "CREATE TABLE healer.worker (executor text PRIMARY KEY, name text NOT NULL, "
    "host text NOT NULL, slots bigint NOT NULL, beat_at timestamptz NOT NULL DEFAULT now())",
    # What comes in makes its repository due in the same transaction, whoever brings it.
    "CREATE FUNCTION healer.make_due() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "UPDATE healer.all_work SET due_at = least(due_at, now()) "
    "WHERE tenant = NEW.tenant AND repository = NEW.repository; RETURN NULL; END $$",
    "CREATE TRIGGER make_due AFTER INSERT OR UPDATE OF state ON healer.all_failure"
    " FOR EACH ROW WHEN (NEW.state = 'waiting') EXECUTE FUNCTION healer.make_due()",
    "CREATE INDEX ON healer.all_failure (tenant, repository) WHERE state = 'taken'",
)
_DECISIONS = (_table("used", {"name": _TEXT, "at": _REAL, "by": _TEXT}, "name"),)
_ASKED = (
    _table(
        "decision",
        {
            "number": _NUMBER, "repair": _TEXT, "action": _TEXT, "by": _TEXT, "argument": _EMPTY,
            "value": _EMPTY, "commit_id": _EMPTY, "overrule": _NONE, "at": _REAL, "tries": _NONE,
            "begun_at": _ZERO, "ended_at": _ZERO, "answer": _EMPTY,
        },
        indexes=("repair, number",),
    ),
    "CREATE UNIQUE INDEX ON healer.all_decision (tenant, repository, repair) WHERE ended_at = 0",
    "CREATE TRIGGER make_due AFTER INSERT ON healer.all_decision"
    " FOR EACH ROW EXECUTE FUNCTION healer.make_due()",
)  # fmt: skip
_PURPOSES = (
    f"ALTER TABLE healer.all_healer_steps ADD COLUMN purpose {_EMPTY}",
    "CREATE OR REPLACE VIEW healer.healer_steps AS SELECT number, repair, label, at, outcome,"  # noqa: S608 - constants
    " detail, drafter, tokens_in, tokens_out, cost_usd, seconds, inputs, cost_known, kind, ordinal,"
    f" purpose FROM healer.all_healer_steps WHERE {_SCOPE} WITH CHECK OPTION",
)
STEPS: tuple[tuple[str, ...], ...] = (
    (*_LEDGER, *_INCIDENTS, *_MODELS, *_MAILS, *_MEMBERS),
    _CLAIMS,
    (*_INBOX, *_HUB),
    (_TOLD,),
    _WORK,
    _DECISIONS,
    _ASKED,
    _PURPOSES,
)
"""Step n brings the schema from version n to n + 1. Steps only add, so that an earlier healer on
another machine can go on with what a later one has made."""
