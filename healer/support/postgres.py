"""A PostgreSQL that is away, refuses or is slow: one sentence with the next step, in good time.

Belongs here: how a connection is asked for, whose rows it sees, and what the driver's errors mean
to a person. Does not belong here: tables (`shared_schema`), and which database is meant
(`healer.app.state`). The driver is not imported: a command without PostgreSQL need not load it.
"""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

CONNECT_S = 5
"""Until a server that does not answer counts as away."""
STATEMENT_S = 60
"""The longest that one statement of ours may take; all of them take milliseconds."""
SILENCE_S = 20
"""How long a connection may be dead before it is given up."""
_ARGUMENTS: dict[str, int | str] = {
    "connect_timeout": CONNECT_S,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": SILENCE_S * 1_000,
    # Compiling a statement takes a hundred times as long as any of ours.
    "options": f"-c statement_timeout={STATEMENT_S * 1_000} -c jit=off",
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html. A connection that fails has none:
# libpq gives only the server's own words, which are passed on.
_BY_STATE = {
    "42501": "a right is missing; grant it, or let a role that has it run healer once",
    "25006": "it is read-only, as a standby is; name the primary",
    "53100": "its disk is full; free some space there",
    "53300": "it has too many connections; end some, or raise max_connections",
    "57014": f"a statement took more than {STATEMENT_S} s and was stopped; look at its load",
    "57P01": "it was shut down; the same command goes on when it is back",
    "57P02": "it crashed; the same command goes on when it is back",
    "57P03": "it is starting or stopping; try again in a moment",
}


class Scope(NamedTuple):
    """Whose rows: of one repository of one tenant."""

    tenant: str
    repository: str


def connect_arguments(url: str) -> dict[str, int | str]:
    """What a connection is asked for beside the URL, which has the last word."""
    names = parse_qs(urlsplit(url).query, keep_blank_values=True)
    return {name: value for name, value in _ARGUMENTS.items() if name not in names}


def enter_scope(connection: Any, scope: Scope) -> None:
    """From now on this connection of the driver sees these rows, whatever the server's defaults."""
    cursor = connection.execute(
        "SELECT set_config('search_path', 'healer', false),"
        " set_config('healer.tenant', %s, false), set_config('healer.repository', %s, false)",
        tuple(scope),
    )
    cursor.close()


def mask(url: str) -> str:
    """The URL without its password, whatever else is wrong with it."""
    scheme, separator, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    if not separator or not at:
        return url
    name, colon, _ = user.partition(":")
    return f"{scheme}://{name}{':…' if colon else ''}@{place}"


def find_mistake(url: str) -> str:
    """What is wrong with a URL before anybody is asked, in words; empty where nothing is."""
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres"):
        return 'must be "sqlite" or a postgresql:// URL'
    try:
        _ = urlsplit(url).port
    except ValueError:
        return "host and port cannot be read; percent-encode : @ / # ? in the password"
    return ""


def is_of_database(error: BaseException) -> bool:
    """Whether a PostgreSQL, or the way to it, caused this error."""
    return next(_driver_errors(error), None) is not None


def explain(error: BaseException) -> str:
    """What is the matter with the state database and what to do; empty for another error."""
    first = next(_driver_errors(error), None)
    if first is None:
        return ""
    state = getattr(first, "sqlstate", None)
    reason = _BY_STATE.get(state or "")
    if reason:
        return f"the state database: {reason}"
    text = " ".join(str(first).split()).removeprefix("connection failed: ")
    if state is None or state.startswith("08"):
        return (
            f"the state database cannot be reached: {text[:300]}; start it, or correct state in "
            "healer.toml (in a password : @ / # ? are percent-encoded)"
        )
    return f"the state database refused: {text[:300]}"


def _driver_errors(error: BaseException) -> Iterator[BaseException]:
    """The driver's own among an error and what caused it, outermost first."""
    driver = sys.modules.get("psycopg")
    current: BaseException | None = error
    for _ in range(10):  # chains may be rings
        if driver is None or current is None:
            return
        for each in (current, getattr(current, "orig", None)):
            if isinstance(each, driver.Error):
                yield each
        current = current.__cause__ or current.__context__
