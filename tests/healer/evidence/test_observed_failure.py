"""What the baseline shows becomes a failure: the command's first, then a test's, then a check's."""

import pytest

from healer.evidence.observed_failure import (
    did_fail,
    failure_of_command,
    find_failure,
    find_related_failures,
    is_shown_by_a_test,
)
from sandbox import Command, FailingTests, LintFinding, ProcessEnd, Report, SyntaxProblem
from tests.healer.evidence.reports import SCRIPT, TRACE, ended, report, request, result, run

Lines = dict[str, tuple[int, ...]]
COMMAND = Command(argv=("python", SCRIPT))
RELATED = result("tests/test_job.py::test_total", "failed", TRACE)
ELSEWHERE = result("tests/test_mail.py::test_sent", "failed", "AssertionError")
FAR = FailingTests(nodes=(ELSEWHERE.node,), executed={"tests/test_mail.py": (1,)})
PROBLEM = SyntaxProblem(path=SCRIPT, line=3, message="invalid syntax")


def lint(code: str, path: str = SCRIPT) -> LintFinding:
    return LintFinding(path=path, line=4, code=code, message="Undefined name `x`")


def kind(found: Report, command: Command | None = None) -> str:
    failure = find_failure(request(), command, found)
    return "" if failure is None else (failure.exception.type if failure.exception else "untold")


@pytest.mark.parametrize(
    ("found", "command", "expected"),
    [
        (report(command=ended(1, TRACE)), COMMAND, "KeyError"),
        (report(command=ended(1, "gone\n")), COMMAND, "untold"),
        (report(run(RELATED), command=ended(0)), COMMAND, "KeyError"),
        (report(run(RELATED)), None, "KeyError"),
        (report(run(ELSEWHERE), failing=(FAR,)), None, ""),
        (report(syntax=(PROBLEM,)), None, "SyntaxError"),
        (report(lint=(lint("F821"),)), None, "NameError"),
        (report(lint=(lint("F632"),)), None, "LintError"),
        (report(lint=(lint("F401"),)), None, ""),
        (report(lint=(lint("F821", "other.py"),)), None, ""),
        (report(syntax=(PROBLEM.model_copy(update={"path": "other.py"}),)), None, ""),
        (report(run(RELATED), syntax=(PROBLEM,), command=ended(1, "x")), COMMAND, "untold"),
        (report(run(RELATED), syntax=(PROBLEM,)), None, "KeyError"),
        (report(run(result("a")), command=ended(0)), COMMAND, ""),
    ],
)
def test_the_first_thing_that_fails_is_the_failure(
    found: Report, command: Command | None, expected: str
) -> None:
    assert kind(found, command) == expected


@pytest.mark.parametrize(
    ("end", "failed"),
    [
        (None, False),
        (ended(0), False),
        (ended(1), True),
        (ended(0, timed_out=True), True),
        (ended(0, oom=True), True),
        (ended(None, signal=9), True),
    ],
)
def test_only_a_command_that_ran_and_did_not_end_well_failed(
    end: ProcessEnd | None, failed: bool
) -> None:
    assert did_fail(end) is failed


def test_a_failing_run_keeps_what_it_said_and_how_it_ended() -> None:
    end = ended(1, TRACE, stdout="x" * 9_000, seconds=1.5)
    found = failure_of_command(request(), COMMAND.argv, end)
    assert (found.source, found.argv, found.exit_code) == ("baseline", COMMAND.argv, 1)
    assert (len(found.stdout_tail), found.duration_s) == (8_000, 1.5)
    assert found.culprit is not None
    assert (found.culprit.file, found.culprit.line) == (SCRIPT, 2)


def test_two_runs_of_one_fault_have_one_fingerprint_and_two_faults_have_two() -> None:
    first, again = (failure_of_command(request(), COMMAND.argv, ended(1, TRACE)) for _ in "ab")
    other = failure_of_command(
        request(), COMMAND.argv, ended(1, TRACE.replace("KeyError: 'totl'", "TypeError: x"))
    )
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint


def test_a_failure_of_a_check_points_at_its_line() -> None:
    found = find_failure(request(), None, report(syntax=(PROBLEM,)))
    assert found is not None
    assert found.source == "check"
    assert found.culprit is not None
    assert (found.culprit.file, found.culprit.line) == (SCRIPT, 3)


