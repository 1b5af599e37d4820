"""Which recorded answer a request gets.

Belongs here: comparing requests, and whose turn it is. Does not belong here: bytes on a wire
(`peers`). A request is matched by method, host, path and query, then by its body, then by order.
What is not in the book gets no answer: nothing is invented.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from .messages import WorldExchange, WorldPeer

_REDACTED = "<REDACTED:"
_PLACEHOLDER = re.compile(rb"<REDACTED:[a-z0-9-]+:\d+>")
_VOLATILE = frozenset(
    {"_", "ts", "timestamp", "time", "nonce", "cachebuster", "cb", "rand", "random", "sig",
     "signature", "request_id", "requestid"}
)  # fmt: skip
"""Query keys that are other ones in each run."""
_MOMENT = re.compile(
    r"\d{10}(\.\d+|\d{3})?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz+-].*)?"
)


class Entry:
    """One recorded exchange, as it is compared."""

    def __init__(
        self,
        place: str,
        exchange: WorldExchange,
        *,
        is_spare: bool = False,
        is_pending: bool = False,
    ) -> None:
        """`place` is `host:port` of the connection; `is_spare`: of another night; `is_pending`: the
        job ended before the answer came."""
        self.exchange = exchange
        self.is_spare = is_spare
        self.is_pending = is_pending
        self.path, self.query = split_target(exchange["target"])
        self.hosts = {place, _host_of(exchange["headers"]) or place}
        self.body = urlsafe_b64decode(exchange["body"])
        self.uses = 0


def list_entries(peers: list[WorldPeer]) -> list[Entry]:
    """All exchanges of the peers, in their order."""
    return [
        Entry(
            f"{peer['host']}:{peer['port']}",
            exchange,
            is_spare=peer["is_spare"],
            is_pending=not (exchange["status"] or peer["is_ended"] or peer["error"]),
        )
        for peer in peers
        for exchange in peer["exchanges"]
    ]


def split_target(target: str) -> tuple[str, list[tuple[str, str]]]:
    """(path, query) of a request's target; an absolute one loses its host."""
    if "://" in target.partition("?")[0]:
        target = "/" + target.split("://", 1)[1].partition("/")[2]
    path, _, query = target.partition("?")
    return unquote(path), parse_qsl(query, keep_blank_values=True)


def _host_of(headers: list[list[str]]) -> str:
    return next((value for name, value in headers if name.lower() == "host"), "")


class Book:
    """All recorded exchanges, and how often each was given."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    def find(
        self, method: str, target: str, places: set[str], body: bytes, *, is_late: bool = False
    ) -> Entry | None:
        """The answer to a request at one of these places; None: it was never asked. `is_late`: the
        job goes on where it ended that night, so that none is pending."""
        path, query = split_target(target)
        fitting = [
            entry
            for entry in self._entries
            if entry.exchange["method"] == method
            and entry.path == path
            and entry.hosts & places
            and _is_same_query(entry.query, query)
        ]
        own = [entry for entry in fitting if not entry.is_spare]
        own = [entry for entry in own if not (is_late and entry.is_pending)]
        fitting = own or fitting
        same = [entry for entry in fitting if _is_same_body(entry.body, body)]
        if not same and method not in ("GET", "HEAD"):
            same = fitting
        entry = next((each for each in same if not each.uses), same[-1] if same else None)
        if entry is None:
            return None
        entry.uses += 1
        return entry


def _is_same_query(before: list[tuple[str, str]], now: list[tuple[str, str]]) -> bool:
    def keep(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return sorted(pair for pair in pairs if pair[0].lower() not in _VOLATILE)

    one, other = keep(before), keep(now)
    return len(one) == len(other) and all(
        first == second and _is_same_value(value, new_value)
        for (first, value), (second, new_value) in zip(one, other)
    )


def _is_same_value(before: str, now: str) -> bool:
    if before == now or _REDACTED in before:
        return True
    return bool(_MOMENT.fullmatch(before) and _MOMENT.fullmatch(now)) and (
        before[:10] == now[:10] or before[:6] == now[:6]
    )


def _is_same_body(before: bytes, now: bytes) -> bool:
    if before == now:
        return True
    parts = _PLACEHOLDER.split(before)
    pattern = b".*".join(re.escape(part) for part in parts)
    return len(parts) > 1 and re.fullmatch(pattern, now, re.DOTALL) is not None
