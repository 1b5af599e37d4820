"""Who has signed on, kept in the browser: signed, for some hours, and over when they sign out.

Belongs here: making and reading a session. Does not belong here: how somebody proved who they are
(`sign_on`), and the printed token's own session (`security`).

The key is drawn when the server starts: a new start signs everybody out, and no copy of a file can
make a session.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from healer.web.roles import ROLES, Grant, Person

_LONGEST = 3_500
"""Of a cookie; browsers keep no more than 4,096."""


class TooManyGrantsError(Exception):
    """A person's roles do not fit into a session."""


class Sessions:
    """Those of one running server; safe for several threads."""

    def __init__(self, hours: float, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since the epoch."""
        self.lasts_s, self._clock = int(hours * 3_600), clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}
        """Sessions that were ended, until they would have ended by themselves."""

    def open(self, person: Person) -> str:
        """The value of a session's cookie. Raises TooManyGrantsError."""
        facts = {
            "name": person.name,
            "how": person.how,
            "grants": [[each.role, list(each.tenants)] for each in person.grants],
            "until": self._clock() + self.lasts_s,
            "id": secrets.token_urlsafe(16),
        }
        value = self.seal(json.dumps(facts), "session")
        if len(value) > _LONGEST:
            raise TooManyGrantsError
        return value

    def find(self, value: str) -> Person | None:
        """Whose it is; None where it was forged, is over or was ended."""
        facts = self._read(value)
        if facts is None:
            return None
        roles = {role: role for role in ROLES}
        grants = tuple(Grant(roles[role], tuple(tenants)) for role, tenants in facts["grants"])
        return Person(facts["name"], facts["how"], grants)

    def end(self, value: str) -> None:
        """From now on it opens nothing, whoever has a copy."""
        facts, now = self._read(value), self._clock()
        with self._lock:
            self._ends = {name: until for name, until in self._ends.items() if until > now}
            if facts is not None:
                self._ends[facts["id"]] = facts["until"]

    def make_form_token(self, value: str) -> str:
        """What the forms of this session carry."""
        return self._digest(value, "form")

    def seal(self, text: str, purpose: str) -> str:
        """A text that only this server can have made, for this purpose."""
        body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        return f"{body}.{self._digest(body, purpose)}"

    def unseal(self, value: str, purpose: str) -> str | None:
        """The text; None where this server has not made it for this purpose."""
        body, _, digest = value.partition(".")
        ours = self._digest(body, purpose).encode()
        if not hmac.compare_digest(digest.encode(errors="replace"), ours):
            return None
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()

    def _read(self, value: str) -> dict[str, Any] | None:
        text = self.unseal(value, "session")
        facts = json.loads(text) if text else None
        if facts is None or facts["until"] <= self._clock():
            return None
        with self._lock:
            return None if facts["id"] in self._ends else facts

    def _digest(self, text: str, purpose: str) -> str:
        message = f"{purpose}\n{text}".encode(errors="replace")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
