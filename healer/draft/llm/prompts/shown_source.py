"""Which source a prompt shows: of a failure's frames, of failing tests, of what they call.

Belongs here: choosing functions, each once, and putting values and signatures beside them. Does
not belong here: reading source (`code`), the other sections (`context`).
"""

import re

from healer.draft.llm.prompts.code import Module, Repository, names_in, signature
from healer.facts.draft import Case
from healer.failure import Frame
from healer.redact import Redactor
from sandbox import TestResult

_MOST_TESTS = 3
_AROUND_FAULT, _AROUND_CALL = 8, 2
"""Lines shown before and after one at a module's top level: where it failed, where it called."""
_LONGEST_TEST = 25
"""Lines of a test that is shown whole."""
_MOST_SIGNATURES = 25
_MOST_ASSERTION_LINES = 8
_TEST_LINE = re.compile(r"(?m)^(?P<file>[^\s:<>\"']+\.py):(?P<line>\d+): ?(?P<rest>.*)$")
_VALUE_LENGTH = 120


class Shown:
    """Collects source, each function once, and remembers what it shows."""

    def __init__(self, repository: Repository, redactor: Redactor) -> None:
        self._repository = repository
        self._redactor = redactor
        self._seen: set[tuple[str, str]] = set()
        self._parts: list[str] = []
        self._called: dict[tuple[str, str], str] = {}

    def code(self, case: Case, frames: list[Frame], failing: list[TestResult]) -> str:
        """Enclosing functions innermost first; without frames what the failing tests call."""
        for frame in frames:
            self._frame(frame, frames)
        for problem in case.baseline.syntax:
            self._place(problem.path, problem.line, "")
        if not self._parts:
            for result in failing[:_MOST_TESTS]:
                self._under_test(result)
        if not self._parts:
            self._whole(case.script)
        return self._redactor.source("\n\n".join(self._parts))

    def tests(self, failing: list[TestResult]) -> str:
        """Source and assertion of the first few; the others by name."""
        parts: list[str] = []
        for result in failing[:_MOST_TESTS]:
            path, name = _node(result.node)
            module = self._repository.module(path)
            named = module.symbol(name) if module else None
            if module and named and (path, named.name) not in self._seen:
                self._seen.add((path, named.name))
                lines = _lines_of(result.detail, path)
                body = module.excerpt(named.node, *lines, longest=_LONGEST_TEST)
                parts.append(f"# {result.node}\n{self._redactor.source(body)}")
            else:
                parts.append(f"# {result.node}")
            parts.append(self._redactor.text(_assertion(result.detail)))
        more = [result.node for result in failing[_MOST_TESTS:]]
        if more:
            parts.append(f"# and {len(more)} more: {', '.join(more[:5])}")
        return "\n".join(part for part in parts if part)

    def signatures(self) -> str:
        """Of what the shown functions call and that is not shown itself."""
        found = [line for key, line in self._called.items() if key not in self._seen]
        return self._redactor.source("\n".join(found[:_MOST_SIGNATURES]))

    def _frame(self, frame: Frame, frames: list[Frame]) -> None:
        module = self._repository.module(frame.file)
        if module is None:
            return
        line = module.line_of(frame.line, frame.source)
        same = [
            module.line_of(other.line, other.source) for other in frames if other.file == frame.file
        ]
        self._place(frame.file, line, _values(frame), *same)

    def _place(self, path: str, line: int, values: str, *others: int) -> None:
        module = self._repository.module(path)
        if module is None:
            return
        named = module.enclosing(line)
        if named is None:
            if self._parts and not values and module.only_starts(line):
                return
            count = _AROUND_CALL if self._parts else _AROUND_FAULT
            self._add(module, f"lines around {line}", module.around(line, count), values)
            return
        text = module.excerpt(named.node, line, *others)
        if self._add(module, named.name, text, values):
            bindings = module.bindings(names_in(named.node))
            if bindings:
                self._add(module, f"names used by {named.name}", bindings, "")
            self._note_calls(module, named.name)

    def _under_test(self, result: TestResult) -> None:
        path, name = _node(result.node)
        places = _lines_with_files(result.detail)
        for file, line in reversed(places):
            if not self._repository.tests.is_test_code(file):
                self._place(file, line, "")
        module = self._repository.module(path)
        named = module.symbol(name) if module else None
        if module is None or named is None:
            return
        for target, callee in self._repository.called(module, named.node):
            if not self._repository.tests.is_test_code(target.path):
                self._place(target.path, callee.node.lineno, "")

    def _whole(self, path: str) -> None:
        module = self._repository.module(path)
        if module is not None:
            self._add(module, "the script", module.text.strip("\n"), "")

    def _add(self, module: Module, name: str, text: str, values: str) -> bool:
        if (module.path, name) in self._seen:
            return False
        self._seen.add((module.path, name))
        head = f"# {module.path}: {name}"
        self._parts.append("\n".join(part for part in (head, values, text) if part))
        return True

    def _note_calls(self, module: Module, name: str) -> None:
        named = module.symbol(name)
        if named is None:
            return
        for target, callee in self._repository.called(module, named.node):
            line = f"{target.path}: {signature(callee)}"
            self._called.setdefault((target.path, callee.name), line)


def _values(frame: Frame) -> str:
    """Values of names on the shown line only; each in one line."""
    words = set(re.findall(r"\w+", frame.source))
    known = {name: value for name, value in frame.locals.items() if name in words}
    return "\n".join(
        f"# at line {frame.line}: {name} = {' '.join(value.split())[:_VALUE_LENGTH]}"
        for name, value in known.items()
    )


def _node(node: str) -> tuple[str, str]:
    """File and qualified name of a node id, without its parameters."""
    path, *names = node.partition("[")[0].split("::")
    return path, ".".join(names)


def _assertion(detail: str) -> str:
    """pytest's `E` lines, which say what was expected; its last lines where there are none."""
    lines = [line for line in detail.split("\n") if line.strip(" E") and "use '-vv'" not in line]
    marked = [line for line in lines if line.startswith("E ")]
    return "\n".join(marked[:_MOST_ASSERTION_LINES] or lines[-_MOST_ASSERTION_LINES:])


def _lines_with_files(detail: str) -> list[tuple[str, int]]:
    return [(match["file"], int(match["line"])) for match in _TEST_LINE.finditer(detail)]


def _lines_of(detail: str, path: str) -> list[int]:
    return [line for file, line in _lines_with_files(detail) if file == path]
