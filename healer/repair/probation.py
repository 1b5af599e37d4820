"""Merged fixes are watched: what fails again is taken out, what runs well is resolved.

Belongs here: which merged repair a failure speaks against, and how a probation ends. Does not
belong here: acting on it (`rollback`, `healer.daemon`).

Nothing is kept but the end, as one step of the ledger: whether a repair is on probation, and how
far, is told anew from the ledger, the runs that `healer run` has noted, and git. So a crash at any
moment loses nothing, and ends nothing twice.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from healer.config import Config
from healer.evidence.wrong_ends import is_wrong_end
from healer.failure import Fact, Failure, Frame, Raised
from healer.ledger.rows import EntryKind, RepairRow
from healer.ledger.store import Ledger
from healer.render.notice import format_time
from healer.render.one_line import format_duration, name_failure
from healer.repair.pins_in_effect import is_installed
from healer.tape.recordings import Recordings
from healer.triage import find_own_modules, triage
from healer.watch.runner import run_log
from quarantine.errors import RepositoryError
from quarantine.history import find_repair, line_commit
from quarantine.repository import Repository

_SLACK_S = 60.0
"""The merge comes a moment before it is recorded; which code ran, the commits tell."""


class ProbationEnd(Fact):
    """How a probation ended without a relapse."""

    outcome: Literal["resolved", "unconfirmed"]
    detail: str


class Relapses(NamedTuple):
    """How often something failed on a probation, and how often that was not the fix's fault."""

    starts: int
    ends: int

    @property
    def is_open(self) -> bool:
        """Something failed, and whether the fix is taken out is not known yet, or it is."""
        return self.starts > self.ends


def count_relapses(ledger: Ledger, repair: str) -> Relapses:
    """Those of one repair."""
    kinds: tuple[EntryKind, EntryKind] = ("relapse", "relapse_end")
    return Relapses(*(ledger.count_entries(repair, kind) for kind in kinds))


def describe_promise(script: str, since: float, config: Config) -> str:
    """What holds of a fix of the script that was merged at `since` (seconds), in a sentence."""
    runs, window_s = config.probation_of(script)
    goal = f"{runs} runs with it have" if runs != 1 else "one run with it has"
    until = format_time(datetime.fromtimestamp(since + window_s, UTC))
    return (
        f"On probation until {goal} ended well, or until {until}: it is taken out again if it "
        "fails as before."
    )


