"""A broken program with its failing tests, as a drafter is given it."""

import textwrap
from typing import Any

from healer.draft.rules.source_file import SourceFile, apply_edits
from healer.draft.search.operators.mutation import Operator, find_scopes
from healer.facts.draft import Case, Drafts, WriteFile
from healer.failure import Failure
from sandbox import Behaviour, ProcessEnd, Report, TestResult, TestRun
from tests.support.memory_tree import MemoryTree


def make_case(*failing: str, protected: tuple[str, ...] = (), **more: Any) -> Case:
    """The case of `job.py`, of which tests of `test_job.py` fail, by their names."""
    results = tuple(TestResult(node=f"test_job.py::{name}", outcome="failed") for name in failing)
    run = TestRun(results=results, ended=ProcessEnd(exit_code=1))
    values: dict[str, Any] = {
        "repair": "r",
        "script": "job.py",
        "failure": Failure(id="f", script="job.py", source="check"),
        "base": "",
        "baseline": Report(tests=(run,)),
        "protected": ("test_job.py", *protected),
    }
    return Case(**(values | more))


def make_tree(program: str, tests: str) -> MemoryTree:
    """`job.py` and `test_job.py`."""
    files = {"job.py": program, "test_job.py": tests}
    return MemoryTree({path: textwrap.dedent(text) for path, text in files.items()})


def content_of(drafts: Drafts, index: int = 0) -> str:
    """The whole text that a draft gives its file."""
    edit = drafts.candidates[index].edits[0]
    assert isinstance(edit, WriteFile)
    return edit.content


def make_behaviour(index: int, **results: str) -> Behaviour:
    """What a candidate makes of inputs that are named by the keywords."""
    return Behaviour(index=index, outcome="passed", pairs=tuple(results.items()))


def apply_operator(operator: Operator, source: str, *others: SourceFile) -> list[str]:
    """The texts that an operator makes of a file, in its order."""
    code = SourceFile("job.py", source)
    mutations = [m for scope in find_scopes(code, others) for m in operator(scope)]
    return [apply_edits(source, mutation.changes) for mutation in mutations]


def apply_to_value(operator: Operator, expression: str, names: str = "a, b") -> set[str]:
    """What an operator makes of `return expression` in a function of some parameters; only edits
    of that one line are given, as expressions."""
    head = f"def f({names}):\n    return "
    made = apply_operator(operator, f"{head}{expression}\n")
    return {text.removeprefix(head).rstrip("\n") for text in made if text.startswith(head)}
