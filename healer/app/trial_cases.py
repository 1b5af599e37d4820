"""One piece of the past of `healer trial`, repaired in a copy and held against the person's fix.

Belongs here: undoing a fix, repairing what is broken then, finding the person's fix, and the case
that is told. Does not belong here: which pieces are tried, and what is kept (`trial`).
"""

import secrets
import time
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from healer.evidence.commands import make_recorded_command
from healer.evidence.plan import plan_checks
from healer.facts.repair import Request, Result
from healer.failure import Failure
from healer.judge import find_failing_tests
from healer.render.trial_report import CaseEnd, Likeness, TrialCase
from healer.repair.likeness import compare_with_person
from healer.repair.run import run_repair
from healer.services import Services
from quarantine.candidate import Candidate
from quarantine.change import ChangeError, read_revision, split_tests, take_files
from quarantine.errors import UnknownRevision
from quarantine.history import log_touching
from quarantine.past_fixes import PastFix
from quarantine.project_tests import ProjectTests
from sandbox import Plan, TestResult

MOST_LATER = 20
"""Commits after a recorded failure among which the person's fix is looked for."""
_ENDS: dict[str, CaseEnd] = {
    "healed": "merged", "review": "waits", "escalated": "nothing", "gave_up": "nothing",
    "healthy": "unusable", "unjudged": "unusable",
}  # fmt: skip  # a table of six words is read in one line


class _Past(NamedTuple):
    """Where the past stood, and what the case says of it whatever comes of it."""

    request: Request
    about: TrialCase
    theirs: Candidate | None


