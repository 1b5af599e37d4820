"""The first step: what is to be healed, and when there is nothing to draft."""

import time
from typing import Any

import pytest

from healer.config import Config
from healer.evidence.baseline import examine, run_baseline
from healer.facts.repair import Baseline, Request
from healer.facts.states import RepairOutcome
from healer.ledger.store import Ledger
from healer.support.clock import SetClock
from sandbox import FailingTests, Fault, FaultKind, Job, Report
from sandbox.fake import ScriptedSandbox
from tests.healer.evidence.reports import (
    SCRIPT,
    TRACE,
    ended,
    failure,
    report,
    request,
    result,
    run,
)
from tests.support.bench import FAILS as BENCH_FAILS
from tests.support.bench import Bench
from tests.support.ledger_rows import add_ends

PASSES = run(result("tests/test_job.py::a"))
FAILS = run(result("tests/test_job.py::a", "failed", TRACE))


ELSEWHERE = run(result("tests/test_job.py::mail", "failed", f"x {SCRIPT}"))
FAR = FailingTests(nodes=("tests/test_job.py::mail",), executed={"scripts/mail.py": (1,)})


def examined(
    bench: Bench,
    answer: Report | Fault | None = None,
    config: dict[str, Any] | None = None,
    **more: object,
) -> Baseline:
    """What is known of the bench's repository; `answer` is what the sandbox shows."""
    if answer is not None:
        bench.box = ScriptedSandbox([answer])
    with bench.opened(Config.model_validate(config or {})) as services:
        return examine(request(**more), services)


def asked(bench: Bench) -> Job:
    (job,) = bench.box.jobs
    return job


def test_a_failing_command_is_reproduced_with_its_tests(bench: Bench) -> None:
    found = examined(bench, command=("python", SCRIPT))
    assert (found.healthy, found.stop, found.reproduced) == (False, None, True)
    assert found.failure is not None
    assert found.failure.exception is not None
    assert found.failure.exception.type == "KeyError"
    assert (found.command, found.by_tests, found.review_only) == (("python", SCRIPT), True, "")


def test_without_a_command_the_scripts_own_checks_tell(bench: Bench) -> None:
    found = examined(bench)
    assert (found.command, found.by_tests, found.reproduced) == ((), True, True)
    assert found.failure is not None
    assert found.failure.source == "baseline"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (report(PASSES), "1 tests were run, none of its own fails"),
        (report(ELSEWHERE, failing=(FAR,)), "none of its own fails"),
    ],
)
def test_where_nothing_of_its_own_fails_it_is_healthy(
    bench: Bench, answer: Report, words: str
) -> None:
    found = examined(bench, answer)
    assert (found.healthy, found.failure) == (True, None)
    assert words in found.reason


@pytest.mark.parametrize(
    "trace",
    [
        FAR.model_copy(update={"executed": {SCRIPT: (4,)}}),
        FAR.model_copy(update={"loaded": {SCRIPT: (0,)}}),
        FAR.model_copy(update={"nodes": ("another",)}),
    ],
    ids=["executes it", "imports it", "not traced"],
)
def test_while_a_failing_test_executes_the_script_it_is_never_healthy(
    bench: Bench, trace: FailingTests
) -> None:
    found = examined(bench, report(ELSEWHERE, failing=(trace,)))
    assert not found.healthy


def test_the_baseline_asks_what_failing_tests_execute(bench: Bench) -> None:
    examined(bench)
    tests = asked(bench).plan.tests
    assert tests is not None
    assert tests.trace_failing


@pytest.mark.parametrize(("line", "by_tests"), [(4, True), (1, False)])
def test_failing_tests_are_to_be_healed_where_they_execute_what_the_failure_names(
    bench: Bench, line: int, by_tests: bool
) -> None:
    """The failure of the command arose in `total`, which begins on line 4."""
    end = ended(1, BENCH_FAILS)
    trace = FAR.model_copy(update={"executed": {SCRIPT: (line,)}})
    answer = report(ELSEWHERE, command=end, failing=(trace,))
    assert examined(bench, answer, command=("python", SCRIPT)).by_tests is by_tests


