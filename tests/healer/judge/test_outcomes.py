"""Two trees' tests, node by node: what passes, what fails, and what cannot be believed."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.judge.outcomes import (
    BAD,
    Comparison,
    compare_tests,
    explain_abort,
    explain_no_start,
    find_failing_tests,
    find_forgery,
    find_uncollected,
    is_concerned,
    name_some,
)
from sandbox import FailingTests, TestResult, TestRun
from tests.healer.judge.reports import by_command, ended, not_started, run

OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def node(name: str) -> str:
    return f"tests/test_total.py::{name}"


def always(answer: bool) -> Callable[[TestResult], bool]:
    return lambda _: answer


def compare(before: TestRun, after: TestRun, *, is_related: bool = True) -> Comparison:
    return compare_tests([before, before], [after, after], always(is_related))


@pytest.mark.parametrize("before", OUTCOMES)
@pytest.mark.parametrize("after", [*OUTCOMES, "gone"])
def test_each_pair_of_outcomes_is_filed_once(before: str, after: str) -> None:
    now = {} if after == "gone" else {"a": after}
    found = compare(run(a=before, z="passed"), run(**now, z="passed"))
    filed = {
        "fail to pass": found.fail_to_pass,
        "still failing": found.still_failing,
        "pass to fail": found.pass_to_fail,
    }
    places = [place for place, nodes in filed.items() if node("a") in nodes]
    if before in BAD:
        assert places == ["fail to pass" if after == "passed" else "still failing"]
    elif before == "passed":
        assert places == ([] if after == "passed" else ["pass to fail"])
    else:
        assert places == []


def test_a_failing_test_that_is_not_our_concern_is_elsewhere() -> None:
    found = compare(run(a="failed"), run(a="failed"), is_related=False)
    assert (found.unrelated, found.still_failing) == ((node("a"),), ())


def test_a_test_that_fails_and_was_not_there_is_new() -> None:
    assert compare(run(a="passed"), run(a="passed", b="failed")).new_failing == (node("b"),)
    assert compare(run(a="passed"), run(a="passed", b="skipped")).new_failing == ()


def test_tests_of_a_module_that_was_broken_elsewhere_are_not_new() -> None:
    broken = TestResult(node="tests/test_total.py", outcome="error")
    before = TestRun(results=(broken,), ended=ended(2))
    found = compare(before, run(a="failed"), is_related=False)
    assert found.new_failing == ()


@pytest.mark.parametrize(
    ("first", "second", "flaky"),
    [
        ("passed", "failed", True),
        ("failed", "error", False),
        ("passed", "skipped", True),
        ("passed", "passed", False),
    ],
)
def test_runs_that_disagree_make_a_test_flaky(first: str, second: str, flaky: bool) -> None:
    runs = [run(a=first), run(a=second)]
    found = compare_tests(runs, [run(a="passed"), run(a="passed")], always(True))
    assert bool(found.flaky) is flaky
    assert (node("a") in find_failing_tests(runs)) is (not flaky and first in BAD)


def test_a_test_that_one_of_two_runs_lacks_does_not_pass() -> None:
    found = compare_tests([run(a="passed")] * 2, [run(a="passed"), run()], always(True))
    assert found.pass_to_fail == (node("a"),)


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (run(a="passed"), ""),
        (run(a="failed"), ""),
        (by_command(0), ""),
        (by_command(1), ""),
        (not_started(), ""),
        (run(sentinels=(2, 1), a="passed"), "must fail did not fail"),
        (run(sentinels=(0, 0), a="passed"), "without a test that must fail"),
        (run(consistent=False, a="passed"), "contradict"),
        (run(code=0, a="failed"), "says success"),
        (run(a="passed").model_copy(update={"ended": ended(None, signal=9)}), ""),
    ],
)
def test_a_forgery_is_told_from_what_a_run_may_look_like(made: TestRun, word: str) -> None:
    why = find_forgery(made)
    assert word in why
    assert bool(why) is bool(word)


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"timed_out": True}, "time limit"),
        ({"oom": True}, "memory"),
        ({"signal": 11, "exit_code": None}, "signal 11"),
        ({}, ""),
    ],
)
def test_a_run_that_did_not_come_to_its_end_says_why(how: dict[str, object], word: str) -> None:
    made = run(a="passed").model_copy(update={"ended": ended(**{"code": 1} | _renamed(how))})
    assert word in explain_abort(made)
    assert bool(explain_abort(made)) is bool(word)


def _renamed(how: dict[str, object]) -> dict[str, object]:
    return {"code" if key == "exit_code" else key: value for key, value in how.items()}


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (not_started("one\nerror: no such option\n[sandbox] not believed: x\n"), "no such option"),
        (not_started(""), "nothing was printed"),
        (not_started("INTERNALERROR> x\n"), "INTERNALERROR> x"),
        (
            not_started("pytest.PytestConfigWarning: no filter x\n").model_copy(
                update={"ended": ended(1, "pytest.PytestConfigWarning: no filter x\n")}
            ),
            "PytestConfigWarning: no filter x",
        ),
        (by_command(127, stderr="make: No such program in the sandbox image\n"), "make: No such"),
        (by_command(126, stderr="run.sh: Permission denied\n"), "run.sh: Permission denied"),
        (by_command(1, stderr="error: x"), ""),
        (by_command(0), ""),
        (run(a="error"), ""),
        (run(1), ""),
        (run(5, sentinels=(0, 0)), ""),
        (not_started().model_copy(update={"ended": ended(4, timed_out=True)}), ""),
    ],
)
def test_a_runner_that_did_not_come_to_its_first_test_says_why(made: TestRun, word: str) -> None:
    why = explain_no_start(made)
    assert word in why
    assert bool(why) is bool(word)


def test_neither_tree_started_only_where_both_did_not() -> None:
    assert compare(not_started(), not_started()).not_started
    assert not compare(run(a="passed"), not_started()).not_started
    assert not compare(not_started(), run(a="passed")).not_started


PLACES = {"scripts/man.py": (4,), "scripts/job1.py": (0, 9)}


@pytest.mark.parametrize(
    ("executed", "loaded", "concerned"),
    [
        pytest.param({"scripts/man.py": (4,)}, {}, True, id="it calls the function"),
        pytest.param({"scripts/man.py": (1, 4)}, {}, True, id="and another"),
        pytest.param({}, {"scripts/job1.py": (0,)}, True, id="it imports the changed module"),
        pytest.param({}, {"scripts/man.py": (4,)}, True, id="called while it is imported"),
        pytest.param({"scripts/man.py": (1,)}, {}, False, id="another function of the file"),
        pytest.param({}, {"scripts/man.py": (0,)}, False, id="it only imports the file"),
        pytest.param({"scripts/command.py": (4,)}, {}, False, id="man is in command"),
        pytest.param({"scripts/job10.py": (0, 9)}, {}, False, id="job1 is in job10"),
        pytest.param({"scripts/man.pyi": (4,)}, {}, False, id="another suffix"),
        pytest.param({"man.py": (4,)}, {}, False, id="another folder"),
        pytest.param({}, {}, False, id="it executes nothing"),
    ],
)
def test_a_failing_test_is_concerned_by_what_it_executes(
    executed: dict[str, tuple[int, ...]], loaded: dict[str, tuple[int, ...]], concerned: bool
) -> None:
    trace = FailingTests(nodes=("t.py::a", "t.py::b"), executed=executed, loaded=loaded)
    assert is_concerned("t.py::b", [trace], PLACES) is concerned


@pytest.mark.parametrize("name", ["scripts/man.py::a", "t.py::man", "t.py"])
def test_a_failing_test_that_was_not_traced_is_concerned(name: str) -> None:
    trace = FailingTests(nodes=("t.py::a",))
    assert is_concerned(name, [trace], {"scripts/man.py": (4,)})
    assert is_concerned(name, [], {})


@pytest.mark.parametrize(
    ("count", "text"), [(0, ""), (1, "0"), (3, "0, 1, 2"), (5, "0, 1, 2 and 2 more")]
)
def test_a_sentence_names_some(count: int, text: str) -> None:
    assert name_some([str(n) for n in range(count)]) == text


RUNS = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(OUTCOMES), max_size=4).map(
        lambda outcomes: run(**outcomes)
    ),
    min_size=1,
    max_size=3,
)


@given(RUNS, RUNS)
def test_no_test_is_filed_twice(before: list[TestRun], after: list[TestRun]) -> None:
    found = compare_tests(before, after, always(True))
    filed = [
        *found.fail_to_pass,
        *found.still_failing,
        *found.pass_to_fail,
        *found.new_failing,
        *found.flaky,
        *found.order_dependent,
    ]
    assert len(filed) == len(set(filed))


@given(RUNS)
def test_the_same_tree_twice_breaks_and_heals_nothing(runs: list[TestRun]) -> None:
    found = compare_tests(runs, runs, always(True))
    assert not (found.fail_to_pass or found.pass_to_fail or found.new_failing)


@pytest.mark.parametrize(
    ("detail", "why"),
    [
        ("E   ImportError: no mock", "ImportError: no mock"),
        ("E     File 'a'\nE       x (\nE   SyntaxError: never closed", "SyntaxError: never closed"),
        ("E   ValueError: first line\nE   and the rest of it", "ValueError: first line"),
        ("E   KeyError", "KeyError"),
        ("usage error", "it could not be collected"),
    ],
)
def test_a_module_that_could_not_be_collected_is_named_with_why(detail: str, why: str) -> None:
    def make() -> TestRun:
        results = [
            TestResult(node="tests/test_a.py", outcome="error", detail=detail),
            TestResult(node="tests/test_b.py::t", outcome="error", detail=detail),
        ]
        return run().model_copy(update={"results": tuple(results)})

    assert find_uncollected([make(), make()]) == {"tests/test_a.py": why}
    assert compare(make(), make(), is_related=False).uncollected == (f"tests/test_a.py ({why})",)
    assert compare(make(), make()).uncollected == (), "it concerns the repair: it is failing"
    assert compare(make(), run(t="passed")).uncollected == ()
