"""Whether a merged pin is in effect: whoever runs the job has to install what it asks for.

Belongs here: the packages of a run, or of the job's Python today, beside the pins of a merged
repair. Does not belong here: what a failure on probation means (`probation`), a run that is done
again (`rerun`), or installing anything, which healer does nowhere but in images.
"""

from healer.facts.draft import PackageMove
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger
from healer.tape.packages import list_packages
from healer.tape.recordings import Recordings
from quarantine.requirement_pins import normalize


def is_installed(row: RepairRow, failure: Failure, ledger: Ledger, recordings: Recordings) -> bool:
    """Whether the run that failed had what the repair pins, if it pins anything. Where that is not
    known the run says nothing of the fix, and the answer is no."""
    pins = _read_pins(row, ledger)
    tape = recordings.of_failure(failure) if pins else None
    return _has_all(pins, tape.packages if tape else ())


def is_installed_now(
    row: RepairRow, failure: Failure, ledger: Ledger, recordings: Recordings
) -> bool:
    """The same of the job's Python as it is now."""
    pins = _read_pins(row, ledger)
    tape = recordings.of_failure(failure) if pins else None
    return _has_all(pins, list_packages(tape.processes) if tape else ())


def _read_pins(row: RepairRow, ledger: Ledger) -> tuple[PackageMove, ...]:
    dossier = ledger.dossier(row.id)
    last = dossier.last_candidate if dossier else None
    return last.draft.pins if last else ()


def _has_all(pins: tuple[PackageMove, ...], packages: tuple[str, ...]) -> bool:
    pairs = (package.partition("==") for package in packages)
    releases = {normalize(name): release for name, _, release in pairs}
    return all(releases.get(normalize(pin.name)) == pin.old for pin in pins)