def test_a_command_that_succeeds_is_part_of_being_healthy(bench: Bench) -> None:
    answer = report(PASSES, command=ended(0))
    found = examined(bench, answer, command=("python", SCRIPT))
    assert found.reason.startswith("nothing is broken: the command succeeds")


@pytest.mark.parametrize(
    "answer",
    [
        report(run(ended=ended(0, timed_out=True))),
        report(run(ended=ended(4, "error: no such option: --cov"))),
        report(run()),
        report(run(ended=ended(5))),
        report(run(result("make test", "failed"), by_status=True)),
    ],
)
def test_tests_that_say_nothing_leave_a_script_unjudged(bench: Bench, answer: Report) -> None:
    found = examined(bench, answer)
    assert (found.healthy, found.stop) == (False, "unjudged")


def test_a_sandbox_that_could_not_run_it_is_unjudged_and_keeps_the_failure(bench: Bench) -> None:
    fault = Fault(kind=FaultKind.ENGINE, message="Docker Engine is away.")
    found = examined(bench, fault, failure=failure())
    assert (found.stop, found.reason) == ("unjudged", "Docker Engine is away.")
    assert found.failure is not None


@pytest.mark.parametrize(
    "more",
    [
        {"config": {"autonomy": "off"}},
        {"failure": failure(TRACE.replace(SCRIPT, "tests/helpers.py"))},
    ],
    ids=["off", "protected"],
)
def test_what_is_known_before_needs_no_container(bench: Bench, more: dict[str, Any]) -> None:
    found = examined(bench, **more)
    assert found.stop == "escalated"
    assert bench.box.jobs == []


def test_a_failure_that_is_no_fault_of_the_code_ends_the_repair(bench: Bench) -> None:
    full = "Traceback (most recent call last):\nOSError: [Errno 28] No space left on device\n"
    found = examined(bench, report(PASSES, command=ended(1, full)), command=("python", SCRIPT))
    assert (found.stop, found.reason[:32]) == ("escalated", "not a code fault (environment): ")
    assert found.next_step


@pytest.mark.parametrize(
    ("recorded", "seen", "reproduced"),
    [
        (failure(), TRACE, True),
        (failure(), TRACE.replace("KeyError: 'totl'", "TypeError: no"), False),
        (failure(), "", False),
        (failure("gone\n"), TRACE, True),
    ],
    ids=["the same", "another", "none", "without a traceback"],
)
def test_a_recorded_failure_is_reproduced_where_the_baseline_shows_the_same(
    bench: Bench, recorded: Any, seen: str, reproduced: bool
) -> None:
    given = recorded.model_copy(update={"argv": ("python3", SCRIPT)})
    answer = report(PASSES, command=ended(1 if seen else 0, seen))
    found = examined(bench, answer, failure=given)
    assert found.reproduced is reproduced
    assert found.failure is not None
    assert found.failure.fingerprint == recorded.fingerprint
    assert found.command == (("python", SCRIPT) if seen else ())


JOB = {"job": [{"script": SCRIPT, "command": ["python", SCRIPT, "--all"]}]}


@pytest.mark.parametrize(
    ("more", "config", "words"),
    [
        ({"command": ("python3", "x.py")}, JOB, "python x.py"),
        ({"failure": failure(argv=("python3", "y.py"))}, JOB, "python y.py"),
        ({"failure": failure()}, JOB, f"python {SCRIPT} --all"),
        ({"failure": failure(source="log")}, {}, f"python {SCRIPT}"),
        ({"failure": failure(source="report")}, {}, f"python {SCRIPT}"),
        ({"failure": failure()}, {}, ""),
        ({}, JOB, ""),
    ],
)
def test_the_command_is_the_nearest_that_is_known(
    bench: Bench, more: dict[str, Any], config: dict[str, Any], words: str
) -> None:
    examined(bench, report(PASSES), config, **more)
    command = asked(bench).plan.command
    assert (" ".join(command.argv) if command else "") == words


