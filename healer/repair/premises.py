"""What was true when a failure was recorded, asked again of today's target branch.

Belongs here: whether a recorded failure still speaks of today's code, and whether a repair is still
needed. Does not belong here: counting (`incident_events`), the sandbox's runs (`healer.evidence`),
what follows from an answer (`workflow`, `healer.daemon.intake`).
"""

from healer.failure import Failure
from healer.repair.incident_events import has_commit
from healer.services import Services
from quarantine.tree import Tree


def why_outdated(failure: Failure, services: Services) -> str:
    """Why a recorded failure tells nothing of today's code, in a sentence; empty where it may.

    A fix of its own incident was merged, and the code that failed had it not; or the line that
    failed is not in today's code any more, and without a tape nobody can ask again.
    """
    repository, target = services.repository, services.config.target
    tip = repository.tip(target)
    if tip is None or not failure.commit or failure.dirty or failure.commit == tip:
        return ""
    fixes = services.ledger.with_outcome("healed", since=0.0)
    fix = next((row for row in reversed(fixes) if row.incident == failure.fingerprint), None)
    if fix is not None and has_commit(repository, tip, fix.fix_commit):
        is_older = not has_commit(repository, failure.commit, fix.fix_commit)
        why = f"repair {fix.id} was merged since, and the code that failed has it not"
        return why if is_older else ""
    if services.recordings.of_failure(failure) is not None or not has_commit(
        repository, tip, failure.commit
    ):
        return ""
    return _why_line_is_gone(failure, repository.tree(tip), target)


def _why_line_is_gone(failure: Failure, tree: Tree, target: str) -> str:
    frame = failure.culprit
    if frame is None or not frame.source or "<REDACTED" in frame.source:
        return ""
    line = frame.source.splitlines()[0].strip()
    today = (tree.read(frame.file) or b"").decode("utf-8", "replace")
    if any(each.strip() == line for each in today.splitlines()):
        return ""
    return f"its line is not in today's {target} any more ({frame.file}:{frame.line})"
