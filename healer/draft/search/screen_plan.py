"""What screening has to run for a case: which tests must turn green, which must stay so.

Belongs here: the tree as a tar, and its tests, read from the baseline and from a spectrum. Does not
belong here: candidates (`rounds` fills them in) and how tests are run (`sandbox`).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from healer.draft.search.localise import ENDLESS
from healer.facts.draft import Case, Source
from sandbox import SpectrumTest, TestPlan, TestResult
from sandbox.job import Command, ScreenPlan
from sandbox.trees import tar

MIN_LIMIT_S = 0.03
"""Processor time; a test that only computes needs a tenth of it."""
MAX_LIMIT_S = 4.0
_SLACK = 1.5
"""On top of the traced run's processor time, which is itself two to ten times the plain one."""
FAILURES = ("failed", "error")
"""How a test of the baseline ends that must turn green."""
_NODE_SEPARATOR = "::"


def make_screen_plan(case: Case) -> ScreenPlan | None:
    """What screening runs for this case; None where nothing can tell good from bad."""
    runs = [run for run in case.baseline.tests if not run.by_status]
    results = [result for run in runs for result in run.results]
    failing = [r.node for r in results if r.outcome in FAILURES]
    was_collected = bool(results) or any(run.collected for run in case.baseline.tests)
    hangs = was_collected and any(run.ended.timed_out for run in case.baseline.tests)
    command = _find_failing_command(case)
    tests = (case.tests or TestPlan()).model_copy(update={"sentinels": False})
    if failing or hangs:
        modules = tuple(node for node in failing if _NODE_SEPARATOR not in node)
        return ScreenPlan(tests=tests, failing=modules, command=command, select=tests.select)
    if command is None:
        return None
    return ScreenPlan(tests=tests, use_tests=bool(results), command=command, select=tests.select)


def _find_failing_command(case: Case) -> Command | None:
    """The command where it is a Python program that fails on the baseline."""
    command_end = case.baseline.command
    fails = command_end is not None and (command_end.exit_code != 0 or command_end.timed_out)
    command = case.run or Command(argv=case.command)
    return command if fails and _is_python(command.argv) else None


def _is_python(argv: tuple[str, ...]) -> bool:
    return len(argv) > 1 and argv[0] in ("python", "python3") and argv[1] != "-c"


def pack_tree(source: Source) -> bytes:
    """The whole tree as the sandbox takes it."""
    contents = ((path, source.read(path)) for path in source.paths())
    return tar({path: data for path, data in contents if data is not None})


def find_finished_tests(case: Case) -> dict[str, TestResult]:
    """The tests of the baseline that ended by themselves, by node id."""
    return {
        result.node: result
        for run in case.baseline.tests[:1]
        for result in run.results
        if ENDLESS not in result.detail
    }


def list_failing(finished_tests: Mapping[str, TestResult]) -> set[str]:
    """Of the tests that ended by themselves, those that failed, by node id."""
    failing = (node for node, result in finished_tests.items() if result.outcome in FAILURES)
    return {node for node in failing if _NODE_SEPARATOR in node}


def leave_out_unsteady(
    spectrum: Iterable[SpectrumTest], finished_tests: Mapping[str, TestResult]
) -> tuple[SpectrumTest, ...]:
    """Without the tests that passed in the baseline and fail here, where each is run alone: they
    need what another test leaves behind, and no edit makes them pass."""

    def is_unsteady(test: SpectrumTest) -> bool:
        before = finished_tests.get(test.node)
        fails = test.outcome in (*FAILURES, "crashed")
        return fails and before is not None and before.outcome == "passed"

    return tuple(test for test in spectrum if not is_unsteady(test))


def add_tests(
    plan: ScreenPlan,
    spectrum: Iterable[SpectrumTest],
    finished_tests: Mapping[str, TestResult] = MappingProxyType({}),
) -> ScreenPlan:
    """The plan with the tests that must turn green and those that must stay so, and how long they
    may take.

    A test that the spectrum cut off, but that came to its end in the baseline (`finished_tests`),
    is only slow.
    `plan.failing` may already name what cannot be collected (a module that does not import).
    Quick tests come first: most wrong edits already fail there.
    """
    tests = list(spectrum)
    timeouts = [t.node for t in tests if t.outcome == "timeout"]
    slow = {
        node
        for node in timeouts
        if node in finished_tests and finished_tests[node].outcome == "passed"
    }
    failing = [t.node for t in tests if t.outcome in ("failed", "crashed", "timeout")]
    failing = [node for node in failing if node not in slow]
    failing += [node for node in plan.failing if node not in {t.node for t in tests}]
    pass_s = {t.node: t.seconds for t in tests if t.outcome == "passed"}
    pass_s |= {node: finished_tests[node].seconds for node in slow}
    total_s = sum(t.seconds for t in tests if t.outcome != "timeout")
    total_s += sum(finished_tests[node].seconds for node in timeouts if node in finished_tests)
    return plan.model_copy(
        update={
            "failing": tuple(sorted(failing, key=lambda node: node in set(timeouts))),
            "passing": tuple(sorted(pass_s, key=lambda node: round(pass_s[node], 3))),
            "limit_s": min(max(MIN_LIMIT_S, total_s * _SLACK), MAX_LIMIT_S),
        }
    )
