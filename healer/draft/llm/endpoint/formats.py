"""What each endpoint turned out to accept, so that the next call asks in the right way at once.

Belongs here: one small JSON file in the state folder (or memory). Does not belong here: finding
it out (`client`).
"""

import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Literal

Format = Literal["schema", "json", "fence"]
FORMATS: tuple[Format, ...] = ("schema", "json", "fence")
"""From the strictest to the one that every endpoint can do."""


@dataclass(frozen=True)
class Manner:
    """How to ask one model at one endpoint."""

    format: Format = "schema"
    stream: bool = False
    tokens_key: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"

    def weaker(self) -> "Manner":
        """The next format down; the last stays."""
        index = min(FORMATS.index(self.format) + 1, len(FORMATS) - 1)
        return replace(self, format=FORMATS[index])


class Manners:
    """Manners by endpoint and model. A file that cannot be read or written is done without."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = Lock()
        self._known = _read(path)

    def of(self, base_url: str, model: str) -> Manner:
        """What worked last; the strictest manner where nothing is known."""
        with self._lock:
            return self._known.get(_key(base_url, model), Manner())

    def remember(self, base_url: str, model: str, manner: Manner) -> None:
        """Keeps what worked."""
        with self._lock:
            if self._known.get(_key(base_url, model)) == manner:
                return
            self._known[_key(base_url, model)] = manner
            _write(self._path, self._known)


def _key(base_url: str, model: str) -> str:
    return f"{base_url.rstrip('/')} {model}"


def _read(path: Path | None) -> dict[str, Manner]:
    if path is None:
        return {}
    try:
        return {key: _manner(value) for key, value in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # it is only a memory: the first call finds out again


def _manner(value: dict[str, object]) -> Manner:
    manner = Manner(**value)  # type: ignore[arg-type]  # checked in the next line
    known = manner.format in FORMATS and isinstance(manner.stream, bool)
    if not known or manner.tokens_key not in ("max_completion_tokens", "max_tokens"):
        raise ValueError("not a manner")
    return manner


def _write(path: Path | None, known: dict[str, Manner]) -> None:
    if path is None:
        return
    text = json.dumps({key: asdict(manner) for key, manner in known.items()}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            file.write(text)
        os.replace(file.name, path)  # noqa: PTH105  (whole or not at all)
    except OSError:
        return
