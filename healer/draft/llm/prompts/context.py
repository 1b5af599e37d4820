"""What a model is shown of a failure: built from the case and the base commit, pure.

Belongs here: which facts and which functions go into which section, in which order, with which
budget. The order is that of a repair: what stays the same from attempt to attempt comes first,
earlier attempts last, so that a provider's prompt cache works. Does not belong here: reading source
(`code`), cutting and marking (`prompt`).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from healer.draft.from_memory import Incident
from healer.draft.llm.prompts.code import CodeBase, CodeSymbol, Module, names_in, signature_of
from healer.draft.llm.prompts.prompt import Section
from healer.facts.draft import Case, Source
from healer.failure import Failure, Frame, Raised
from healer.redact import Redactor
from sandbox import TestResult

MOST_FRAMES = 16
MOST_INCIDENTS = 3
_OUTPUT_LINES = 25
_MOST_TESTS = 3
_AROUND_FAULT, _AROUND_CALL = 8, 2
"""Lines shown before and after one at a module's top level: where it failed, where it called."""
_LONGEST_TEST = 25
"""Lines of a test that is shown whole."""
_MOST_SIGNATURES = 25
_MOST_ASSERTION_LINES = 8
_TEST_LINE = re.compile(r"(?m)^(?P<file>[^\s:<>\"']+\.py):(?P<line>\d+): ?(?P<rest>.*)$")
_LONGEST_VALUE = 120
_RELATIONS = {
    "cause": "-- which was the direct cause of:",
    "context": "-- while handling it:",
    "group": "-- part of:",
}


def make_sections(
    case: Case,
    source: Source,
    redactor: Redactor,
    *,
    recent_change: str = "",
    incidents: Sequence[Incident] = (),
) -> list[Section]:
    """Every section of the prompt, redacted, before any cutting."""
    code_base = CodeBase(source)
    frames = list_own_frames(case)
    failing = list_failing_tests(case)
    excerpts = _Excerpts(code_base, redactor)
    return [
        Section("Failure", _show_failure(case, redactor), 900, 0, "tail"),
        Section("Code", excerpts.show_code(case, frames, failing), 3_000, 1),
        Section("Failing tests", excerpts.show_tests(failing), 1_200, 2),
        Section("Output", _show_output(case, redactor), 400, 7, "tail"),
        Section("Called here", excerpts.show_signatures(), 500, 6),
        Section("Notes of the script", _show_notes(case, source, redactor), 400, 8),
        Section("Last change of these lines", redactor.source(recent_change), 700, 5),
        Section("Similar failures of earlier", _show_incidents(incidents, redactor), 700, 9),
        Section("Facts", _show_facts(case, code_base), 200, 3),
        Section(
            "Earlier attempts of this repair", _show_attempts(case, redactor), 2_000, 4, "tail"
        ),
    ]


def list_own_frames(case: Case) -> list[Frame]:
    """The innermost frames in the user's own code, innermost first, of all chained exceptions."""
    frames: dict[tuple[str, int], Frame] = {}
    for error in reversed(case.failure.chain):
        for frame in reversed(error.frames):
            if frame.own:
                frames.setdefault((frame.file, frame.line), frame)
    return list(frames.values())[:MOST_FRAMES]


def list_failing_tests(case: Case) -> list[TestResult]:
    """Tests that fail on the base, each once, in the order they ran."""
    by_node: dict[str, TestResult] = {}
    for run in case.baseline.tests:
        for result in run.results:
            if result.outcome in ("failed", "error"):
                by_node.setdefault(result.node, result)
    return list(by_node.values())


def _show_failure(case: Case, redactor: Redactor) -> str:
    failure = case.failure
    lines = [line for error in failure.chain for line in _show_error(error)]
    if not failure.chain and not list_failing_tests(case):
        lines.append(_show_end(failure))
    lines += [f"{p.path}:{p.line}: {p.message}" for p in case.baseline.syntax[:5]]
    command = " ".join(case.command or failure.argv)
    if command:
        lines.append(f"command: {command}")
    return redactor.text("\n".join(lines))


