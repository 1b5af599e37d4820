"""Compares the tests of two trees, node by node.

Belongs here: which tests pass now, fail now, vanished, are flaky, or are forged. Does not belong
here: whether that is enough (`checks`).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from healer.failure import Fact
from healer.judge.missing_plugins import explain_missing_plugin
from sandbox import FailingTests, TestResult, TestRun

GOOD = "passed"
BAD = frozenset({"failed", "error"})
_NO_PROGRAM = (126, 127)
"""A shell's exit codes for what cannot be started."""
_PYTEST_RAN = (0, 1, 5)
"""pytest's exit codes after a collection: all passed, some failed, none was found."""
_RAISES = re.compile(r"^E   (\w[\w.]*(?:: .*)?)$", re.MULTILINE)
MOST_NAMED = 3
"""Tests named in one sentence."""


class Comparison(Fact):
    """What became of the tests. Every tuple holds node ids."""

    fail_to_pass: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    pass_to_fail: tuple[str, ...] = ()
    """Passed before; now failed, skipped, expected to fail, or gone."""
    new_failing: tuple[str, ...] = ()
    """Not there before, and failing."""
    flaky: tuple[str, ...] = ()
    """The baseline's own runs disagree; set aside."""
    order_dependent: tuple[str, ...] = ()
    """The outcome depends on the order of the tests, as it did before: passes as written, and the
    same in each shuffled run. Not flaky, since each run has its counterpart."""
    unrelated: tuple[str, ...] = ()
    """Failing before and after, and executing nothing of what the repair is about."""
    uncollected: tuple[str, ...] = ()
    """Modules among these of which no test could be run, each with why: a sentence's words."""
    by_date: tuple[str, ...] = ()
    """Passing today and not at the beginning of the next month, and not so before."""
    is_by_status: bool = False
    """The tests are one command, known by its exit status alone."""
    not_started: str = ""
    """Why the tests of neither tree could be started; empty when those of one could."""
    passed: int = 0
    forgery: str = ""
    """Why the result cannot be believed; empty when it can."""


def find_failing_tests(runs: Sequence[TestRun]) -> dict[str, TestResult]:
    """The tests that fail in every run, by node id; flaky ones are left out."""
    stable, _ = _split_by_agreement(runs)
    return {node: result for node, result in stable.items() if result.outcome in BAD}


def find_uncollected(runs: Sequence[TestRun]) -> dict[str, str]:
    """Why no test of a module could be run, in every run, by the module's path."""
    failing = find_failing_tests(runs)
    modules = {node: r for node, r in failing.items() if r.outcome == "error" and "::" not in node}
    return {node: _explain_collection(result.detail) for node, result in modules.items()}


def _explain_collection(detail: str) -> str:
    """The exception's own line, as pytest prints it."""
    raises = _RAISES.findall(detail)
    return raises[-1][:200] if raises else "it could not be collected"


def compare_tests(
    before: Sequence[TestRun], after: Sequence[TestRun], is_related: Callable[[TestResult], bool]
) -> Comparison:
    """What the change did to the tests; `is_related` says whether a failing one is our concern."""
    base, flaky = _split_by_agreement(before)
    now = _worst_results(after)
    fail_to_pass: list[str] = []
    still_failing: list[str] = []
    pass_to_fail: list[str] = []
    elsewhere: list[str] = []
    for node, result in base.items():
        passes = _passes_now(node, result, now)
        if result.outcome == GOOD and not passes:
            pass_to_fail.append(node)
        elif result.outcome in BAD and passes:
            fail_to_pass.append(node)
        elif result.outcome in BAD:
            (still_failing if is_related(result) else elsewhere).append(node)
    old = set(base) | set(flaky)
    order_dependent = _by_order_alone(flaky, before, after)
    new = [node for node, r in now.items() if node not in old and r.outcome in BAD]
    new = [node for node in new if node.split("::")[0] not in elsewhere]
    return Comparison(
        fail_to_pass=tuple(fail_to_pass),
        still_failing=tuple(still_failing),
        pass_to_fail=tuple(pass_to_fail),
        new_failing=tuple(new),
        flaky=tuple(node for node in flaky if node not in order_dependent),
        order_dependent=order_dependent,
        unrelated=tuple(elsewhere),
        uncollected=tuple(
            f"{node} ({why})" for node, why in find_uncollected(before).items() if node in elsewhere
        ),
        is_by_status=any(run.by_status for run in after),
        not_started=_not_started(before) and _not_started(after),
        passed=sum(1 for result in now.values() if result.outcome == GOOD),
        forgery=next((why for run in after if (why := find_forgery(run))), ""),
    )


def find_trace(node: str, traces: Sequence[FailingTests]) -> FailingTests | None:
    """What a failing test executes; None: it is not known."""
    return next((trace for trace in traces if node in trace.nodes), None)


