"""Every error that a case has seen, as exceptions with frames, whatever text it came in.

Belongs here: reading tracebacks and pytest's failure texts. Does not belong here: what to do
about them. Nothing here raises for odd text: what is not recognised is left out.
"""

import re
from collections.abc import Iterator

from healer.facts.draft import Case
from healer.failure import Frame, Raised
from sandbox import Report

_FRAME = re.compile(
    r'^ *(?:[|+-]+ )*File "(?P<file>[^"\n]+)", line (?P<line>\d+)(?:, in (?P<in>.+))?'
)
_ENDS = re.compile(r"^(?:[|+ -]*)(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
_PYTEST_PLACE = re.compile(r"^(?P<file>[^\s:][^:\n]*\.py):(?P<line>\d+): ?(?P<rest>.*)$")
_PYTEST_ERROR = re.compile(r"^E +(?P<text>\S.*)$")
_ERROR_NAME = re.compile(r"(?:Error|Exception|Exit|Warning|Interrupt|Iteration|Timeout)$")


def collect_errors(case: Case) -> tuple[Raised, ...]:
    """Errors of the recorded failure first, then of the command, the tests and the syntax."""
    found = list(reversed(case.failure.chain))
    found += reported(case.baseline)
    if not found:
        found += parse_errors(case.failure.stderr_tail)
    unique: dict[tuple[str, str, tuple[tuple[str, int], ...]], Raised] = {}
    for error in found:
        places = tuple((frame.file, frame.line) for frame in error.frames)
        key = (error.type, error.message, places)
        if key not in unique:
            unique[key] = error
    return tuple(unique.values())


def reported(report: Report) -> list[Raised]:
    """Errors in a sandbox report."""
    found: list[Raised] = []
    for problem in report.syntax:
        frame = Frame(file=problem.path, line=problem.line, function="<module>", own=True)
        found.append(Raised(type="SyntaxError", message=problem.message, frames=(frame,)))
    if report.command:
        found += parse_errors(report.command.stderr)
    for run in report.tests:
        for result in run.results:
            if result.outcome in ("failed", "error"):
                found += parse_errors(result.detail)
    return found


def parse_errors(text: str) -> list[Raised]:
    """Errors in a Python traceback or in pytest's text of a failure; the last one first."""
    native = list(_native(text))
    return list(reversed(native)) or list(_pytest(text))


def _native(text: str) -> Iterator[Raised]:
    frames: list[Frame] = []
    lines = [line.removeprefix("E  ") for line in text.splitlines()]
    for index, line in enumerate(lines):
        if line.lstrip(" |+-").startswith("Traceback (most recent call last)"):
            frames = []
        elif match := _FRAME.match(line):
            following = lines[index + 1].strip() if index + 1 < len(lines) else ""
            frames.append(
                Frame(
                    file=match["file"],
                    line=int(match["line"]),
                    function=match["in"] or "<module>",
                    source=following,
                )
            )
        elif frames and (match := _ENDS.match(line)) and _ERROR_NAME.search(match["type"]):
            message = match["message"] or ""
            yield Raised(type=match["type"], message=message, frames=tuple(frames))
            frames = []


def _pytest(text: str) -> Iterator[Raised]:
    """pytest's long and short styles: `E   Type: message`, and `path:line: Type` per frame."""
    frames: list[Frame] = []
    said = ""
    for line in text.splitlines():
        if match := _PYTEST_PLACE.match(line):
            frames.append(Frame(file=match["file"], line=int(match["line"]), function=""))
        elif not said and (match := _PYTEST_ERROR.match(line)):
            said = match["text"]
    if not frames and not said:
        return
    ended = _ENDS.match(said)
    if ended and _ERROR_NAME.search(ended["type"]):
        yield Raised(type=ended["type"], message=ended["message"] or "", frames=tuple(frames))
    else:
        yield Raised(type="AssertionError", message=said, frames=tuple(frames))


def short_type(error: Raised) -> str:
    """`KeyError` for `builtins.KeyError` or `package.module.KeyError`."""
    return error.type.rpartition(".")[2]