@pytest.mark.parametrize(
    ("config", "trace", "words"),
    [
        ({}, TRACE, ""),
        ({"autonomy": "review"}, TRACE, 'autonomy is "review"'),
        ({"autonomy": "suggest"}, TRACE, 'autonomy is "suggest"'),
        ({}, TRACE.replace("KeyError", "acme.Odd"), "it is not sure that this is a code fault"),
    ],
)
def test_why_a_fix_may_only_wait_for_a_person(
    bench: Bench, config: dict[str, Any], trace: str, words: str
) -> None:
    answer = report(PASSES, command=ended(1, trace))
    found = examined(bench, answer, config, command=("python", SCRIPT))
    assert found.stop is None
    assert found.review_only.startswith(words)
    assert bool(found.review_only) is bool(words)


@pytest.mark.parametrize(
    ("ends", "days_ago", "is_review_only"),
    [
        (["reverted", "healed"], 0, False),
        (["reverted", "reverted"], 0, True),
        (["reverted", "reverted", *["healed"] * 197], 0, True),
        (["reverted", "reverted", *["healed"] * 198], 0, False),
        (["reverted", "reverted"], 29, True),
        (["reverted", "reverted"], 31, False),
        (["rejected"] * 9, 0, False),
    ],
)
def test_where_too_many_merges_were_taken_out_again_none_is_made_without_a_person(
    bench: Bench, ends: list[RepairOutcome], days_ago: int, is_review_only: bool
) -> None:
    clock = SetClock(time.time() - days_ago * 86_400)
    with Ledger.in_folder(bench.state, clock) as ledger:
        add_ends(ledger, *ends)
    found = examined(bench, report(PASSES, command=ended(1, TRACE)), command=("python", SCRIPT))
    assert (found.stop, found.reproduced) == (None, True)
    assert found.review_only == (
        f"2 of the {len(ends)} fixes that were merged in 30 days were taken out again, "
        "more than 1 %" if is_review_only else ""
    )  # fmt: skip


def test_where_the_sandbox_lacks_a_declared_package_a_person_decides(bench: Bench) -> None:
    answer = report(PASSES, command=ended(1, TRACE))
    answer = answer.model_copy(update={"lacking": ("black==20.8b1",)})
    found = examined(bench, answer, command=("python", SCRIPT))
    assert (found.stop, found.reproduced) == (None, True)
    assert found.review_only.endswith("cannot be had as a wheel: black==20.8b1")


def test_a_test_that_shows_the_failure_makes_sure_that_the_code_is_at_fault(bench: Bench) -> None:
    trace = TRACE.replace("KeyError", "acme.Odd")
    shown = run(result("tests/test_job.py::test_total", "failed", trace))
    answer = report(shown, command=ended(1, trace))
    found = examined(bench, answer, command=("python", SCRIPT))
    assert (found.stop, found.review_only) == (None, "")


def test_no_secret_and_no_long_output_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "hunter2-of-the-shop"
    monkeypatch.setenv("SHOP_PASSWORD", secret)
    trace = TRACE.replace("'totl'", secret)
    long = report(FAILS, command=ended(1, trace, stdout=f"{secret} " * 9_000))
    found = examined(bench, long, command=("python", SCRIPT))
    assert secret not in found.model_dump_json()
    assert found.report.command is not None
    assert "characters cut" in found.report.command.stdout


def test_an_unchanged_commit_is_run_once(bench: Bench) -> None:
    with bench.opened() as services:
        tree = services.repository.tree("main")
        wanted: Request = request()
        reports = [run_baseline(wanted, tree, None, services) for _ in "ab"]
    assert reports[0] == reports[1]
    assert len(bench.box.jobs) == 1