def is_concerned(
    node: str, traces: Sequence[FailingTests], places: Mapping[str, Collection[int]]
) -> bool:
    """Whether a failing test executes any of the places; one that was not traced may."""
    trace = find_trace(node, traces)
    return trace is None or trace.touches(places)


def name_some(nodes: Sequence[str]) -> str:
    """The first of the nodes, and how many more there are, for a sentence."""
    first, rest = nodes[:MOST_NAMED], nodes[MOST_NAMED:]
    return ", ".join(first) + (f" and {len(rest)} more" if rest else "")


def find_forgery(run: TestRun) -> str:
    """Why this run's report cannot be believed, or an empty string."""
    # Where it did not come to its end, the sentinels could not fail; a command claims nothing.
    if run.by_status or explain_abort(run) or explain_no_start(run):
        return ""
    if not run.consistent:
        return "the run's reports and its exit status contradict each other"
    if run.sentinels_failed < run.sentinels:
        count = run.sentinels - run.sentinels_failed
        return f"{count} of {run.sentinels} tests that must fail did not fail"
    if run.sentinels == 0 and any(result.outcome == GOOD for result in run.results):
        return "tests are said to pass in a run without a test that must fail"
    if any(result.outcome in BAD for result in run.results) and run.ended.exit_code == 0:
        return "the run's exit status says success, its results do not"
    return ""


def explain_abort(run: TestRun) -> str:
    """Why the run did not come to its end, or an empty string."""
    if run.ended.timed_out:
        return "the tests ran into the time limit"
    if run.ended.oom:
        return "the tests ran out of memory"
    if run.ended.signal is not None:
        return f"the tests were ended by signal {run.ended.signal}"
    return ""


def explain_no_start(run: TestRun) -> str:
    """Why the runner did not come to its first test, or an empty string."""
    if explain_abort(run):
        return ""
    code = run.ended.exit_code
    is_missing = run.by_status and code in _NO_PROGRAM
    # Python itself ends with 1, too, where an error of pytest's start reaches it.
    is_pytests = code in _PYTEST_RAN and (run.by_status or run.consistent)
    if not is_missing and (run.results or run.collected or is_pytests):
        return ""
    why = explain_missing_plugin(run.ended.stderr) or _last_words(run.ended.stderr)
    return f"the tests could not be started: {why}"


def _last_words(stderr: str) -> str:
    """The line that says what is wrong, as far as one can tell."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("[sandbox]")]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["nothing was printed"])[-1][:200]


def _not_started(runs: Sequence[TestRun]) -> str:
    return next((why for run in runs if (why := explain_no_start(run))), "")


def _split_by_agreement(runs: Sequence[TestRun]) -> tuple[dict[str, TestResult], tuple[str, ...]]:
    """Results on which all runs agree, and the node ids on which they do not."""
    by_node: dict[str, list[TestResult]] = {}
    for run in runs:
        for result in run.results:
            by_node.setdefault(result.node, []).append(result)
    stable: dict[str, TestResult] = {}
    flaky: list[str] = []
    for node, results in by_node.items():
        agree = len(results) == len(runs) and len({r.outcome in BAD for r in results}) == 1
        if agree and len({r.outcome for r in results} - BAD) <= 1:
            stable[node] = results[0]
        else:
            flaky.append(node)
    return stable, tuple(flaky)


def _by_order_alone(
    flaky: Sequence[str], before: Sequence[TestRun], after: Sequence[TestRun]
) -> tuple[str, ...]:
    """Those of the nodes that pass in the first run, the tests as written, and end in each other
    run as in that of the same order before."""
    orders = [run.collected for run in before]
    if not all(orders) or orders != [run.collected for run in after]:
        return ()
    pairs = [(_outcomes(old), _outcomes(new)) for old, new in zip(before, after, strict=True)]
    return tuple(
        node
        for node in flaky
        if pairs[0][0].get(node) == GOOD
        and all(node in old and old[node] == new.get(node) for old, new in pairs)
    )


def _outcomes(run: TestRun) -> dict[str, str]:
    return {result.node: result.outcome for result in run.results}


def _worst_results(runs: Sequence[TestRun]) -> dict[str, TestResult]:
    """By node, the least good result of all runs; a node that one run lacks is an error."""
    worst: dict[str, TestResult] = {}
    for run in runs:
        for result in run.results:
            if result.node not in worst or result.outcome != GOOD:
                worst[result.node] = result
    for run in runs:
        for node in worst.keys() - {result.node for result in run.results}:
            worst[node] = TestResult(node=node, outcome="error", detail="ran in one run only")
    return worst


def _passes_now(node: str, before: TestResult, now: dict[str, TestResult]) -> bool:
    """Whether the node passes now. A module that could not be collected has no node any more
    when it is healed: then its tests stand for it, and all of them must pass."""
    if node in now:
        return now[node].outcome == GOOD
    if before.outcome == "error" and "::" not in node:
        inside = [result for key, result in now.items() if key.startswith(node + "::")]
        return bool(inside) and all(result.outcome == GOOD for result in inside)
    return False
