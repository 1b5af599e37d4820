"""Merged fixes are watched: what fails again is taken out, what runs well is resolved.

Belongs here: which merged repair a failure speaks against, and how a probation ends. Does not
belong here: acting on it (`intake`, `confirm`, `takeout`).

Nothing is kept but the end, as one step of the ledger: whether a repair is on probation, and how
far, is told anew from the ledger, the runs that `healer run` has noted, and git. So a crash at any
moment loses nothing, and ends nothing twice.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from healer.config import Config
from healer.failure import Fact, Failure, Frame, Raised
from healer.ledger.store import Ledger, RepairRow
from healer.render.notice import stamp
from healer.render.one_line import duration
from healer.repair.close import incident_of
from healer.triage import find_own_modules, triage
from healer.watch.runner import run_log
from quarantine.errors import RepositoryError
from quarantine.history import find_repair, line_commit
from quarantine.repository import Repository

LABEL = "probation"
"""The step of the ledger with which a probation ends."""
RELAPSE = "relapse"
"""The step that says which failure showed that the fix is wrong."""
_SLACK_S = 60.0
"""The merge comes a moment before it is recorded; which code ran, the commits tell."""


class Ended(Fact):
    """How a probation ended without a relapse."""

    outcome: Literal["resolved", "unconfirmed"]
    detail: str


class Probation:
    """What is on probation in one repository. Changes nothing."""

    def __init__(self, repository: Repository, config: Config, ledger: Ledger) -> None:
        self._repository, self._config, self._ledger = repository, config, ledger
        self._state: Path = repository.state_dir

    def rows(self) -> tuple[RepairRow, ...]:
        """Merged repairs whose probation has not ended, oldest first."""
        return self._ledger.healed_without(LABEL)

    def said(self, row: RepairRow) -> str:
        """How far the probation of a repair is, in words; empty for one that is not on it."""
        if row.outcome != "healed" or not row.result.get("merged"):
            return ""
        labels = {entry.label for entry in self._ledger.steps(row.id)}
        if LABEL in labels:
            return ""
        if RELAPSE in labels:
            return "being taken out again, for it failed on probation"
        wanted, window_s = self._config.probation_of(row.script)
        until = stamp(datetime.fromtimestamp(row.updated_at + window_s, UTC))
        good = len(self._good_runs(row, row.updated_at + window_s))
        return f"on probation: {good} of {wanted} runs ended well; it ends by {until}"

    def ended(self, row: RepairRow, now: float) -> Ended | None:
        """How the probation has ended by the moment `now`; None while it lasts."""
        wanted, window_s = self._config.probation_of(row.script)
        good = self._good_runs(row, min(now, row.updated_at + window_s))
        many = f"{len(good)} run{'s' if len(good) != 1 else ''}"
        if len(good) >= wanted:
            return Ended(outcome="resolved", detail=f"{many} with the fix ended well")
        if now < row.updated_at + window_s:
            return None
        if good:
            said = f"{many} with the fix ended well in {duration(window_s)}"
            return Ended(outcome="resolved", detail=said)
        said = f"no good run with the fix was seen in {duration(window_s)}"
        return Ended(outcome="unconfirmed", detail=said)

    def broken_by(self, failure: Failure) -> tuple[RepairRow, str] | None:
        """The merged repair that this failure shows to be wrong, and why; the newest of several."""
        when = _moment(failure)
        for row in reversed(self.rows()):
            commit = self._fixed_commit(row, failure, when)
            if commit is None or self.ended(row, when) is not None:
                continue
            what = _what(failure)
            if failure.fingerprint == incident_of(row):
                return row, f"it failed again as before ({what})."
            if self._in_patched_lines(row, failure, commit):
                return row, f"a new failure arose in the lines that it changed ({what})."
        return None

    def merged(self, row: RepairRow) -> str:
        """The commit that brought the fix, also after the target's history was rewritten."""
        merged = str(row.result.get("merged") or "")
        tip = self._repository.tip(self._config.target)
        if tip is None or self._repository.is_ancestor(merged, tip):
            return merged
        return find_repair(self._repository, self._config.target, row.id) or merged

    def _good_runs(self, row: RepairRow, until: float) -> list[run_log.LoggedRun]:
        """Runs of the script, begun up to `until`, that ended well and had the fix."""
        merged, known = self.merged(row), dict[str, bool]()

        def has_fix(commit: str) -> bool:
            if commit not in known:
                known[commit] = bool(commit) and self._repository.is_ancestor(merged, commit)
            return known[commit]

        return [
            run
            for run in run_log.read(self._state)
            if run.script == row.script
            and run.exit_code == 0
            and row.updated_at - _SLACK_S <= run.started_at <= until
            and has_fix(run.commit)
        ]

    def _fixed_commit(self, row: RepairRow, failure: Failure, when: float) -> str | None:
        """The commit that failed, if the fix was in the code that ran; None where it was not, or
        where that cannot be told."""
        if when < row.updated_at - _SLACK_S:
            return None
        commit = failure.commit or self._repository.ref("HEAD")
        merged = self.merged(row)
        if commit is None or not self._repository.is_ancestor(merged, commit):
            return None
        try:
            tree = self._repository.tree(commit)
        except RepositoryError:
            return None
        frames = (frame for raised in failure.chain for frame in raised.frames)
        return commit if all(_as_committed(frame, tree.read(frame.file)) for frame in frames
                             if frame.own and frame.source) else None  # fmt: skip

    def _in_patched_lines(self, row: RepairRow, failure: Failure, commit: str) -> bool:
        """A code fault whose innermost own line the fix has written."""
        modules = find_own_modules(self._repository.tree(commit).paths())
        if triage(failure, own_modules=modules).kind != "code":
            return False
        merged = self.merged(row)
        found = (
            line_commit(self._repository, commit, frame.file, frame.line)
            for raised in failure.chain
            if (frame := _innermost(raised)) is not None
        )
        return any(each is not None and each.id == merged for each in found)


def _moment(failure: Failure) -> float:
    try:
        return datetime.fromisoformat(failure.occurred_at).timestamp()
    except ValueError:
        return time.time()


def _what(failure: Failure) -> str:
    raised, frame = failure.raised, failure.culprit
    said = (
        f"{raised.type}: {raised.message.partition(chr(10))[0]}"[:200] if raised else "no success"
    )
    return f"{said} at {frame.file}:{frame.line}" if frame else said


def _innermost(raised: Raised) -> Frame | None:
    return next((frame for frame in reversed(raised.frames) if frame.own and frame.line), None)


def _as_committed(frame: Frame, data: bytes | None) -> bool:
    """Whether the line that ran is the commit's: a person's unfinished work may have failed.

    What was redacted, or runs over several lines, cannot be compared and is believed.
    """
    lines = (data or b"").decode("utf-8", "replace").splitlines()
    if not 0 < frame.line <= len(lines):
        return False
    shown = frame.source.splitlines()[0].strip()
    return "<REDACTED" in shown or lines[frame.line - 1].strip() == shown
