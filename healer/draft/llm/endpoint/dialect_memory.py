"""How each endpoint and model wants to be asked, remembered from call to call.

Belongs here: the small file that this is kept in. Does not belong here: finding it out (`client`).
"""

from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from healer.draft.llm.endpoint.dialect import Dialect
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
        """Keeps what worked."""
        with self._lock:
            if self._dialects.get(_key_of(endpoint)) == dialect:
                return
            self._dialects[_key_of(endpoint)] = dialect
            if self._path is not None:
                try:
                    data = _DIALECTS.dump_json(self._dialects, indent=1)
                    write_atomically(self._path, data, durable=False)
                except OSError:
                    return


def _key_of(endpoint: Endpoint) -> str:
    return f"{endpoint.base_url.rstrip('/')} {endpoint.model}"


def _read_dialects(path: Path | None) -> dict[str, Dialect]:
    try:
        return _DIALECTS.validate_json(path.read_bytes()) if path else {}
    except (OSError, ValueError):
        return {}  # the first call finds out again
