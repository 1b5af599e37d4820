"""Leads drivers that speak to PostgreSQL through libpq to the peers of that night.

Runs in the program under test; loaded where the world has peers. libpq looks names up by itself, in
C, so each connection is given the address and the port where its peer is now. Belongs here: what is
changed in these drivers, once they are loaded. Does not belong here: Python's own sockets (`hook`).
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # nothing is loaded that the program does not load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Place = Callable[[str, int], "tuple[Any, ...]"]
    """Where a recorded host and port are now."""

_PORT = 5432
_FOLDERS = ("/var/run/postgresql", "/run/postgresql", "/tmp")
"""Where a server on this machine listens, for a job that named no host."""


class Drivers:
    """What is changed in each of them."""

    def __init__(self, find_place: Place, knows: Callable[[str, int], bool]) -> None:
        """`knows` says whether a host and port are on the tape."""
        self._find_place, self._knows = find_place, knows
        self.acts: dict[str, Callable[[Any], None]] = {
            "psycopg2": self._wrap_psycopg2,
            "psycopg": self._wrap_psycopg,
        }
        """By module, for when it is loaded."""

    def _redirect(self, words: dict[str, Any]) -> dict[str, Any]:
        """What is to be said instead: of several hosts, of the one that was reached that night."""
        host = words.get("host") or words.get("hostaddr") or os.environ.get("PGHOST", "")
        hosts = host.split(",") if host else ["", *_FOLDERS, "localhost"]
        port = int(str(words.get("port") or os.environ.get("PGPORT") or _PORT).split(",")[0])
        own = next((each for each in hosts if self._knows(each, port)), hosts[0])
        place = self._find_place(own, port)
        name = own if own and not own.startswith("/") else "localhost"
        return {"host": name, "hostaddr": place[0], "port": place[1]}

    def _wrap_psycopg2(self, module: Any) -> None:
        real = module._connect
        extensions = module.extensions

        def connect(dsn: str, *args: Any, **options: Any) -> Any:
            words = self._redirect(extensions.parse_dsn(dsn))
            return real(extensions.make_dsn(dsn, **words), *args, **options)

        module._connect = connect

    def _wrap_psycopg(self, module: Any) -> None:
        parse = module.conninfo.conninfo_to_dict
        for kind in (module.Connection, module.AsyncConnection):
            kind.connect = classmethod(self._make_connect(kind.connect.__func__, parse))
        module.connect = module.Connection.connect

    def _make_connect(self, real: Any, parse: Any) -> Any:
        def connect(cls: Any, conninfo: str = "", **options: Any) -> Any:
            words = {key: options[key] for key in ("host", "hostaddr", "port") if key in options}
            return real(cls, conninfo, **{**options, **self._redirect(parse(conninfo, **words))})

        return connect
