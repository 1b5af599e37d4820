"""A candidate's checks become a verdict; what was not measured is never counted as good."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.config import Config
from healer.evidence.baseline import examine
from healer.evidence.gather import prove
from healer.evidence.screened import COMMENT
from healer.facts.draft import Draft, WriteFile
from healer.facts.progress import Progress
from healer.facts.repair import Baseline, Judged, QuarantinedPatch
from healer.judge import Verdict
from healer.services import Services
from healer.services.runner import SLOWER
from quarantine.candidate import write_candidate
from quarantine.policy import Finding
from sandbox import Fault, FaultKind, Job, ProcessEnd, Report
from sandbox.fake import ScriptedSandbox
from sandbox.job import ScreenPlan
from tests.healer.evidence.reports import TRACE, ended, request
from tests.support.bench import (
    ALWAYS,
    FILES,
    LINE,
    RIGHT,
    SCRIPT,
    SOURCE,
    WITH_FIX,
    WRONG,
    Bench,
    seen,
)

COMMAND = ("python", SCRIPT)
FIXED = SOURCE.replace(LINE, RIGHT)


def patch(services: Services, text: str, **more: Any) -> QuarantinedPatch:
    """A candidate with this script."""
    base = services.repository.resolve("main")
    draft = Draft.model_validate({"drafter": "small", **more.pop("draft", {})})
    files = {SCRIPT: text.encode()}
    if draft.regression_test:
        files[draft.regression_test.path] = draft.regression_test.content.encode()
    candidate = write_candidate(
        services.repository,
        base=base,
        changes=files,
        branch="quarantine/job-r1",
        message="Repair",
        when=1,
        replaces=None,
    )
    return QuarantinedPatch.model_validate({"draft": draft, "candidate": candidate, **more})


def judged(bench: Bench, text: str = FIXED, **more: Any) -> Judged:
    with bench.opened(Config.model_validate(more.pop("config", {}))) as services:
        wanted = request(command=COMMAND, base=services.repository.resolve("main"))
        baseline: Baseline = examine(wanted, services)
        changes = more.pop("baseline", {})
        return prove(
            wanted, baseline.model_copy(update=changes), patch(services, text, **more), services
        )


def status(verdict: Verdict) -> dict[str, str]:
    return {check.name: check.status for check in verdict.checks}


def test_a_right_fix_passes_every_check_with_the_facts_that_were_measured(bench: Bench) -> None:
    found = judged(bench)
    assert found.verdict.kind == "fixed"
    assert status(found.verdict)["tests"] == "pass"
    assert found.report is not None
    assert found.report.command is not None


@pytest.mark.parametrize(
    ("message", "strong"),
    [("By hand", True), ("Fix\n\nHealer-Repair: r0\nHealer-Checks: tests=pass", False)],
)
def test_a_test_that_an_earlier_repair_left_says_nothing_of_its_own(
    tmp_path: Path, message: str, strong: bool
) -> None:
    files = {path: text for path, text in FILES.items() if not path.startswith("tests/")}
    bench = Bench(tmp_path, files=files)
    test = "tests/test_job.py"
    bench.write(test, FILES[test])
    bench.commit(message)
    verdict = judged(bench).verdict
    assert (verdict.kind, verdict.strong) == ("fixed", strong)
    assert strong or (verdict.weaknesses == ("value-unknown",) and test in verdict.reasons[0])


def test_a_wrong_fix_leaves_the_command_failing_and_nothing_more_is_measured(
    bench: Bench,
) -> None:
    notes: list[Progress] = []
    bench.progress = notes.append  # type: ignore[method-assign]  # a watcher that keeps them
    found = judged(bench, SOURCE.replace(LINE, WRONG))
    assert found.verdict.kind == "unchanged"
    assert "evidence" not in [note.step for note in notes]


def test_a_draft_for_other_packages_is_proved_where_they_are_and_else_not_at_all(
    bench: Bench,
) -> None:
    asked = []
    with bench.opened() as services:
        wanted = request(command=COMMAND, base=services.repository.resolve("main"))
        baseline = examine(wanted, services)
        candidate = patch(services, FIXED, draft={"packages": ("pandas==2.2.3",)})
        unable = replace(services, with_packages=None)
        nowhere = prove(wanted, baseline, candidate, unable)

        def find_runner(_: Any, packages: tuple[str, ...]) -> Any:
            asked.append(packages)
            return services.runner

        able = replace(services, with_packages=find_runner)
        assert prove(wanted, baseline, candidate, able).verdict.kind == "fixed"
    assert asked == [("pandas==2.2.3",)]
    assert nowhere.verdict.kind == "unchanged"
    assert nowhere.verdict.reasons == ("not proved: no image with other packages can be made here",)


def test_a_patch_that_a_rule_rejects_is_not_run_at_all(bench: Bench) -> None:
    reject = Finding(rule="exit", severity="reject", path=SCRIPT, line=1, reason="It exits.")
    with bench.opened() as services:
        proposal = patch(services, FIXED, findings=(reject,))
        found = prove(request(), Baseline(), proposal, services)
    assert (found.verdict.kind, found.report) == ("forbidden", None)
    assert bench.box.jobs == []


def test_without_a_candidate_there_is_nothing_to_prove(bench: Bench) -> None:
    with bench.opened() as services, pytest.raises(ValueError, match="no candidate"):
        prove(request(), Baseline(), QuarantinedPatch(draft=Draft(drafter="x")), services)


def test_a_forced_fix_says_so_and_one_that_is_not_does_not(bench: Bench) -> None:
    reason = "wrong-key: `total` was meant."
    bench.write("tests/test_job.py", f"def test_total():\n    '{ALWAYS}'\n")
    bench.commit("A test that says nothing of the failing case")
    assert "value-unknown" in judged(bench).verdict.weaknesses
    assert "value-unknown" not in judged(bench, draft={"forced": reason}).verdict.weaknesses


def test_a_failure_that_was_not_reproduced_is_weak(bench: Bench) -> None:
    found = judged(bench, baseline={"reproduced": False})
    assert "not-reproduced" in found.verdict.weaknesses


def test_the_changed_lines_are_traced_and_counted(bench: Bench) -> None:
    judged(bench)
    traces = [job.plan.trace for job in bench.box.jobs if job.plan.command and job.plan.trace]
    assert traces == [{SCRIPT: (5,)}]

    def untraced(job: Job) -> Report:
        answer = seen(job)
        if answer.command is None:
            return answer
        quiet = answer.command.model_copy(update={"executed": {}})
        runs = tuple(
            run.model_copy(update={"ended": run.ended.model_copy(update={"executed": {}})})
            for run in answer.tests
        )
        return answer.model_copy(update={"command": quiet, "tests": runs})

    bench.box = ScriptedSandbox([untraced])
    assert "lines-not-run" in judged(bench).verdict.weaknesses


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("reading\n", "reading\ntotal\n", False),
        ("reading\n", "total\n", True),
        ("took 3 s\n", "total\n", False),
        ("", "total\n", False),
        ("one\ntwo\n", "one\n", True),
    ],
)
def test_what_was_printed_before_the_failure_must_still_be_printed(
    bench: Bench, before: str, after: str, lost: bool
) -> None:
    def printing(job: Job) -> Report:
        answer = seen(job)
        if answer.command is None:
            return answer
        text = after if answer.command.exit_code == 0 else before
        return answer.model_copy(
            update={"command": answer.command.model_copy(update={"stdout": text})}
        )

    bench.box = ScriptedSandbox([printing])
    assert ("output-lost" in judged(bench).verdict.weaknesses) is lost


def test_status_0_that_still_prints_the_traceback_is_no_fix(bench: Bench) -> None:
    def swallowing(job: Job) -> Report:
        answer = seen(job)
        if answer.command is None or answer.command.exit_code:
            return answer
        trace = "Traceback (most recent call last):\n" + (
            f"  File \"/job/tree/{SCRIPT}\", line 5, in total\n    {RIGHT}\nKeyError: 'totl'\n"
        )
        return answer.model_copy(update={"command": ended(0, trace)})

    bench.box = ScriptedSandbox([swallowing])
    found = judged(bench)
    assert found.verdict.kind == "unchanged"
    assert "still prints the failure" in found.verdict.sentence


def test_a_kept_test_of_the_draft_is_run_on_the_unfixed_commit_too(bench: Bench) -> None:
    text = f"def test_new():\n    '{WITH_FIX}'\n"
    test = WriteFile(path="tests/test_new.py", content=text)
    found = judged(bench, draft={"regression_test": test})
    assert status(found.verdict)["regression"] == "pass"
    alone = [j for j in bench.box.jobs if j.plan.tests and j.plan.tests.select == (test.path,)]
    assert len(alone) == 1


def test_a_dropped_test_is_part_of_what_is_said(bench: Bench) -> None:
    found = judged(bench, dropped="the draft's own test was dropped: it cannot be run")
    (check,) = [check for check in found.verdict.checks if check.name == "regression"]
    assert check.detail.endswith("it cannot be run")


def test_a_sandbox_fault_is_unjudged(bench: Bench) -> None:
    def fails_later(job: Job) -> Report:
        if RIGHT.encode() in job.tree:
            return Report(fault=Fault(kind=FaultKind.ENGINE, message="gone"))
        return seen(job)

    bench.box = ScriptedSandbox([fails_later])
    assert judged(bench).verdict.kind == "unjudged"


@pytest.mark.parametrize(
    "is_concerned",
    [
        lambda plan: plan.tests_only >= len(plan.candidates),
        lambda plan: plan.tests_only < len(plan.candidates),
    ],
    ids=["mutants", "rivals"],
)
def test_a_sandbox_that_fails_while_variants_are_tried_is_unjudged_and_no_weakness(
    bench: Bench, is_concerned: Callable[[ScreenPlan], bool]
) -> None:
    asked: list[ScreenPlan] = []

    def fails_in_screening(job: Job) -> Report:
        if job.plan.screen is not None and is_concerned(job.plan.screen):
            asked.append(job.plan.screen)
            return Report(fault=Fault(kind=FaultKind.ENGINE, message="gone"))
        return seen(job)

    bench.box = ScriptedSandbox([fails_in_screening])
    verdict = judged(bench).verdict
    assert (verdict.kind, "gone" in verdict.sentence) == ("unjudged", True)
    assert asked


def test_what_is_kept_of_it_shows_no_secret(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "hunter2-of-the-shop"
    monkeypatch.setenv("SHOP_PASSWORD", secret)

    def telling(job: Job) -> Report:
        answer = seen(job)
        if answer.command is None:
            return answer
        command = answer.command.model_copy(
            update={"stderr": TRACE.replace("totl", secret), "exit_code": 1}
        )
        return answer.model_copy(
            update={"command": ProcessEnd.model_validate(command.model_dump())}
        )

    bench.box = ScriptedSandbox([telling])
    found = judged(bench)
    assert found.verdict.kind == "unchanged"
    assert secret not in found.model_dump_json()


def test_a_test_command_that_is_not_pytest_leaves_the_values_unmeasured(bench: Bench) -> None:
    config = {"tests": {"command": ["make", "test"]}}

    def by_status(job: Job) -> Report:
        answer = seen(job)
        if job.plan.screen and not job.plan.screen.compare:
            ends = [r.model_copy(update={"outcome": "failed"}) for r in answer.screened]
            return answer.model_copy(update={"screened": tuple(ends)})
        if not job.plan.tests:
            return answer
        runs = tuple(
            run.model_copy(update={"by_status": True, "sentinels": 0}) for run in answer.tests
        )
        return answer.model_copy(update={"tests": runs})

    bench.box = ScriptedSandbox([by_status])
    found = judged(bench, config=config)
    assert (found.verdict.kind, found.verdict.strong) == ("fixed", False)
    assert "value-unknown" in found.verdict.weaknesses
    screens = [job.plan.screen for job in bench.box.jobs if job.plan.screen]
    assert {SCRIPT: FIXED + COMMENT} in [screen.candidates[0] for screen in screens]


@pytest.mark.parametrize(
    ("base_s", "base_is_late", "kind"),
    [(1.0, False, "unchanged"), (20.0, False, "unjudged"), (60.0, True, "unjudged")],
)
def test_tests_that_never_end_are_seen_on_the_base_at_the_same_load(
    bench: Bench, base_s: float, base_is_late: bool, kind: str
) -> None:
    runs: list[bool] = []

    def slow(job: Job) -> Report:
        is_fix = FIXED.encode() in bytes(job.tree)
        runs.append(is_fix)
        is_late = is_fix or (base_is_late and len(runs) > 2)
        end = ProcessEnd(exit_code=None if is_late else 1, timed_out=is_late)
        update = {"ended": end} | ({"results": ()} if is_late else {})
        report = seen(job)
        tests = tuple(run.model_copy(update=update) for run in report.tests)
        steps = {"tests": 60.0 if is_fix else base_s}
        return report.model_copy(update={"tests": tests, "step_seconds": steps})

    bench.box = ScriptedSandbox([slow])
    assert judged(bench).verdict.kind == kind
    assert False in runs[runs.index(True) :]


def test_tests_that_nearly_fill_the_limit_have_longer_on_the_fix(bench: Bench) -> None:
    def slow(job: Job) -> Report:
        return seen(job).model_copy(update={"seconds": 93.0})

    bench.box = ScriptedSandbox([slow])
    assert judged(bench).verdict.kind == "fixed"
    of_fix = [each for each in bench.box.jobs if FIXED.encode() in bytes(each.tree)]
    checks = [each for each in of_fix if each.plan.tests]
    assert {each.limits.timeout_s for each in checks} == {SLOWER * 93.0}