class CaseRunner:
    """Repairs pieces of the past, one after the other, in the repository of `services`: a copy."""

    def __init__(
        self, services: Services, state_dir: Path, drafter: Literal["auto", "rules", "model"]
    ) -> None:
        self._services, self._state_dir, self._drafter = services, state_dir, drafter
        self._copy = services.repository

    def run(self, piece: Failure | PastFix) -> TrialCase:
        """What came of one; never raises for what the past holds."""
        start = time.monotonic()
        try:
            past = self._go_back(piece)
            case = past.about if past.about.reason else self._repair(past)
        except (ChangeError, UnknownRevision) as error:
            about = _about(piece)
            case = about.model_copy(update={"end": "unusable", "reason": str(error)})
        return case.model_copy(update={"seconds": time.monotonic() - start})

    def _go_back(self, piece: Failure | PastFix) -> _Past:
        if isinstance(piece, Failure):
            return self._go_back_to_failure(piece)
        return self._undo(piece)

    def _undo(self, fix: PastFix) -> _Past:
        """The commit's parent with the commit's tests, where those show what was broken."""
        change = read_revision(self._copy, self._copy, fix.commit.id)
        is_test_code = ProjectTests.load(self._copy.tree(change.commit)).is_test_code
        theirs = split_tests(self._copy, change, is_test_code)
        request = self._request(fix.script, theirs.base, None)
        about = _about(fix).model_copy(update={"person": fix.commit.id, "person_diff": theirs.diff})
        if reason := self._why_not_told(request, theirs):
            about = about.model_copy(update={"end": "unusable", "reason": reason})
        return _Past(request, about, theirs)

    def _why_not_told(self, request: Request, theirs: Candidate) -> str:
        """Why no test tells the fix from its absence; empty where one fails on the base and passes
        with the fix."""
        command = self._services.config.tests.command
        base, tree = (self._copy.tree(each) for each in (request.base, theirs.commit))
        plan = plan_checks(base, request.script, command, None)
        after = self._services.runner.run(tree, plan)
        if after.fault:
            return after.fault.message
        failing = find_failing_tests(after.tests)
        passing = {
            result.node
            for run in after.tests
            for result in run.results
            if result.outcome == "passed" and result.node not in failing
        }
        if not passing:
            first = next(iter(failing.values()), None)
            return f"its tests do not run in the sandbox{_last_line(first)}"
        before = self._services.runner.run(base, plan, from_cache=True)
        if before.fault:
            return before.fault.message
        healing = passing & set(find_failing_tests(before.tests))
        # a file that could not be imported is one failure under its own name
        was_seen = {result.node for run in before.tests for result in run.results}
        is_told = bool(healing) or any(
            node.partition("::")[0] in was_seen for node in passing - was_seen
        )
        return "" if is_told else "no test fails without the fix and passes with it"

    def _go_back_to_failure(self, failure: Failure) -> _Past:
        base = self._copy.resolve(failure.commit)
        request = self._request(failure.script, base, failure)
        about = _about(failure)
        if failure.dirty:
            reason = "the script had uncommitted changes when it failed, which are gone"
            about = about.model_copy(update={"end": "unusable", "reason": reason})
        return _Past(request, about, None)

    def _request(self, script: str, base: str, failure: Failure | None) -> Request:
        repair, config = secrets.token_hex(4), self._services.config
        target = f"trial/{repair}"
        self._copy.git.run("update-ref", f"refs/heads/{target}", base)
        return Request(
            repair=repair,
            script=script,
            target=target,
            base=base,
            failure=failure,
            drafter=self._drafter,
            attempts=config.model.max_attempts,
            opened_at=int(time.time()),
        )

    def _repair(self, past: _Past) -> TrialCase:
        result = run_repair(self._services, self._state_dir, past.request)
        case = past.about.model_copy(
            update={
                "end": _ENDS[result.outcome],
                "reason": result.reason,
                "cost_usd": result.cost_usd,
                "cost_known": result.cost_known,
            }
        )
        return self._compare(past, result, case)

    def _compare(self, past: _Past, result: Result, case: TrialCase) -> TrialCase:
        """The same with the fix, and how like the person's it is."""
        dossier = self._services.ledger.dossier(result.repair)
        attempt = dossier.last_candidate if dossier else None
        if dossier is None or attempt is None or attempt.candidate is None:
            return case
        if attempt.verdict.kind != "fixed":
            return case
        case = case.model_copy(
            update={
                "end": "waits" if case.end == "nothing" else case.end,
                "drafter": attempt.draft.drafter,
                "rule": attempt.draft.rule,
                "diff": attempt.candidate.diff,
            }
        )
        theirs = past.theirs or self._find_person_fix(past.request, attempt.candidate)
        if theirs is None:
            unknown = Likeness(kind="unknown", detail="nobody has mended it since")
            return case.model_copy(update={"likeness": unknown})
        services = self._services.for_request(past.request)
        likeness = compare_with_person(
            past.request, dossier.baseline, attempt.candidate, theirs, services
        )
        changes = {"likeness": likeness, "person_diff": theirs.diff}
        return case.model_copy(update=changes)

    def _find_person_fix(self, request: Request, ours: Candidate) -> Candidate | None:
        """The first later commit of the files that our fix changes with which the recorded command
        ends well: only what that commit has of these files, on the same base."""
        failure, target = request.failure, self._services.config.target
        if failure is None or not failure.argv:
            return None
        services = self._services.for_request(request)
        paths = [path for path in ours.paths if self._copy.tree(request.base).entry(path)]
        for path in paths[:1]:
            later = log_touching(self._copy, target, path, MOST_LATER, since=request.base)
            for commit in reversed(later):
                theirs = take_files(self._copy, request.base, commit.id, paths)
                tree = self._copy.tree(theirs.commit)
                command = make_recorded_command(failure, tree, services.recordings)
                end = services.runner.run(tree, Plan(command=command)).command
                if end is not None and end.exit_code == 0:
                    return theirs
        return None


def _last_line(result: TestResult | None) -> str:
    """`: ` and the last line of what a test said, which names the exception."""
    lines = result.detail.strip().splitlines() if result else []
    return f": {lines[-1].removeprefix('E').strip()}" if lines else ""


def _about(piece: Failure | PastFix) -> TrialCase:
    """What is known of a piece before it is tried."""
    if isinstance(piece, PastFix):
        return TrialCase(
            origin="commit",
            id=piece.commit.id,
            at=piece.commit.authored_at,
            subject=piece.commit.subject,
            script=piece.script,
            end="nothing",
            reason="",
        )
    error = piece.exception
    return TrialCase(
        origin="failure",
        id=piece.id,
        at=time_of(piece),
        subject=f"{error.type}: {error.message.partition(chr(10))[0]}" if error else "it failed",
        script=piece.script,
        end="nothing",
        reason="",
    )


def time_of(failure: Failure) -> int:
    """When it happened, as Unix time; 0 where that is not known."""
    try:
        return int(datetime.fromisoformat(failure.occurred_at).timestamp())
    except ValueError:
        return 0
