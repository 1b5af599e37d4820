"""A piece of the past is broken again, repaired as in earnest, held against what a person did."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from healer.app.trial_cases import CaseRunner, time_of
from healer.config import Config
from healer.facts.draft import Case, Draft, Drafts, ReplaceText, Source
from healer.failure import Failure, parse_traceback
from healer.render.trial_report import TrialCase
from quarantine.past_fixes import find_past_fixes
from sandbox import Job, Report
from tests.healer.app.conftest import is_unchanged
from tests.support.bench import (
    ALSO_RIGHT,
    ALWAYS,
    FAILS,
    FILES,
    LINE,
    RIGHT,
    SCRIPT,
    SOURCE,
    WRONG,
    Bench,
    seen,
)

TEST = "tests/test_job.py"
BEFORE = {**FILES, TEST: f"def test_total():\n    '{ALWAYS}'\n"}


class OneDraft:
    """Always drafts this line."""

    name = "rules"

    def __init__(self, line: str) -> None:
        self._line = line

    def draft(self, case: Case, _: Source) -> Drafts:
        if not self._line or case.attempts:
            return Drafts(reason="nothing for this failure")
        edit = ReplaceText(path=SCRIPT, find=LINE, replace=self._line)
        return Drafts(candidates=(Draft(drafter="rules", rule="typo", edits=(edit,)),))


def seen_with_traceback(job: Job) -> Report:
    """As a bench sees it; a test says with a traceback why it fails."""
    report = seen(job)
    runs = []
    for run in report.tests:
        results = (
            r.model_copy(update={"detail": FAILS if r.outcome == "failed" else ""})
            for r in run.results
        )
        runs.append(run.model_copy(update={"results": tuple(results)}))
    return report.model_copy(update={"tests": tuple(runs)})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A script that was broken, and mended by a person with a test."""
    bench = Bench(tmp_path, files=BEFORE, sandbox=seen_with_traceback)
    bench.write(SCRIPT, SOURCE.replace(LINE, RIGHT))
    bench.write(TEST, FILES[TEST])
    bench.commit("Mend the total")
    return bench


@contextmanager
def runner(bench: Bench, line: str) -> Iterator[CaseRunner]:
    with bench.opened(Config(search_s=0), dry=True) as services:
        drafting = replace(services, drafters=lambda _: [OneDraft(line)])
        yield CaseRunner(drafting, services.repository.state_dir, "rules")


def replayed(bench: Bench, line: str) -> TrialCase:
    with is_unchanged(bench.folder), runner(bench, line) as cases:
        repository = cases._services.repository
        (fix,) = find_past_fixes(repository, repository.resolve("main"))
        return cases.run(fix)


def test_the_persons_own_fix_would_have_merged(bench: Bench) -> None:
    case = replayed(bench, RIGHT)
    assert (case.end, case.likeness.kind, case.rule) == ("merged", "same", "typo")
    assert (case.subject, case.script, case.person) == ("Mend the total", SCRIPT, case.id)
    assert RIGHT in case.diff
    assert RIGHT in case.person_diff
    assert TEST not in case.person_diff


def test_another_fix_that_acts_otherwise_says_on_what(bench: Bench) -> None:
    case = replayed(bench, ALSO_RIGHT)
    assert case.end in ("merged", "waits")
    assert case.likeness.kind == "differs"
    assert "total on [{}] gives 0, with the person's fix KeyError" in case.likeness.detail


def test_no_draft_that_passes_is_no_fix(bench: Bench) -> None:
    for line in ("", WRONG):
        case = replayed(bench, line)
        assert (case.end, case.likeness, case.diff) == ("nothing", None, "")
        assert case.reason


def test_a_commit_whose_test_does_not_tell_cannot_be_replayed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, files=BEFORE)
    bench.write(SCRIPT, SOURCE.replace(LINE, RIGHT))
    bench.write(TEST, f"def test_all():\n    '{ALWAYS}'\n")
    bench.commit("Mend it")
    case = replayed(bench, RIGHT)
    assert case.end == "unusable"
    assert "no test fails without the fix" in case.reason


def recorded(commit: str, **more: object) -> Failure:
    facts = {
        "id": "f1", "script": SCRIPT, "source": "run", "argv": ("python", SCRIPT),
        "commit": commit, "exit_code": 1, "chain": parse_traceback(FAILS, "/job/tree"),
        "occurred_at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    return Failure.model_validate(facts | more)


def test_a_recorded_failure_is_held_against_what_a_person_made_of_it_later(bench: Bench) -> None:
    with runner(bench, RIGHT) as cases:
        base = cases._services.repository.resolve("main~1")
        case = cases.run(recorded(base))
    assert (case.origin, case.at, case.subject) == ("failure", 1_767_225_600, "KeyError: 'totl'")
    assert case.likeness is not None
    assert case.likeness.kind == "same"


@pytest.mark.parametrize(
    ("changes", "why"), [({"commit": "f" * 40}, "No commit is called"), ({"dirty": True}, "gone")]
)
def test_a_failure_of_which_the_commit_is_gone_cannot_be_replayed(
    bench: Bench, changes: dict[str, object], why: str
) -> None:
    with runner(bench, RIGHT) as cases:
        base = cases._services.repository.resolve("main~1")
        case = cases.run(recorded(**{"commit": base} | changes))
    assert case.end == "unusable"
    assert why in case.reason


def test_the_time_of_a_failure_that_does_not_say_it_is_nought() -> None:
    assert time_of(recorded("", occurred_at="")) == 0