OWN = {"tests/test_all.py": (3,)}


def trace_of(node: str, executed: Lines | None = None, loaded: Lines | None = None) -> FailingTests:
    return FailingTests(nodes=(node,), executed=executed or {}, loaded=loaded or {})


@pytest.mark.parametrize(
    ("trace", "is_related"),
    [
        pytest.param(trace_of("a", {SCRIPT: (4,)}), True, id="it calls a function"),
        pytest.param(trace_of("a", {SCRIPT: (0,)}), True, id="it runs it as a program"),
        pytest.param(trace_of("a", OWN, {SCRIPT: (0,)}), True, id="it imports it"),
        pytest.param(trace_of("a", {}, {SCRIPT: (0,)}), True, id="it fails to import it"),
        pytest.param(trace_of("b", {SCRIPT: (4,)}), True, id="it was not traced"),
        pytest.param(trace_of("a", OWN), False, id="it runs its own code alone"),
        pytest.param(trace_of("a", {"scripts/job10.py": (4,)}), False, id="of a longer name"),
        pytest.param(trace_of("a", {"old/scripts/job.py": (4,)}), False, id="in another folder"),
    ],
)
def test_a_failing_test_that_executes_the_script_is_related(
    trace: FailingTests, is_related: bool
) -> None:
    said = result("a", "failed", f'{SCRIPT}:2: tests/test_job.py::test_job "job"')
    found = find_related_failures(SCRIPT, report(run(said), failing=(trace,)))
    assert bool(found) is is_related


def test_tests_that_execute_the_script_come_before_those_that_only_import_it() -> None:
    results = run(result("imports", "failed"), result("calls", "failed"), result("dark", "failed"))
    traces = (
        trace_of("imports", OWN, {SCRIPT: (0,)}),
        trace_of("calls", {SCRIPT: (4,)}, {SCRIPT: (0,)}),
    )
    found = find_related_failures(SCRIPT, report(results, failing=traces))
    assert [each.node for each in found] == ["calls"]


def test_a_test_command_is_related_only_where_it_was_traced_into_the_script() -> None:
    failing = run(result("make test", "failed", "job"), by_status=True)
    known = trace_of("make test", {}, {SCRIPT: (0, 4)})
    assert find_related_failures(SCRIPT, report(failing)) == []
    assert find_related_failures(SCRIPT, report(failing, failing=(known,))) != []


def test_a_test_that_passes_or_is_flaky_is_no_failure() -> None:
    node = "tests/test_job.py::a"
    assert not find_related_failures(SCRIPT, report(run(result(node))))
    flaky = report(run(result(node, "failed")), run(result(node)))
    assert not find_related_failures(SCRIPT, flaky)


MISSING = TRACE.replace("KeyError: 'totl'", "FileNotFoundError: [Errno 2] No such file: '{path}'")


@pytest.mark.parametrize(
    ("by_test", "of_command", "is_shown"),
    [
        (TRACE, TRACE, True),
        ("In a test\n" + TRACE, TRACE, True),
        (TRACE.replace("line 2", "line 9"), TRACE, False),
        (TRACE.replace("KeyError", "ValueError"), TRACE, False),
        (TRACE.replace(SCRIPT, "scripts/other.py"), TRACE, False),
        ("AssertionError", TRACE, False),
        ("AssertionError", "", False),
        (MISSING.format(path="/tmp/x/2024/a.txt"), MISSING.format(path="/tmp/y"), True),
        (MISSING.format(path="data/rows.json"), MISSING.format(path="data/rows.json"), False),
        (MISSING.format(path="/job/tree/rows.json"), MISSING.format(path="/tmp/x"), False),
    ],
)
def test_a_test_shows_the_failure_where_it_ends_alike_at_the_same_place(
    by_test: str, of_command: str, is_shown: bool
) -> None:
    end = ended(1, of_command)
    failure = failure_of_command(request(), COMMAND.argv, end)
    failing = report(run(result("tests/test_job.py::test_total", "failed", by_test)))
    assert is_shown_by_a_test(request(), failure, failing) is is_shown
    assert not is_shown_by_a_test(request(), failure, report(run(result("a::b"))))
