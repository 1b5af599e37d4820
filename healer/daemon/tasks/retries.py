"""Repairs that lacked a sandbox, or the day's money, are taken up again by themselves.

Belongs here: which, and when. Does not belong here: how a repair starts (`healer.daemon.intake`).
The ledger alone tells: how often in a row, and when last. So this outlives every crash.
"""

from collections.abc import Callable, Iterator

from healer.draft.llm.endpoint.pace import day_of
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 900.0
"""Docker Engine that comes back in the morning finds its work within a quarter of an hour."""
PATIENT_TRIES = 96
"""A day of them: what keeps it from being judged then is nothing short."""
LATER_WAIT_S = 6 * 3_600.0
GIVEN_UP_AFTER_S = 7 * 86_400.0
"""A repair that could not be judged for so long waits for its next failure instead."""
_MAX_DOUBLINGS = 10

Retry = Callable[[RepairRow], None]
"""Starts such a repair anew (`Intake.retry`)."""


class RetryUnjudged:
    """Starts such repairs anew, each time after twice the wait."""

    name = "unjudged repairs"
    every_s = 10.0

    def __init__(self, ledger: Ledger, retry: Retry) -> None:
        self._ledger, self._retry = ledger, retry

    def run(self, now: float) -> None:
        """Starts each one whose wait is over, unless something newer has been tried since."""
        rows = self._ledger.with_outcome("unjudged", since=now - GIVEN_UP_AFTER_S)
        for row, times in _latest_tries(rows):
            if _is_long_past(row, now):
                continue
            if now >= row.updated_at + wait_s(times) and not _is_superseded(row, self._ledger):
                self._retry(row)


class RetryUnpaid:
    """Starts anew, on another day, what the budget of a day has stopped."""

    name = "unpaid repairs"
    every_s = 60.0

    def __init__(self, ledger: Ledger, retry: Retry) -> None:
        self._ledger, self._retry = ledger, retry

    def run(self, now: float) -> None:
        """What the budget of one repair has stopped is left alone: it would only stop it again."""
        rows = self._ledger.with_outcome("gave_up", since=now - GIVEN_UP_AFTER_S)
        for row, _ in _latest_tries(tuple(row for row in rows if _lacked_the_days_money(row))):
            is_another_day = day_of(row.updated_at) < day_of(now)
            if is_another_day and not _is_superseded(row, self._ledger):
                self._retry(row)


def wait_s(times: int) -> float:
    """How long a repair rests that could not be judged so many times in a row."""
    if times > PATIENT_TRIES:
        return LATER_WAIT_S
    return min(FIRST_WAIT_S * 2.0 ** min(times - 1, _MAX_DOUBLINGS), LONGEST_WAIT_S)


def _is_long_past(row: RepairRow, now: float) -> bool:
    """Each try is a repair of its own, and young: what failed tells how long it goes on."""
    failure = row.request.failure if row.request else None
    return failure is not None and now - failure.moment(now) > GIVEN_UP_AFTER_S


def _lacked_the_days_money(row: RepairRow) -> bool:
    return row.result is not None and row.result.exhausted_budget == "day"


def _is_superseded(row: RepairRow, ledger: Ledger) -> bool:
    later = ledger.opened_since(row.script, row.created_at)
    return any(each.fingerprint == row.fingerprint for each in later)


def _latest_tries(rows: tuple[RepairRow, ...]) -> Iterator[tuple[RepairRow, int]]:
    """The newest try at each wish that healer had itself, and how many there were."""
    tries: dict[str, list[RepairRow]] = {}
    for row in rows:
        request = row.request
        # Whoever typed a command saw the outcome.
        if request is not None and request.merge and not request.command:
            tries.setdefault(f"{row.script} {row.fingerprint}", []).append(row)
    for each in tries.values():
        yield each[-1], len(each)
