"""Notes on the tape what a job asks PostgreSQL through libpq, whose sockets nobody sees in Python.

Runs inside the job, under Python 3.8 and later; loaded when the job first imports a driver. It only
looks on: each call goes to the method that was there, with its arguments, result and exception, and
results are read as libpq holds them, byte by byte. Belongs here: when a driver is looked on at, and
statements as records. Does not belong here: each driver's own ways (`healer_hook_psycopg2`,
`healer_hook_psycopg`), and making a conversation of the records (`healer.tape.postgres`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from typing import Any

DRIVERS = ("psycopg2", "psycopg")
MAX_BYTES = 4 << 20
"""Of one result; of a larger one it is only said that it is not kept."""
DIAGNOSTICS = (
    (b"S", "severity"), (b"C", "sqlstate"), (b"M", "message_primary"), (b"D", "message_detail"),
    (b"H", "message_hint"), (b"P", "statement_position"), (b"W", "context"),
    (b"s", "schema_name"), (b"t", "table_name"), (b"c", "column_name"), (b"d", "datatype_name"),
    (b"n", "constraint_name"),
)  # fmt: skip
"""The field of the protocol, and the attribute of `diag` that holds it."""


PARAMETERS = (
    "server_version", "server_encoding", "client_encoding", "DateStyle", "IntervalStyle",
    "TimeZone", "integer_datetimes", "standard_conforming_strings",
)  # fmt: skip


class Databases:
    """Looks on at drivers from the moment on that each is loaded."""

    most_cells = 50_000
    """Of a larger result it is only said that it is not kept."""

    def __init__(self, tape: Any, load: Any) -> None:
        """`load` gives a module beside this one."""
        self.tape = tape
        self.load = load
        self.count = 0
        self.numbers = {}  # type: dict[int, int]
        """Of a connection, by identity."""

    def await_import(self, name: str) -> None:
        """`name` is about to be imported, or something below it."""
        top = name.partition(".")[0]
        if top in DRIVERS and top not in sys.modules:
            self.load("healer_hook_imports").await_import(top, self.wrap)

    def wrap(self, module: Any) -> None:
        """Looks on at a driver that was just loaded."""
        try:
            self.load("healer_hook_" + module.__name__).Driver(self, module).wrap()
        except Exception:
            self.stumble()

    @staticmethod
    def take_name(method: Any, call: Any) -> Any:
        """Lets `method` look like the one that it calls."""
        method.__name__, method.__doc__ = call.__name__, call.__doc__
        method.__qualname__ = getattr(call, "__qualname__", call.__name__)
        return method

    def stumble(self) -> None:
        self.tape.stumble()

    def note_gap(self, what: str) -> None:
        """Something of this kind is not kept."""
        self.tape.note(b"g", ("a database", what))

    def note_begin(self, link: Any, host: Any, port: Any, tls: bool, read: Any) -> None:
        try:
            self.count += 1
            self.numbers[id(link)] = self.count
            fact = {
                "host": host or "",
                "port": int(port or 5432),
                "tls": tls,
                "error": "",
                "parameters": [(name, read(name)) for name in PARAMETERS],
            }
            self.tape.note(b"b", fact, number=self.count)
        except Exception:
            self.stumble()

    def note_refusal(self, words: Any, error: Exception) -> None:
        try:
            self.count += 1
            fact = {
                "host": words.get("host") or os.environ.get("PGHOST", ""),
                "port": int(words.get("port") or os.environ.get("PGPORT", "") or 5432),
                "tls": False,
                "error": type(error).__name__,
            }
            self.tape.note(b"b", fact, number=self.count)
        except Exception:
            self.stumble()

    def note(
        self, number: int, query: Any, parameters: Any, error: Any, tag: Any, result: Any
    ) -> None:
        query = query if isinstance(query, bytes) else str(query).encode()
        if result is None or weigh(result) > MAX_BYTES:
            self.note_gap("a result of more than 4 MB")
            return
        fields = []
        if error is not None:
            diag = getattr(error, "diag", None)
            fields = [(letter, getattr(diag, name, None)) for letter, name in DIAGNOSTICS]
            fields = [(letter, str(value).encode()) for letter, value in fields if value]
            if not fields:
                return  # it is the driver's own: the server was not asked
        if parameters is not None:
            parameters = [(None if v is None else bytes(v), form) for v, form in parameters]
        self.tape.note(b"q", (query, parameters, list(result[0]), result[1], tag, fields),
                       number=number)  # fmt: skip


def weigh(result: Any) -> int:
    """Bytes of all values of a result."""
    return sum(len(value) for row in result[1] for value in row if value is not None)
