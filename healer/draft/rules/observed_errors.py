"""Every error that a case has shown, as exceptions with frames, whatever text it came in.

Belongs here: reading tracebacks and pytest's failure texts. Does not belong here: what to do
about them. Nothing here raises for odd text: what is not recognised is left out.
"""

import re
from collections.abc import Iterator

from healer.facts.draft import Case
from healer.failure import Frame, Raised, parse_all
from sandbox import Report

_LAST_LINE = re.compile(r"^(?:[|+ -]*)(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
_PYTEST_PLACE = re.compile(r"^(?P<file>[^\s:][^:\n]*\.py):(?P<line>\d+): ?(?P<rest>.*)$")
_PYTEST_ERROR = re.compile(r"^E +(?P<text>\S.*)$")
_ERROR_NAME = re.compile(r"(?:Error|Exception|Exit|Warning|Interrupt|Iteration|Timeout)$")


def collect_errors(case: Case) -> tuple[Raised, ...]:
    """Errors of the recorded failure first, then of the command, the tests and the syntax."""
    errors = list(reversed(case.failure.chain))
    errors += errors_of_report(case.baseline)
    if not errors:
        errors += parse_errors(case.failure.stderr_tail)
    unique: dict[tuple[str, str, tuple[tuple[str, int], ...]], Raised] = {}
    for error in errors:
        lines = tuple((frame.file, frame.line) for frame in error.frames)
        unique.setdefault((error.type, error.message, lines), error)
    return tuple(unique.values())


def errors_of_report(report: Report) -> list[Raised]:
    """Errors in a sandbox report."""
    errors: list[Raised] = []
    for problem in report.syntax:
        frame = Frame(file=problem.path, line=problem.line, function="<module>", own=True)
        errors.append(Raised(type="SyntaxError", message=problem.message, frames=(frame,)))
    if report.command:
        errors += parse_errors(report.command.stderr)
    for run in report.tests:
        for result in run.results:
            if result.outcome in ("failed", "error"):
                errors += [*parse_errors(result.detail), *parse_errors(result.inner_error)]
    return errors


def parse_errors(text: str) -> list[Raised]:
    """Errors in a Python traceback or in pytest's text of a failure; the last one first."""
    errors = list(_parse_tracebacks(text))
    return list(reversed(errors)) or list(_parse_pytest(text))


def _parse_tracebacks(text: str) -> Iterator[Raised]:
    lines = (line.removeprefix("E  ") for line in text.splitlines())
    errors = (error for chain in parse_all("\n".join(lines) + "\n") for error in chain)
    return (error for error in errors if _is_raised(error))


def _is_raised(error: Raised) -> bool:
    """Any name is an exception's below a frame of a call; `Total: 3` below a bare place is not."""
    has_function = any(frame.function for frame in error.frames)
    return has_function or bool(error.frames and _ERROR_NAME.search(error.type))


def _parse_pytest(text: str) -> Iterator[Raised]:
    """pytest's long and short styles: `E   Type: message`, and `path:line: Type` per frame."""
    frames: list[Frame] = []
    sentence = ""
    for line in text.splitlines():
        if match := _PYTEST_PLACE.match(line):
            frames.append(Frame(file=match["file"], line=int(match["line"]), function=""))
        elif not sentence and (match := _PYTEST_ERROR.match(line)):
            sentence = match["text"]
    if not frames and not sentence:
        return
    last_line = _LAST_LINE.match(sentence)
    if last_line and _ERROR_NAME.search(last_line["type"]):
        message = last_line["message"] or ""
        yield Raised(type=last_line["type"], message=message, frames=tuple(frames))
    else:
        yield Raised(type="AssertionError", message=sentence, frames=tuple(frames))


def short_type(error: Raised) -> str:
    """`KeyError` for `builtins.KeyError` or `package.module.KeyError`."""
    return error.type.rpartition(".")[2]
