"""Who may bring failures to the hub: tokens that may only post, for named repositories.

Belongs here: making, listing, revoking and knowing them. Does not belong here: requests
(`healer.web.hub`). A token is shown once, when it is made; the table has its digest alone. 256 bits
of chance are not guessed, so the digest needs no salt.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from healer.support.tables import Tables

PREFIX = "healer-"
"""Says to people, and to programs that look for leaked secrets, what it is."""
_BYTES = 32
_ALL_BELOW = "/*"


class TokenError(Exception):
    """A token cannot be made or revoked: one sentence with the next step."""


@dataclass(frozen=True)
class Grant:
    """What a token allows."""

    name: str
    tenant: str
    repositories: tuple[str, ...]
    """As `quarantine.remote.canonical_url` spells them; one that ends in `/*` is all below it."""
    made_at: float = 0.0
    revoked_at: float = 0.0
    """Seconds since the epoch; 0: it is in force."""

    def covers(self, repository: str) -> bool:
        """Whether it is for this repository."""
        return any(
            repository == each
            or (each.endswith(_ALL_BELOW) and repository.startswith(each[: -len("*")]))
            for each in self.repositories
        )


class HubTokens:
    """The tokens of all tenants."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def make(self, name: str, tenant: str, repositories: Iterable[str], *, now: float) -> str:
        """A new token; whoever loses it needs another one. Raises TokenError where there is one of
        that name."""
        token = PREFIX + secrets.token_urlsafe(_BYTES)
        row = (name, _digest(token), tenant, json.dumps(list(repositories)), now)
        with self._tables.transaction() as connection:
            rows = connection.execute(
                "INSERT INTO token (name, digest, tenant, repositories, made_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                row,
            )
            if not rows.rowcount:
                raise TokenError(f"there is a token {name!r} already; choose another name")
        return token

    def list_all(self) -> tuple[Grant, ...]:
        """All that were ever made, by name."""
        return self._select("ORDER BY name")

    def revoke(self, name: str, *, now: float) -> None:
        """From now on it opens nothing. Raises TokenError where there is none of that name."""
        with self._tables.transaction() as connection:
            rows = connection.execute(
                "UPDATE token SET revoked_at = ? WHERE name = ? AND revoked_at = 0", (now, name)
            )
            if not rows.rowcount:
                raise TokenError(f"there is no token {name!r} in force; see healer hub token list")

    def find(self, token: str) -> Grant | None:
        """What a token allows; None for one that is unknown or revoked."""
        if not token.startswith(PREFIX) or not token.isascii():
            return None
        grants = self._select("WHERE digest = ? AND revoked_at = 0", _digest(token))
        return grants[0] if grants else None

    def _select(self, condition: str, *values: str) -> tuple[Grant, ...]:
        columns = "name, tenant, repositories, made_at, revoked_at"
        rows = self._tables.query(f"SELECT {columns} FROM token {condition}", values)  # noqa: S608 - constants
        return tuple(
            Grant(name, tenant, tuple(json.loads(repositories)), made_at, revoked_at)
            for name, tenant, repositories, made_at, revoked_at in rows
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