class Probation:
    """What is on probation in one repository. Changes nothing."""

    def __init__(self, repository: Repository, config: Config, ledger: Ledger) -> None:
        self._repository, self._config, self._ledger = repository, config, ledger
        self._state: Path = repository.state_dir

    def watched_rows(self) -> tuple[RepairRow, ...]:
        """Merged repairs whose probation has not ended, oldest first."""
        return self._ledger.merged_without("probation")

    def describe(self, row: RepairRow) -> str:
        """How far the probation of a repair is, in words; empty for one that is not on it."""
        if not row.fix_commit or row.state != "merged":
            return ""
        if self._ledger.has_entry(row.id, "probation"):
            return ""
        if count_relapses(self._ledger, row.id).is_open:
            return "being taken out again, for it failed on probation"
        runs_needed, window_s = self._config.probation_of(row.script)
        until = format_time(datetime.fromtimestamp(row.updated_at + window_s, UTC))
        good = len(self._good_runs(row, row.updated_at + window_s))
        ends = [e.detail for e in self._ledger.entries(row.id) if e.kind == "rerun_end"]
        words = (f"on probation: {good} of {runs_needed} runs ended well", *ends)
        return "; ".join((*words, f"it ends by {until}"))

    def end_of(self, row: RepairRow, now: float) -> ProbationEnd | None:
        """How the probation has ended by the moment `now`; None while it lasts."""
        runs_needed, window_s = self._config.probation_of(row.script)
        good = self._good_runs(row, min(now, row.updated_at + window_s))
        runs = f"{len(good)} run{'s' if len(good) != 1 else ''}"
        if len(good) >= runs_needed:
            return ProbationEnd(outcome="resolved", detail=f"{runs} with the fix ended well")
        if now < row.updated_at + window_s:
            return None
        if good:
            detail = f"{runs} with the fix ended well in {format_duration(window_s)}"
            return ProbationEnd(outcome="resolved", detail=detail)
        detail = f"no good run with the fix was seen in {format_duration(window_s)}"
        return ProbationEnd(outcome="unconfirmed", detail=detail)

    def find_broken_by(self, failure: Failure, now: float) -> tuple[RepairRow, str] | None:
        """The merged repair that this failure shows to be wrong, and why; the newest of several."""
        when = failure.moment(now)
        for row in reversed(self.watched_rows()):
            commit = self._commit_with_fix(row, failure, when)
            if commit is None or self.end_of(row, when) is not None:
                continue
            if not is_installed(row, failure, self._ledger, Recordings(self._state)):
                continue
            what = name_failure(failure)
            if failure.fingerprint == row.incident:
                return row, f"it failed again as before ({what})."
            if failure.fingerprint in self._list_acquitted(row):
                continue
            if self._is_in_patched_lines(row, failure, commit):
                return row, f"a new failure arose in the lines that it changed ({what})."
            if is_wrong_end(failure) and failure.script == row.script:
                return row, f"a run with it left something else than expected ({what})."
            if failure.source == "rerun" and self._is_fault_of_code(failure, commit):
                return row, f"the failed run was done again with it, and failed again ({what})."
        return None

    def _list_acquitted(self, row: RepairRow) -> frozenset[str]:
        """Incidents that were looked at, and not shown to be the fix's fault."""
        ends = self._ledger.entries(row.id, kind="relapse_end")
        return frozenset(end.inputs for end in ends)

    def merged_commit(self, row: RepairRow) -> str:
        """The commit that brought the fix, also after the target's history was rewritten."""
        fix_commit, tip = row.fix_commit, self._repository.tip(self._config.target)
        if tip is None or self._repository.is_ancestor(fix_commit, tip):
            return fix_commit
        return (
            find_repair(self._repository, f"refs/heads/{self._config.target}", row.id) or fix_commit
        )

    def _good_runs(self, row: RepairRow, until: float) -> list[run_log.LoggedRun]:
        """Runs of the script, begun up to `until`, that ended well and had the fix."""
        fix_commit, answers = self.merged_commit(row), dict[str, bool]()

        def has_fix(commit: str) -> bool:
            if commit not in answers:
                answers[commit] = bool(commit) and self._repository.is_ancestor(fix_commit, commit)
            return answers[commit]

        return [
            run
            for run in run_log.read(self._state)
            if run.script == row.script
            and run.exit_code == 0
            and row.updated_at - _SLACK_S <= run.started_at <= until
            and has_fix(run.commit)
        ]

    def _commit_with_fix(self, row: RepairRow, failure: Failure, when: float) -> str | None:
        """The commit that failed, if the fix was in the code that ran; None where it was not, or
        where that cannot be told."""
        if when < row.updated_at - _SLACK_S:
            return None
        commit = failure.commit or self._repository.ref("HEAD")
        fix_commit = self.merged_commit(row)
        if commit is None or not self._repository.is_ancestor(fix_commit, commit):
            return None
        try:
            tree = self._repository.tree(commit)
        except RepositoryError:
            return None
        frames = (frame for exception in failure.chain for frame in exception.frames)
        return commit if all(_as_committed(frame, tree.read(frame.file)) for frame in frames
                             if frame.own and frame.source) else None  # fmt: skip

    def _is_in_patched_lines(self, row: RepairRow, failure: Failure, commit: str) -> bool:
        """A code fault whose innermost own line the fix has written."""
        if not self._is_fault_of_code(failure, commit):
            return False
        fix_commit = self.merged_commit(row)
        commits = (
            line_commit(self._repository, commit, frame.file, frame.line)
            for exception in failure.chain
            if (frame := _innermost(exception)) is not None
        )
        return any(each is not None and each.id == fix_commit for each in commits)

    def _is_fault_of_code(self, failure: Failure, commit: str) -> bool:
        modules = find_own_modules(self._repository.tree(commit).paths())
        return triage(failure, own_modules=modules).kind == "code"


def _innermost(exception: Raised) -> Frame | None:
    return next((frame for frame in reversed(exception.frames) if frame.own and frame.line), None)


def _as_committed(frame: Frame, data: bytes | None) -> bool:
    """Whether the line that ran is the commit's: a person's unfinished work may have failed.

    What was redacted, or runs over several lines, cannot be compared and is believed.
    """
    lines = (data or b"").decode("utf-8", "replace").splitlines()
    if not 0 < frame.line <= len(lines):
        return False
    source = frame.source.splitlines()[0].strip()
    return "<REDACTED" in source or lines[frame.line - 1].strip() == source
