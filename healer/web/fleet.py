"""What the pages of a fleet need of the rest of healer: one small Protocol and its facts.

Belongs here: the need. Does not belong here: how it is met (`healer.app.fleet_view`), how it is
shown (`fleet_pages`), and the repository that a page is of (`repairs`).
"""

from dataclasses import dataclass
from typing import Protocol

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.render.repair_view import RepairView
from healer.support.postgres import Scope
from healer.web.repairs import IncidentLine, IncidentView, Word


@dataclass(frozen=True)
class FleetQuery:
    """What of a list is asked for."""

    tenants: tuple[str, ...] | None
    """Those that the person may look at; None: all."""
    tenant: str = ""
    """Only of this one; empty: of all of them."""
    repository: str = ""
    """Only of this one, by its whole name; empty: of all."""
    words: str = ""
    """A part of the repository's name in a list of those, of the script's in one of incidents."""
    state: str = ""
    """An incident's state; empty: those that are not over. `all`: any."""
    page: int = 1
    """From 1."""


class Counts(Fact):
    """Incidents by their state, those that are over left out."""

    open: int = 0
    repairing: int = 0
    waiting: int = 0
    probation: int = 0


class TenantLine(Fact):
    """One tenant."""

    tenant: str
    repositories: int
    counts: Counts
    last_failure: AwareDatetime | None
    merged: int
    reverted: int
    breaker: str = ""
    """Why no fix of it merges without a person now; empty: one may."""


class RepositoryLine(Fact):
    """One repository."""

    tenant: str
    repository: str
    counts: Counts
    last_failure: AwareDatetime | None
    last_summary: str = ""
    """What failed last."""
    work: str = ""
    """What a worker does there, or why not, in a few words; empty where there is nothing to say."""
    is_well: bool = True
    """False: the last turn there has failed."""


class FleetIncidentLine(IncidentLine):
    """One incident with whose it is."""

    tenant: str
    repository: str
    repair: str
    """Its last one; empty where there is none."""


class WorkerLine(Fact):
    """One process that repairs: a worker, or the daemon of a clone."""

    host: str
    kind: str
    """`worker`, or the repository that it is a clone of."""
    slots: int = 0
    busy: int = 0
    last_sign: AwareDatetime
    is_alive: bool


class TroubleLine(Fact):
    """What concerns many repositories at once."""

    tenant: str
    at: AwareDatetime
    detail: str


class FleetOverview(Fact):
    """How all stands."""

    tenants: tuple[TenantLine, ...]
    workers: tuple[WorkerLine, ...]
    troubles: tuple[TroubleLine, ...]
    failures: tuple[FleetIncidentLine, ...]
    """What failed last, a few lines."""


class Fleet(Protocol):
    """All repositories of a shared database. Called from several threads; each call ends within
    seconds. Raises AwayError where the database cannot be asked.

    Lists give at most one row more than a page has, which says that there is a next one. Whose they
    are is the query's to say; of a single thing the caller has asked whether the person may see it.
    """

    def overview(self, query: FleetQuery) -> FleetOverview:
        """Tenants, workers, and what failed last."""

    def repositories(self, query: FleetQuery) -> tuple[RepositoryLine, ...]:
        """A page of repositories, the one that failed last first."""

    def incidents(self, query: FleetQuery) -> tuple[FleetIncidentLine, ...]:
        """A page of incidents, the one that failed last first."""

    def incident(self, scope: Scope, fingerprint: str) -> IncidentView | None:
        """One incident by its whole id."""

    def repair(self, scope: Scope, repair: str) -> RepairView | None:
        """One repair by its whole id, with its evidence."""

    def decide(self, scope: Scope, repair: str, word: Word, *, by: str) -> None:
        """Has a decision carried out by a machine that has the repository; the repair says how that
        goes. Raises RefusedError where it cannot be, or another one is under way."""

    def put_off(self, scope: Scope, fingerprint: str, duration: str, *, by: str) -> None:
        """Leaves an incident alone for `duration` (`2h`), or, without one, says that somebody is
        at it. Raises RefusedError."""
