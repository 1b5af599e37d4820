"""A person's answer as a test in the project's own style and place.

Belongs here: which file it is written to, and its text. Does not belong here: the commit that
brings it (`answer`). Pure but for the tree that it reads.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from healer.facts.draft import Source
from healer.facts.question import Question
from quarantine.project_tests import ProjectTests, runner_of

RAISES = "raises "
"""Before the name of an exception, in place of a value."""


class AnswerTest(NamedTuple):
    """One file with the answer at its end."""

    path: str
    content: str


class NoPlaceError(Exception):
    """A test cannot be written for a person here; the message says what to do."""


def write_test(
    question: Question, outcome: str, by: str, base: Source, command: Sequence[str]
) -> AnswerTest:
    """The test file with the answer at its end. Raises NoPlaceError."""
    if runner_of(command).kind != "pytest":
        raise NoPlaceError(
            f"the tests are run by {' '.join(command)!r}, and healer writes tests for pytest; "
            f"write one that asks for {question.call} to give {outcome}"
        )
    module = question.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    path, text = _find_place(question, base, module) or (_new_path(question.path, base), "")
    name, needs = _find_name(text, question, module)
    inner = [needs, ""] if text and needs else []
    why = f"# {by} said so: the other tests let several fixes pass."
    title = f"test_{question.function}_as_answered{_number(text, question.function)}"
    lines = [why, *inner, *_assert(question, outcome, name, text)]
    block = "\n".join([f"def {title}():", *(f"    {line}".rstrip() for line in lines)])
    return AnswerTest(path, f"{(text or needs).rstrip()}\n\n\n{block}\n")


def _find_place(question: Question, base: Source, module: str) -> tuple[str, str] | None:
    """The test file that imports the module, one that names the function before others."""
    tests = ProjectTests.load(base)
    files = []
    for path in base.paths():
        if path.endswith(".py") and tests.is_test(path):
            text = (base.read(path) or b"").decode("utf-8", "replace")
            if any(_same_module(name, module) for name, _ in _imports(text)):
                is_named = re.search(rf"(?<![.\w]){question.function}\b", text)
                files.append((not is_named, path, text))
    if not files:
        return None
    _, path, text = min(files)
    return path, text


def _imports(text: str) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node
            yield from ((f"{node.module}.{each.name}", node) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.name, node) for each in node.names)


def _same_module(name: str, module: str) -> bool:
    """`job` imports scripts/job.py where its folder is on the path."""
    return module == name or module.endswith(f".{name}")


def _find_name(text: str, question: Question, module: str) -> tuple[str, str]:
    """How the function is called in this file, and the import that it needs first, if any."""
    function = question.function
    for name, node in _imports(text):
        if not _same_module(name, module):
            continue
        if isinstance(node, ast.ImportFrom) and _same_module(node.module or "", module):
            names = {each.name: each.asname or each.name for each in node.names}
            if function in names:
                return names[function], ""
            return function, f"from {node.module} import {function}"
        for each in node.names:
            whole = f"{node.module}.{each.name}" if isinstance(node, ast.ImportFrom) else each.name
            if _same_module(whole, module):
                return f"{each.asname or each.name}.{function}", ""
    return function, f"from {module} import {function}"


def _arguments(question: Question) -> str:
    return question.call.removeprefix(question.function)


def _assert(question: Question, outcome: str, name: str, text: str) -> list[str]:
    call = name + _arguments(question)
    if outcome.startswith(RAISES):
        is_known = re.search(r"^import pytest\b", text, re.MULTILINE)
        needs = [] if is_known else ["import pytest", ""]
        return [*needs, f"with pytest.raises({outcome.removeprefix(RAISES)}):", f"    {call}"]
    relation = "is" if outcome in ("None", "True", "False") else "=="
    return [f"assert {call} {relation} {outcome}"]


def _new_path(script: str, base: Source) -> str:
    stem = re.sub(r"\W+", "_", PurePosixPath(script).stem)
    every = set(base.paths())
    names = (f"tests/test_{stem}{end}.py" for end in ("", "_answers", "_answers_2", "_answers_3"))
    return next(name for name in names if name not in every)


def _number(text: str, function: str) -> str:
    count = len(re.findall(rf"def test_{function}_as_answered\w*\(", text))
    return f"_{count + 1}" if count else ""
