"""Who a person on the page is, and what each role may do: one table. Pure.

Belongs here: roles, acts, and asking the table. Does not belong here: how somebody proves who they
are (`security`, `sign_on`), and what an act does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["viewer", "reviewer", "admin"]
Act = Literal[
    "look", "approve", "reject", "answer", "put_off", "submit", "roll_back", "pause", "trust"
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
ACTS: Final[tuple[Act, ...]] = get_args(Act)
_DECIDES: Final[frozenset[Act]] = frozenset({"look", "approve", "reject", "answer", "put_off"})
MAY: Final[Mapping[Role, frozenset[Act]]] = {
    "viewer": frozenset({"look"}),
    "reviewer": _DECIDES,
    "admin": frozenset(ACTS),
}
"""`put_off` is to acknowledge and to snooze; `pause` also to resume."""
WORDS: Final[Mapping[Act, str]] = {
    "look": "look",
    "approve": "approve",
    "reject": "reject",
    "answer": "answer questions",
    "put_off": "acknowledge or snooze",
    "submit": "start repairs",
    "roll_back": "take fixes out",
    "pause": "pause or resume",
    "trust": "allow what healer.toml has this machine do",
}
"""What each is called where it is refused."""


@dataclass(frozen=True)
class Grant:
    """One role, in some tenants or in all."""

    role: Role
    tenants: tuple[str, ...] = ()
    """Empty: all of them."""

    def covers(self, tenant: str) -> bool:
        """Whether it is for this tenant."""
        return not self.tenants or tenant in self.tenants


@dataclass(frozen=True)
class Person:
    """Somebody who may use the page."""

    name: str
    """As the provider knows them; empty: whoever has the account that serves the page."""
    how: str
    """By what they proved it."""
    grants: tuple[Grant, ...]

    @property
    def by(self) -> str:
        """What stands beside a decision: who, and how; empty where the account says it."""
        return f"{self.name} ({self.how})" if self.name else ""

    @property
    def tenants(self) -> tuple[str, ...] | None:
        """Those that they may look at; None: all."""
        names = [each.tenants for each in self.grants if "look" in MAY[each.role]]
        return None if () in names else tuple(dict.fromkeys(sum(names, ())))

    def may(self, act: Act, tenant: str) -> bool:
        """Whether the table lets them do it in this tenant."""
        return any(each.covers(tenant) and act in MAY[each.role] for each in self.grants)

    def explain_refusal(self, act: Act, tenant: str) -> str:
        """Why they may not, and who may."""
        roles = " or ".join(role for role in ROLES if act in MAY[role])
        where = f" in tenant {tenant}" if tenant else ""
        return (
            f"{self.name or 'you'} may not {WORDS[act]}{where}; that takes the role {roles}; ask "
            "the owner of this healer"
        )


def local_person(tenant: str = "") -> Person:
    """Whoever has the printed token: an admin, of one tenant where the page is a clone's."""
    return Person("", "by the printed token", (Grant("admin", (tenant,) if tenant else ()),))
