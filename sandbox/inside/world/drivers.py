"""Leads drivers that speak to PostgreSQL through libpq to the peers of that night.

Runs in the program under test; loaded where the world has peers. libpq looks names up by itself, in
C, so each connection is given the address and the port where its peer is now. Belongs here: what is
changed in these drivers, once they are loaded. Does not belong here: Python's own sockets (`hook`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # nothing is loaded that the program does not load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Place = Callable[[str, int], "tuple[Any, ...]"]
    """Where a recorded host and port are now."""

_PORT = 5432
_FOLDERS = ("/var/run/postgresql", "/run/postgresql", "/tmp")
"""Where a server on this machine listens, for a job that named no host."""


def lead(find_place: Place, knows: Callable[[str, int], bool]) -> None:
    """From now on; `knows` says whether a host and port are on the tape."""
    sys.meta_path.insert(0, _Finder(find_place, knows))


class _Finder:
    """First on `sys.meta_path`: what it answers for, it lets the others find."""

    def __init__(self, find_place: Place, knows: Callable[[str, int], bool]) -> None:
        self._find_place, self._knows = find_place, knows
        self._wrappers = {"psycopg2": self._wrap_psycopg2, "psycopg": self._wrap_psycopg}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """As the import system asks."""
        wrap = self._wrappers.pop(name, None)
        if wrap is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, wrap)  # type: ignore[assignment]  # a part of one
                return spec
        return None

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


class _Loader:
    """A module's own loader, and then a change of the module."""

    def __init__(self, real: Any, wrap: Callable[[Any], None]) -> None:
        self._real, self._wrap = real, wrap

    def create_module(self, spec: Any) -> Any:
        """As the import system asks."""
        return self._real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """As the import system asks."""
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        self._wrap(module)