def _show_error(error: Raised) -> Iterator[str]:
    own = [frame for frame in error.frames if frame.own][-MOST_FRAMES:]
    frames = [*(own or error.frames[-2:])]
    if own and error.frames[-1] is not own[-1]:
        frames.append(error.frames[-1])
    for frame in frames:
        yield f"{frame.file}:{frame.line} in {frame.function}: {frame.source}".rstrip(": ")
    yield f"{error.type}: {error.message}".rstrip(": ")
    yield from error.notes
    yield from (f"  .{name} = {value}" for name, value in error.attributes.items())
    if error.relation:
        yield _RELATIONS[error.relation]


def _show_end(failure: Failure) -> str:
    if failure.timed_out:
        return "it did not end in time and was stopped"
    if failure.signal is not None:
        return f"ended by signal {failure.signal}"
    return f"exit code {failure.exit_code}" if failure.exit_code is not None else "no exit code"


def _show_output(case: Case, redactor: Redactor) -> str:
    """Output matters where no traceback says what happened."""
    failure = case.failure
    if failure.chain:
        return ""
    tail = "\n".join((failure.stderr_tail or failure.stdout_tail).split("\n")[-_OUTPUT_LINES:])
    return redactor.text(tail)


def _show_notes(case: Case, source: Source, redactor: Redactor) -> str:
    if not case.script:
        return ""
    data = source.read(str(PurePosixPath(case.script).with_suffix(".md")))
    return redactor.text(data.decode("utf-8", "replace")) if data else ""


def _show_incidents(incidents: Sequence[Incident], redactor: Redactor) -> str:
    parts = [
        f"{redactor.text(incident.failure)}\nthis fix "
        f"{'worked' if incident.worked else 'did NOT work'}"
        f"{f' ({redactor.text(incident.why)})' if incident.why else ''}:\n"
        f"{redactor.source(incident.diff)}"
        for incident in incidents[:MOST_INCIDENTS]
    ]
    return "\n\n".join(parts)


def _show_attempts(case: Case, redactor: Redactor) -> str:
    parts = [
        f"rejected by a person:\n{redactor.source(attempt.diff)}\n{redactor.text(attempt.evidence)}"
        for attempt in case.rejected
    ]
    parts += [
        f"attempt {number}:\n{redactor.source(attempt.diff)}\n"
        f"verdict: {attempt.verdict}\n{redactor.text(attempt.evidence)}"
        for number, attempt in enumerate(case.attempts, 1)
    ]
    return "\n\n".join(parts)


def _show_facts(case: Case, code_base: CodeBase) -> str:
    tests = sorted(path for path in code_base.paths if code_base.tests.is_test(path))
    folders = sorted({path.rpartition("/")[0] or "." for path in tests})
    lines = [f"tests are in {', '.join(folders[:3])}" if tests else "there are no tests"]
    files = {frame.file for frame in list_own_frames(case)} | {case.script}
    fixed_files = [path for path in case.protected if path in files]
    if fixed_files:
        lines.append(f"must not be changed: {', '.join(fixed_files)}")
    return "\n".join(lines)


