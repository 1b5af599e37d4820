"""What a database or its library says.

Belongs here: the rows of this kind. Does not belong here: a connection that is not a database's
(`connections`).
"""

from healer.triage.conditions import REVIEW, WAIT, Rule, has_errno, is_from, is_type, says

_DATABASE = is_type(
    "OperationalError", "InterfaceError", "DatabaseError", "InternalError"
) | is_from(
    "psycopg2", "psycopg", "pymysql", "MySQLdb", "asyncpg", "redis", "pymongo", "sqlalchemy"
)
_MISUSED = says(
    r"incorrect number of bindings supplied|parameters are of unsupported type"
    r"|should be explicitly declared as text|not an executable object: '"
    r"|did you mean to say select\("
)
"""What a database's library says of the call itself, before any statement has run."""
DATABASE_RULES: tuple[Rule, ...] = (
    Rule(
        "database locked",
        "transient",
        _DATABASE & says(r"database (?:table )?is locked|deadlock|lock wait timeout|serializ.*fail")
        | is_type("DeadlockDetected", "SerializationFailure", "LockNotAvailable"),
        "Another process held the database's lock",
        WAIT,
    ),
    Rule(
        "database away",
        "transient",
        _DATABASE
        & (
            says(
                r"could not connect|connection (?:refused|timed out|reset)|can't connect"
                r"|server closed the connection|gone away|lost connection|too many (?:clients|conn)"
                r"|starting up|shutting down|is loading the dataset|no servers? (?:found|available)"
                r"|connection (?:to server|is closed|already closed|failed)|not reachable"
            )
            | has_errno(1040, 2002, 2003, 2006, 2013)
        )
        | is_type("ServerSelectionTimeoutError", "AutoReconnect", "BusyLoadingError"),
        "The database could not be reached",
        WAIT,
    ),
    Rule(
        "database file",
        "environment",
        _DATABASE
        & says(r"unable to open database file|readonly database|malformed|not a database"),
        "The database's file cannot be used",
        "Check its path, its permissions and its integrity.",
    ),
)

SCHEMA_RULES: tuple[Rule, ...] = (
    Rule(
        "database schema",
        "code",
        (_DATABASE | is_type("ProgrammingError", "IntegrityError", "DataError")) & ~_MISUSED,
        "The database refused the statement: its schema, its data or the code is not as expected",
        REVIEW,
    ),
)
"""Asked after the rules of connections: what is no schema's fault is known by then."""
