"""A sandbox that runs small trusted programs in this process: a whole repair in a second.

Belongs here: one script of plain functions and pytest-like tests of it, run for real. Does not
belong here: what the real sandbox does beside (limits, lint, forged reports).
"""

from collections.abc import Callable, Iterator, Mapping

from sandbox import Behaviour, Job, ProcessEnd, Report, ScreenResult, TestResult, TestRun
from sandbox.inside.tree import ROOT, parse

Files = Mapping[str, str]


def answers(script: str, inputs: tuple[tuple[object, ...], ...]) -> Callable[[Job], Report]:
    """What running a job on a tree with this script shows; a comparison calls with `inputs`."""

    def run(job: Job) -> Report:
        files = {entry.path: bytes(entry.content).decode() for entry in parse(job.tree)}
        plan = job.plan
        if plan.screen is not None:
            texts = [dict(files) | dict(candidate) for candidate in plan.screen.candidates]
            if plan.screen.compare:
                return Report(behaved=tuple(_compare(n, t, plan.screen.compare, inputs)
                                            for n, t in enumerate(texts)))  # fmt: skip
            wanted = (*plan.screen.failing, *plan.screen.passing)
            return Report(screened=tuple(_screen(n, t, script, wanted)
                                         for n, t in enumerate(texts)))  # fmt: skip
        runs = [_run_tests(files, script, plan.trace) for _ in plan.tests.seeds if plan.tests]
        return Report(tests=tuple(runs))

    return run


def _run_tests(files: Files, script: str, trace: dict[str, tuple[int, ...]]) -> TestRun:
    results = tuple(_results(files, script))
    return TestRun(
        results=results,
        ended=ProcessEnd(exit_code=1, executed=trace),
        collected=tuple(result.node for result in results),
        sentinels=1,
        sentinels_failed=1,
    )


def _results(files: Files, script: str) -> Iterator[TestResult]:
    for path in sorted(files):
        if not path.rpartition("/")[2].startswith("test_"):
            continue
        scope: dict[str, object] = {}
        exec(compile(files[script], f"{ROOT}/{script}", "exec"), scope)
        lines = [line for line in files[path].splitlines(keepends=True)
                 if not line.startswith("from scripts")]  # fmt: skip
        exec(compile("".join(lines), f"{ROOT}/{path}", "exec"), scope)
        for name in [name for name in scope if name.startswith("test_")]:
            yield _try(f"{path}::{name}", scope[name], path, script)


def _try(node: str, test: object, path: str, script: str) -> TestResult:
    try:
        test()  # type: ignore[operator]  # a function
    except AssertionError:
        frame = f'  File "{ROOT}/{path}", line 1, in test\n    assert\n'
        detail = f"Traceback (most recent call last):\n{frame}AssertionError: assert 1 == 2\n"
        return TestResult(node=node, outcome="failed", detail=detail)
    except Exception as error:
        frame = f'  File "{ROOT}/{script}", line 1, in f\n    f\n'
        detail = f"Traceback (most recent call last):\n{frame}{type(error).__name__}: {error}\n"
        return TestResult(node=node, outcome="failed", detail=detail)
    return TestResult(node=node, outcome="passed")


def _screen(index: int, files: Files, script: str, wanted: tuple[str, ...]) -> ScreenResult:
    for result in _results(files, script):
        if result.node in wanted and result.outcome != "passed":
            detail = f"{result.node}\n{result.detail}"
            return ScreenResult(index=index, outcome="failed", detail=detail)
    return ScreenResult(index=index, outcome="passed")


def _compare(
    index: int, files: Files, place: tuple[str, ...], inputs: tuple[tuple[object, ...], ...]
) -> Behaviour:
    scope: dict[str, object] = {}
    exec(compile(files[place[0]], place[0], "exec"), scope)

    def call(given: tuple[object, ...]) -> str:
        try:
            return repr(scope[place[1]](*given))  # type: ignore[operator]  # a function
        except Exception as error:
            return f"raises {type(error).__name__}"

    pairs = tuple((repr(given), call(given)) for given in inputs)
    return Behaviour(index=index, outcome="passed", pairs=pairs)
