"""One bug with two incidents: the same line fails for several jobs, or with varying words.

Belongs here: which repairs of other incidents have a failure's cause, and whether their fix heals
it. Does not belong here: what waits for which (`healer.daemon`), and what is one incident
(`healer.failure`).

A cause is the innermost own line and the kind of the exception; only what both show exactly counts.
Whether the one fix heals the other is never concluded from this: its command is run on today's tip.
"""

from typing import NamedTuple

from healer.evidence.baseline import examine
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.repair.premises import is_mended
from healer.repair.request import build_request
from healer.services import Services


class Cause(NamedTuple):
    """Where something fails, and how."""

    file: str
    function: str
    line: str
    error: str


def find_cause(failure: Failure) -> Cause | None:
    """The cause of a failure; None where its line is not known."""
    frame, error = failure.culprit, failure.exception
    line = frame.source.strip() if frame else ""
    if frame is None or error is None or not line or "<REDACTED" in line:
        return None
    return Cause(frame.file, frame.function, line, error.type)


def find_sibling(failure: Failure, services: Services) -> RepairRow | None:
    """The repair of another incident with this cause that comes first: a fix on probation of which
    it is not known yet whether it heals this one, too, or a repair under way."""
    cause = find_cause(failure)
    if cause is None:
        return None
    ledger = services.ledger
    ruled_out = {each.detail for each in services.incidents.list_life(failure.fingerprint)}
    for row in (*reversed(ledger.merged_without("probation")), *ledger.repairs("open")):
        other = row.request.failure if row.request else None
        is_other = other is not None and other.fingerprint != failure.fingerprint
        if other and is_other and find_cause(other) == cause and say_no(row) not in ruled_out:
            return row
    return None


def say_no(row: RepairRow) -> str:
    """What is noted where a sibling's fix does not heal an incident."""
    return f"the fix of repair {row.id} does not heal it"


def is_healed_by(row: RepairRow, failure: Failure, services: Services) -> bool | None:
    """Whether a sibling's merged fix heals this one, too: its command fails without the fix, and
    succeeds on today's tip; None where that cannot be told now."""
    repository = services.repository
    request = build_request(
        repository, services.config, failure.script, failure=failure, clock=services.clock
    )
    parents = repository.parents(row.fix_commit)
    here = services.for_request(request)
    before = examine(request.model_copy(update={"base": parents[0]}), here)
    today = examine(request, here)
    if "unjudged" in (before.stop, today.stop):
        return None
    return is_mended(before, today)
