"""A fleet in memory, for the tests of its pages: it obeys the Protocol's contract."""

from dataclasses import dataclass, field

from healer.render.repair_view import RepairView
from healer.support.postgres import Scope
from healer.web.fleet import (
    Counts,
    FleetIncidentLine,
    FleetOverview,
    FleetQuery,
    RepositoryLine,
    TenantLine,
    TroubleLine,
    WorkerLine,
)
from healer.web.repairs import IncidentView, RefusedError, Word
from tests.support.repairs import OPENED, hostile_repair, repair

JOBS = Scope("shop", "git.example.com/shop/jobs")
OTHER = Scope("bank", "git.example.com/bank/" + "ledger" * 12)
INCIDENT = "00112233445566aa"


@dataclass
class MemoryFleet:
    """Two tenants with a repository each."""

    calls: list[tuple[str, ...]] = field(default_factory=list)

    def overview(self, query: FleetQuery) -> FleetOverview:
        tenants = [
            TenantLine(
                tenant=scope.tenant,
                repositories=1200,
                counts=Counts(open=3, waiting=1),
                last_failure=OPENED,
                merged=40,
                reverted=2,
                breaker="2 of the 40 fixes were taken out" if scope is OTHER else "",
            )
            for scope in self._visible(query)
        ]
        workers = (
            WorkerLine(host="w1", kind="worker", slots=4, busy=1, last_sign=OPENED, is_alive=True),
            WorkerLine(host="w2", kind=JOBS.repository, last_sign=OPENED, is_alive=False),
        )
        if JOBS not in self._visible(query):
            workers = workers[:1]
        trouble = TroubleLine(tenant="shop", at=OPENED, detail="6 repositories fail alike")
        return FleetOverview(
            tenants=tuple(tenants),
            workers=workers,
            troubles=(trouble,) if JOBS in self._visible(query) else (),
            failures=self.incidents(query),
        )

    def repositories(self, query: FleetQuery) -> tuple[RepositoryLine, ...]:
        return tuple(
            RepositoryLine(
                tenant=scope.tenant,
                repository=scope.repository,
                counts=Counts(open=1),
                last_failure=OPENED,
                last_summary="KeyError: 'amuont' " + "x" * 300,
                work="exit 3, 2 times in a row",
                is_well=False,
            )
            for scope in self._visible(query)
            if query.words in scope.repository
        )

    def incidents(self, query: FleetQuery) -> tuple[FleetIncidentLine, ...]:
        return tuple(
            FleetIncidentLine(
                tenant=scope.tenant,
                repository=scope.repository,
                fingerprint=INCIDENT,
                script="scripts/report.py",
                state="waits for a person",
                is_over=False,
                count=3,
                last_at=OPENED,
                summary="KeyError: 'amuont' " + "x" * 300,
                repair="r7",
            )
            for scope in self._visible(query)
            for _ in range(51 if query.words == "many" else 1)
        )

    def incident(self, scope: Scope, fingerprint: str) -> IncidentView | None:
        if fingerprint != INCIDENT or scope not in (JOBS, OTHER):
            return None
        return IncidentView(
            fingerprint=fingerprint,
            script="scripts/report.py",
            state="waits for a person",
            is_over=False,
            count=3,
            last_at=OPENED,
            summary="KeyError: 'amuont'",
            life=("failed 3 times",),
            commands=(),
            repairs=(repair(),),
        )

    def repair(self, scope: Scope, repair: str) -> RepairView | None:
        return self._views().get(repair) if scope in (JOBS, OTHER) else None

    def decide(self, scope: Scope, repair: str, word: Word, *, by: str) -> None:
        if self.repair(scope, repair) is None:
            raise RefusedError(f"there is no repair {repair!r} in {scope.repository}")
        self.calls.append((word.action, scope.tenant, repair, word.argument, by))

    def put_off(self, scope: Scope, fingerprint: str, duration: str, *, by: str) -> None:
        if duration == "never":
            raise RefusedError("'never' is no length of time; such as 30m, 2h or 3d")
        self.calls.append(("put off", scope.tenant, fingerprint, duration, by))

    def _views(self) -> dict[str, RepairView]:
        return {"r7": repair(), "bad1": hostile_repair(repair="bad1")}

    def _visible(self, query: FleetQuery) -> list[Scope]:
        return [
            scope
            for scope in (JOBS, OTHER)
            if (query.tenants is None or scope.tenant in query.tenants)
            and query.tenant in ("", scope.tenant)
            and query.repository in ("", scope.repository)
        ]
