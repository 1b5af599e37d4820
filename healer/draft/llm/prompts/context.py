"""What a model is shown of a failure: built from the case and the base commit, pure.

Belongs here: which facts and which functions go into which section, in which order, with which
budget. The order is that of a repair: what stays the same from attempt to attempt comes first,
earlier attempts last, so that a provider's prompt cache works. Does not belong here: reading source
(`code`), cutting and marking (`prompt`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from healer.draft.from_memory import Incident
from healer.draft.llm.prompts.background import (
    ShareData,
    show_data,
    show_documents,
    show_versions,
)
from healer.draft.llm.prompts.code_base import CodeBase
from healer.draft.llm.prompts.excerpts import Excerpts
from healer.draft.llm.prompts.failing_tests import FailingTests
from healer.draft.llm.prompts.prompt import Section
from healer.facts.draft import Case, Source
from healer.failure import Failure, Frame, Raised
from healer.redact import Redactor
from sandbox import TestResult

MOST_FRAMES = 16
MOST_INCIDENTS = 3
_OUTPUT_LINES = 25
_MOST_FOLDERS = 2
"""Of tests, those with the most files."""
_CODE_SHARE = 0.72
"""Of the prompt, at most."""
_GUIDANCE = ("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md", "CONTRIBUTING.md")
_RUNNER = frozenset(("_pytest", "pluggy"))
"""Folders of the test runner's own frames."""
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
    max_tokens: int = 8_000,
    share_data: ShareData = "shape",
) -> list[Section]:
    """Every section of the prompt, redacted, before any cutting; the code is chosen for a prompt of
    at most `max_tokens`."""
    code_base = CodeBase(source)
    frames = list_own_frames(case)
    code_frames = [frame for frame in frames if not code_base.tests.is_test_code(frame.file)]
    failing = list_failing_tests(case)
    code_tokens = int(max_tokens * _CODE_SHARE)
    excerpts = Excerpts(code_base, redactor, code_tokens)
    code = excerpts.show_code(case, frames, failing)
    data = show_data(case, redactor, share_data, source, code)
    return [
        Section("Failure", _show_failure(case, redactor), 900, 0, "tail"),
        Section("Code", code, code_tokens, 1),
        Section("Failing tests", FailingTests(code_base, failing).show(redactor), 1_200, 2),
        Section("Output", _show_output(case, redactor), 400, 7, "tail"),
        Section("Data that it read", data, 500, 3),
        Section("Versions of its libraries", show_versions(case, source, redactor), 120, 6),
        Section("Called here", excerpts.show_signatures(), 500, 6),
        Section("Notes of the script", _show_notes(case, source, redactor), 400, 8),
        Section(
            "Documents on these functions", show_documents(source, code_frames, redactor), 500, 8
        ),
        Section(
            "What the project tells who works on it", _show_guidance(source, redactor), 400, 10
        ),
        Section("Last change of these lines", redactor.source(recent_change), 700, 5),
        Section("Similar failures of earlier", _show_incidents(incidents, redactor), 700, 9),
        Section("Facts", _show_facts(case, code_base, failing), 200, 3),
        Section("What is missing", _show_missing(case, redactor), 300, 0),
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
    if case.origin:
        lines.append(case.origin)
    return redactor.text("\n".join(lines))


def _show_error(error: Raised) -> Iterator[str]:
    own = [frame for frame in error.frames if frame.own][-MOST_FRAMES:]
    frames = [*(own or error.frames[-2:])]
    if own and error.frames[-1] is not own[-1] and not _is_of_runner(error.frames[-1]):
        frames.append(error.frames[-1])
    for frame in frames:
        yield f"{frame.file}:{frame.line} in {frame.function}: {frame.source}".rstrip(": ")
    yield f"{error.type}: {error.message}".rstrip(": ")
    yield from error.notes
    yield from (f"  .{name} = {value}" for name, value in error.attributes.items())
    if error.relation:
        yield _RELATIONS[error.relation]


def _is_of_runner(frame: Frame) -> bool:
    """What `pytest.raises` and its like raise is said by the error's own words."""
    return not _RUNNER.isdisjoint(PurePosixPath(frame.file).parts)


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


def _show_guidance(source: Source, redactor: Redactor) -> str:
    """The first of the files that projects write for agents and contributors."""
    for path in _GUIDANCE:
        data = source.read(path)
        if data:
            return redactor.text(data.decode("utf-8", "replace"))
    return ""


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
        if not (case.missing and attempt.verdict == "fixed")
    ]
    return "\n\n".join(parts)


def _show_missing(case: Case, redactor: Redactor) -> str:
    """What a fix that is not shown lacks: who drafts next is to be independent of it."""
    if not case.missing:
        return ""
    return redactor.text(
        "Somebody else's fix passes every check, and yet:\n" + "\n".join(case.missing[:3])
    )


def _show_facts(case: Case, code_base: CodeBase, failing: Sequence[TestResult]) -> str:
    tests = sorted(path for path in code_base.paths if code_base.tests.is_test(path))
    folders = Counter(path.rpartition("/")[0] or "." for path in tests)
    names = [folder for folder, _ in folders.most_common(_MOST_FOLDERS)]
    lines = [f"tests are in {', '.join(names)}" if tests else "there are no tests"]
    if case.missing or not failing:
        lines.append("no test says what the failing case should give: write that test")
    files = {frame.file for frame in list_own_frames(case)} | {case.script}
    fixed_files = [path for path in case.protected if path in files]
    if fixed_files:
        lines.append(f"must not be changed: {', '.join(fixed_files)}")
    return "\n".join(lines)
