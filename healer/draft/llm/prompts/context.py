"""What a model is shown of a failure: built from the case and the base commit, pure.

Belongs here: which facts go into which section, in which order, with which budget. The order is
that of a repair: what stays the same from attempt to attempt comes first, earlier attempts last,
so that a provider's prompt cache works.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from healer.draft.llm.prompts.background import Incident
from healer.draft.llm.prompts.code import Repository
from healer.draft.llm.prompts.sections import Section
from healer.draft.llm.prompts.shown_source import Shown
from healer.facts.draft import Case, Source
from healer.failure import Failure, Frame, Raised
from healer.redact import Redactor
from sandbox import TestResult

MOST_FRAMES = 16
MOST_INCIDENTS = 3
_OUTPUT_LINES = 25


def sections(
    case: Case,
    source: Source,
    redactor: Redactor,
    *,
    recent_change: str = "",
    incidents: Sequence[Incident] = (),
) -> list[Section]:
    """Every section of the prompt, redacted, before any cutting."""
    repository = Repository(source)
    frames = own_frames(case)
    failing = failing_tests(case)
    shown = Shown(repository, redactor)
    return [
        Section("Failure", _failure(case, redactor), 900, 0, "tail"),
        Section("Code", shown.code(case, frames, failing), 3_000, 1),
        Section("Failing tests", shown.tests(failing), 1_200, 2),
        Section("Output", _output(case, redactor), 400, 7, "tail"),
        Section("Called here", shown.signatures(), 500, 6),
        Section("Notes of the script", _notes(case, source, redactor), 400, 8),
        Section("Last change of these lines", redactor.source(recent_change), 700, 5),
        Section("Similar failures of earlier", _incidents(incidents, redactor), 700, 9),
        Section("Facts", _facts(case, repository), 200, 3),
        Section("Earlier attempts of this repair", _attempts(case, redactor), 2_000, 4, "tail"),
    ]


def own_frames(case: Case) -> list[Frame]:
    """The innermost frames in the user's own code, innermost first, of all chained exceptions."""
    frames: list[Frame] = []
    for raised in reversed(case.failure.chain):
        for frame in reversed(raised.frames):
            if frame.own and all(_place(frame) != _place(known) for known in frames):
                frames.append(frame)
    return frames[:MOST_FRAMES]


def failing_tests(case: Case) -> list[TestResult]:
    """Tests that fail on the base, each once, in the order they ran."""
    found: dict[str, TestResult] = {}
    for run in case.baseline.tests:
        for result in run.results:
            if result.outcome in ("failed", "error"):
                found.setdefault(result.node, result)
    return list(found.values())


def _place(frame: Frame) -> tuple[str, int]:
    return frame.file, frame.line


def _failure(case: Case, redactor: Redactor) -> str:
    failure = case.failure
    lines: list[str] = []
    for raised in failure.chain:
        lines += _raised(raised)
    if not failure.chain and not failing_tests(case):
        lines.append(_end(failure))
    lines += [f"{p.path}:{p.line}: {p.message}" for p in case.baseline.syntax[:5]]
    command = " ".join(case.command or failure.argv)
    if command:
        lines.append(f"command: {command}")
    return redactor.text("\n".join(lines))


def _raised(raised: Raised) -> Iterator[str]:
    own = [frame for frame in raised.frames if frame.own][-MOST_FRAMES:]
    for frame in own or raised.frames[-2:]:
        yield f"{frame.file}:{frame.line} in {frame.function}: {frame.source}".rstrip(": ")
    inner = raised.frames[-1] if raised.frames else None
    if inner is not None and own and inner is not own[-1]:
        yield f"{inner.file}:{inner.line} in {inner.function}: {inner.source}".rstrip(": ")
    yield f"{raised.type}: {raised.message}".rstrip(": ")
    yield from raised.notes
    yield from (f"  .{name} = {value}" for name, value in raised.attributes.items())
    if raised.relation:
        yield {
            "cause": "-- which was the direct cause of:",
            "context": "-- while handling it:",
            "group": "-- part of:",
        }[raised.relation]


def _end(failure: Failure) -> str:
    if failure.timed_out:
        return "it did not end in time and was stopped"
    if failure.signal is not None:
        return f"ended by signal {failure.signal}"
    return f"exit code {failure.exit_code}" if failure.exit_code is not None else "no exit code"


def _output(case: Case, redactor: Redactor) -> str:
    """Output matters where no traceback says what happened."""
    failure = case.failure
    if failure.chain:
        return ""
    tail = "\n".join((failure.stderr_tail or failure.stdout_tail).split("\n")[-_OUTPUT_LINES:])
    return redactor.text(tail)


def _notes(case: Case, source: Source, redactor: Redactor) -> str:
    if not case.script:
        return ""
    data = source.read(str(PurePosixPath(case.script).with_suffix(".md")))
    return redactor.text(data.decode("utf-8", "replace")) if data else ""


def _incidents(incidents: Sequence[Incident], redactor: Redactor) -> str:
    parts = [
        f"{redactor.text(incident.failure)}\nthis fix "
        f"{'worked' if incident.worked else 'did NOT work'}"
        f"{f' ({redactor.text(incident.why)})' if incident.why else ''}:\n"
        f"{redactor.source(incident.diff)}"
        for incident in incidents[:MOST_INCIDENTS]
    ]
    return "\n\n".join(parts)


def _attempts(case: Case, redactor: Redactor) -> str:
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


def _facts(case: Case, repository: Repository) -> str:
    tests = sorted(path for path in repository.paths if repository.tests.is_test(path))
    folders = sorted({path.rpartition("/")[0] or "." for path in tests})
    lines = [f"tests are in {', '.join(folders[:3])}" if tests else "there are no tests"]
    shown = {frame.file for frame in own_frames(case)} | {case.script}
    protected = [path for path in case.protected if path in shown]
    if protected:
        lines.append(f"must not be changed: {', '.join(protected)}")
    return "\n".join(lines)