class _Excerpts:
    """Source of a failure's frames, of failing tests, of what they call: each function once."""

    def __init__(self, code_base: CodeBase, redactor: Redactor) -> None:
        self._code_base = code_base
        self._redactor = redactor
        self._keys: set[tuple[str, str]] = set()
        """Path and name of what is shown."""
        self._parts: list[str] = []
        self._signatures: dict[tuple[str, str], str] = {}

    def show_code(self, case: Case, frames: list[Frame], failing: list[TestResult]) -> str:
        """Enclosing functions innermost first; without frames what the failing tests call."""
        for frame in frames:
            self._add_frame(frame, frames)
        for problem in case.baseline.syntax:
            self._add_place(problem.path, problem.line, "")
        if not self._parts:
            for result in failing[:_MOST_TESTS]:
                self._add_tested_code(result)
        script = self._code_base.read_module(case.script)
        if not self._parts and script is not None:
            self._add(script, "the script", script.text.strip("\n"), "")
        return self._redactor.source("\n\n".join(self._parts))

    def show_tests(self, failing: list[TestResult]) -> str:
        """Source and assertion of the first few; the others by name."""
        parts: list[str] = []
        for result in failing[:_MOST_TESTS]:
            parts.append(f"# {result.node}")
            test = self._find_test(result)
            if test and (test.module.path, test.symbol.name) not in self._keys:
                path = test.module.path
                self._keys.add((path, test.symbol.name))
                lines = [line for file, line in _find_lines(result.detail) if file == path]
                body = test.module.excerpt(test.symbol.node, *lines, longest=_LONGEST_TEST)
                parts.append(self._redactor.source(body))
            parts.append(self._redactor.text(_find_assertion(result.detail)))
        more = [result.node for result in failing[_MOST_TESTS:]]
        if more:
            parts.append(f"# and {len(more)} more: {', '.join(more[:5])}")
        return "\n".join(part for part in parts if part)

    def show_signatures(self) -> str:
        """Of what the shown functions call and that is not shown itself."""
        lines = [line for key, line in self._signatures.items() if key not in self._keys]
        return self._redactor.source("\n".join(lines[:_MOST_SIGNATURES]))

    def _add_frame(self, frame: Frame, frames: list[Frame]) -> None:
        module = self._code_base.read_module(frame.file)
        if module is not None:
            line = module.find_line(frame.line, frame.source)
            in_file = [f for f in frames if f.file == frame.file]
            others = [module.find_line(other.line, other.source) for other in in_file]
            self._add_place(frame.file, line, _show_values(frame), *others)

    def _add_place(self, path: str, line: int, values: str, *others: int) -> None:
        module = self._code_base.read_module(path)
        if module is None:
            return
        symbol = module.symbol_around(line)
        if symbol is None:
            if self._parts and not values and module.only_starts(line):
                return
            count = _AROUND_CALL if self._parts else _AROUND_FAULT
            self._add(module, f"lines around {line}", module.lines_around(line, count), values)
            return
        text = module.excerpt(symbol.node, line, *others)
        if self._add(module, symbol.name, text, values):
            bindings = module.bindings_of(names_in(symbol.node))
            if bindings:
                self._add(module, f"names used by {symbol.name}", bindings, "")
            for callee in self._code_base.find_callees(module, symbol.node):
                key = (callee.module.path, callee.symbol.name)
                signature = f"{callee.module.path}: {signature_of(callee.symbol)}"
                self._signatures.setdefault(key, signature)

    def _find_test(self, result: TestResult) -> CodeSymbol | None:
        path, *names = result.node.partition("[")[0].split("::")
        module = self._code_base.read_module(path)
        symbol = module.find_symbol(".".join(names)) if module else None
        return CodeSymbol(module, symbol) if module and symbol else None

    def _add_tested_code(self, result: TestResult) -> None:
        """What the traceback of a test shows of the code, and what the test calls."""
        tests = self._code_base.tests
        for file, line in reversed(_find_lines(result.detail)):
            if not tests.is_test_code(file):
                self._add_place(file, line, "")
        if test := self._find_test(result):
            for callee in self._code_base.find_callees(test.module, test.symbol.node):
                if not tests.is_test_code(callee.module.path):
                    self._add_place(callee.module.path, callee.symbol.node.lineno, "")

    def _add(self, module: Module, name: str, text: str, values: str) -> bool:
        if (module.path, name) in self._keys:
            return False
        self._keys.add((module.path, name))
        head = f"# {module.path}: {name}"
        self._parts.append("\n".join(part for part in (head, values, text) if part))
        return True


def _show_values(frame: Frame) -> str:
    """Values of names on the shown line only; each in one line."""
    words = set(re.findall(r"\w+", frame.source))
    return "\n".join(
        f"# at line {frame.line}: {name} = {' '.join(value.split())[:_LONGEST_VALUE]}"
        for name, value in frame.locals.items()
        if name in words
    )


def _find_assertion(detail: str) -> str:
    """pytest's `E` lines, which say what was expected; its last lines where there are none."""
    lines = [line for line in detail.split("\n") if line.strip(" E") and "use '-vv'" not in line]
    errors = [line for line in lines if line.startswith("E ")]
    return "\n".join(errors[:_MOST_ASSERTION_LINES] or lines[-_MOST_ASSERTION_LINES:])


def _find_lines(detail: str) -> list[tuple[str, int]]:
    """Files and lines that pytest's text of a failure names."""
    return [(match["file"], int(match["line"])) for match in _TEST_LINE.finditer(detail)]
