"""How each endpoint and model wants to be asked, remembered from call to call.

Belongs here: the small file that this is kept in. Does not belong here: finding it out (`client`).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from healer.draft.llm.endpoint.dialect import Dialect
from healer.draft.llm.endpoint.edit_habit import EditHabit
from healer.draft.llm.endpoint.settings import Endpoint
from healer.support.atomic_file import write_atomically

_DIALECTS = TypeAdapter(dict[str, Dialect])


class DialectMemory:
    """What each endpoint and model turned out to accept, so that the next call asks so at once.

    It is only a memory: a file that cannot be read or written is done without.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path` is a small JSON file; None keeps it in this object."""
        self._path = path
        self._lock = Lock()
        self._dialects = _read_dialects(path)

    def recall(self, endpoint: Endpoint) -> Dialect:
        """What worked last; the strictest dialect where nothing is known."""
        with self._lock:
            return self._dialects.get(_key_of(endpoint), Dialect())

    def remember(self, endpoint: Endpoint, dialect: Dialect) -> None:
        """Keeps what worked, and what is known of its edits, which `learn_edits` alone changes."""
        with self._lock:
            edits = self._dialects.get(_key_of(endpoint), dialect).edits
            self._keep(endpoint, replace(dialect, edits=edits))

    def learn_edits(self, endpoint: Endpoint, learn: Callable[[EditHabit], EditHabit]) -> EditHabit:
        """Keeps what a reply has taught of the form of its edits; gives what is known then."""
        with self._lock:
            dialect = self._dialects.get(_key_of(endpoint), Dialect())
            self._keep(endpoint, replace(dialect, edits=learn(dialect.edits)))
            return self._dialects.get(_key_of(endpoint), dialect).edits

    def _keep(self, endpoint: Endpoint, dialect: Dialect) -> None:
        if self._dialects.get(_key_of(endpoint)) == dialect:
            return
        self._dialects[_key_of(endpoint)] = dialect
        if self._path is not None:
            with suppress(OSError):
                data = _DIALECTS.dump_json(self._dialects, indent=1)
                write_atomically(self._path, data, durable=False)


def _key_of(endpoint: Endpoint) -> str:
    return f"{endpoint.base_url.rstrip('/')} {endpoint.model}"


def _read_dialects(path: Path | None) -> dict[str, Dialect]:
    try:
        return _DIALECTS.validate_json(path.read_bytes()) if path else {}
    except (OSError, ValueError):
        return {}  # the first call finds out again
