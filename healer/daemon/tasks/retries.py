"""Repairs that lacked a sandbox, or the day's money, are taken up again by themselves.

Belongs here: which, and when. Does not belong here: how a repair starts (`intake`). The ledger
alone tells: how often in a row, and when last. So this outlives every crash.
"""

from collections.abc import Iterator

from healer.daemon.intake import Intake
from healer.draft.llm.endpoint.budget import PER_DAY
from healer.draft.llm.endpoint.clock import day_of
from healer.facts.repair import Request
from healer.ledger.store import RepairRow
from healer.services import Services

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 900.0
"""Docker Engine that comes back in the morning finds its work within a quarter of an hour."""
GIVEN_UP_AFTER_S = 7 * 86_400.0
"""A repair that could not be judged for so long waits for its next failure instead."""
_MAX_DOUBLINGS = 10


class Unjudged:
    """Starts such repairs anew, each time after twice the wait."""

    every_s = 10.0
    name = "unjudged repairs"

    def __init__(self, services: Services) -> None:
        self._services = services

    def do(self, now: float, intake: Intake) -> None:
        """Starts each one whose wait is over, unless something newer has been tried since."""
        rows = self._services.ledger.ended_with("unjudged", since=now - GIVEN_UP_AFTER_S)
        for row, times in _newest(rows):
            if now >= row.updated_at + wait_s(times) and not _superseded(row, self._services):
                intake.again(row)


class Unpaid:
    """Starts anew, on another day, what the budget of a day has stopped."""

    every_s = 60.0
    name = "unpaid repairs"

    def __init__(self, services: Services) -> None:
        self._services = services

    def do(self, now: float, intake: Intake) -> None:
        """What the budget of one repair has stopped is left alone: it would only stop it again."""
        rows = self._services.ledger.ended_with("gave_up", since=now - GIVEN_UP_AFTER_S)
        for row, _ in _newest(tuple(row for row in rows if _lacked_the_days_money(row))):
            another_day = day_of(row.updated_at) < day_of(now)
            if another_day and not _superseded(row, self._services):
                intake.again(row)


def _lacked_the_days_money(row: RepairRow) -> bool:
    said = str(row.result.get("reason", ""))
    return bool(row.result.get("stopped_by_budget")) and PER_DAY in said


def _superseded(row: RepairRow, services: Services) -> bool:
    later = services.ledger.since(row.script, row.created_at)
    return any(each.fingerprint == row.fingerprint for each in later)


def wait_s(times: int) -> float:
    """How long a repair rests that could not be judged so many times in a row."""
    return min(FIRST_WAIT_S * 2.0 ** min(times - 1, _MAX_DOUBLINGS), LONGEST_WAIT_S)


def _newest(rows: tuple[RepairRow, ...]) -> Iterator[tuple[RepairRow, int]]:
    """The newest try at each wish that healer had itself, and how many there were."""
    tries: dict[str, list[RepairRow]] = {}
    for row in rows:
        request = Request.model_validate(row.request)
        if request.merge and not request.command:  # else a person typed it, and saw the outcome
            tries.setdefault(f"{row.script} {row.fingerprint}", []).append(row)
    for found in tries.values():
        yield found[-1], len(found)
