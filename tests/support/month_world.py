"""A hundred jobs whose truth is known: which commit fails when, and what a draft is worth.

Belongs here: the scripts, what running one shows on a night or in the sandbox, and a drafter that
is right, wrong or silent as the world has it. Does not belong here: the calendar (`month`), and
what is held against it (`month_rules`).

Each script picks fields out of a row. A part works where one of the fields that it names is among
those that the row has. A night's row may have other fields than the sandbox believes: a draft that
names such a field passes every check, and fails in the night after.
"""

import re
from dataclasses import dataclass, field

from healer.facts.draft import Case, Draft, Drafts, ReplaceText, Source
from healer.failure import Failure, Frame, Raised, fingerprint
from healer.watch.record import format_timestamp
from sandbox import (
    Behaviour,
    FailingTests,
    Job,
    ProcessEnd,
    Report,
    TestResult,
    TestRun,
)
from sandbox.inside.tree import ROOT, parse
from tests.support.scripted_screening import notice_mutants

PARTS = 3
FIELD = "total"
_LINE = re.compile(r"    return pick\(row, (.*)\)")
_NAME = re.compile(r"job_(\d+)")


def name_of(number: int) -> str:
    """The path of a job's script."""
    return f"scripts/job_{number:02}.py"


def number_of(text: str) -> int:
    """The number of the job that a path or a command names; -1 for none."""
    match = _NAME.search(text)
    return int(match[1]) if match else -1


def write_script(parts: dict[int, tuple[str, ...]] | None = None, note: str = "") -> str:
    """A script whose parts name these fields; the others name the right one."""
    lines = ["def pick(row, *names):", "    return next(row[n] for n in names if n in row)", ""]
    for part in range(PARTS):
        words = ", ".join(f'"{name}"' for name in (parts or {}).get(part, (FIELD,)))
        lines += ["", f"def part_{part}(row):", f"    return pick(row, {words})", ""]
    return "\n".join([*lines, "", f"print(part_0({{}}), {note!r})", ""])


def read_parts(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """Line number, line and fields of each part of a script."""
    lines = enumerate(text.splitlines(), 1)
    found = ((number, line, _LINE.match(line)) for number, line in lines)
    return [(n, line, tuple(re.findall(r'"(\w+)"', m[1]))) for n, line, m in found if m]


@dataclass
class World:
    """What is true of every job."""

    fields: dict[tuple[int, int], set[str]] = field(default_factory=dict)
    """Of a job's part, the fields that its rows have; the usual one where none are named."""
    drafts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a wrong field, what the drafter writes instead; nothing: it has no idea."""
    believed: set[str] = field(default_factory=set)
    """Wrong fields that the sandbox takes for right, until a night has shown them."""
    is_away: bool = False
    """The other side of every connection."""

    def find_fault(self, number: int, text: str, *, in_sandbox: bool = False) -> int:
        """Which part of the script fails first in production, or in the sandbox; -1 where none."""
        for part, (_, _, names) in enumerate(read_parts(text)):
            has = self.fields.get((number, part), {FIELD})
            if not has & set(names) and not (in_sandbox and self.believed & set(names)):
                return part
        return -1

    def make_failure(
        self, number: int, text: str, root: str, commit: str, at: float
    ) -> Failure | None:
        """What `healer run` would record of the job, without an id; None where it runs well."""
        script = name_of(number)
        part = self.find_fault(number, text)
        kind, message, frame = (
            "ConnectionResetError",
            "Connection reset by peer",
            ("main", 1, "import job"),
        )
        if part >= 0:
            line_number, line, names = read_parts(text)[part]
            self.believed -= set(names)
            kind, message, frame = "KeyError", f"'{names[0]}'", (f"part_{part}", line_number, line)
        elif not self.is_away:
            return None
        function, line_number, line = frame
        frames = (
            Frame(file=script, line=line_number, function=function, source=line.strip(), own=True),
        )
        failure = Failure(
            id="", script=script, source="run", argv=("python", script), exit_code=1,
            chain=(Raised(type=kind, message=message, frames=frames),), commit=commit,
            occurred_at=format_timestamp(at),
        )  # fmt: skip
        return failure.model_copy(update={"fingerprint": fingerprint(failure)})

    def run(self, job: Job) -> Report:
        """What the sandbox would show of a job."""
        files = {entry.path: bytes(entry.content).decode() for entry in parse(job.tree)}
        plan = job.plan
        if plan.screen:
            numbers = range(len(plan.screen.candidates))
            if plan.screen.compare:
                pairs = (("[{}]", "KeyError"), ("[]", "0"))
                alike = (Behaviour(index=n, outcome="passed", pairs=pairs) for n in numbers)
                return Report(behaved=tuple(alike))
            return Report(screened=notice_mutants(plan.screen))
        command = None
        if plan.command:
            number = number_of(" ".join(plan.command.argv))
            command = self._run_command(number, files.get(name_of(number), ""), plan.trace)
        tests = plan.tests
        if tests is None:
            return Report(command=command)
        run = self._run_tests(files, tests.select, plan.trace)
        failing = tuple(
            FailingTests(nodes=(each.node,), executed=_trace(each.node, files))
            for each in run.results
            if each.outcome == "failed"
        )
        return Report(command=command, tests=(run,) * len(tests.seeds), failing=failing)

    def _run_command(self, number: int, text: str, trace: dict[str, tuple[int, ...]]) -> ProcessEnd:
        part = self.find_fault(number, text, in_sandbox=True)
        if part < 0:
            return ProcessEnd(exit_code=0, executed=trace)
        line_number, line, names = read_parts(text)[part]
        place = f'  File "{ROOT}/{name_of(number)}", line {line_number}, in part_{part}\n{line}\n'
        trail = f"Traceback (most recent call last):\n{place}KeyError: '{names[0]}'\n"
        return ProcessEnd(exit_code=1, stderr=trail)

    def _run_tests(
        self, files: dict[str, str], select: tuple[str, ...], trace: dict[str, tuple[int, ...]]
    ) -> TestRun:
        paths = [p for p in sorted(files) if p.startswith("tests/") and (not select or p in select)]
        results = tuple(self._test(number_of(path), path, files) for path in paths)
        return TestRun(
            results=results,
            ended=ProcessEnd(exit_code=1, executed=trace),
            collected=tuple(result.node for result in results),
            sentinels=1,
            sentinels_failed=1,
        )

    def _test(self, number: int, path: str, files: dict[str, str]) -> TestResult:
        """A test knows the usual field, and what the sandbox believes."""
        parts = read_parts(files.get(name_of(number), ""))
        bad = [each for each in parts if not (self.believed | {FIELD}) & set(each[2])]
        node = f"{path}::test_job_{number:02}"
        if not bad:
            return TestResult(node=node, outcome="passed")
        line_number, line, names = bad[0]
        test = f'  File "{ROOT}/{path}", line 2, in test_job_{number:02}\n    assert run()\n'
        place = f'  File "{ROOT}/{name_of(number)}", line {line_number}, in part_0\n{line}\n'
        detail = f"Traceback (most recent call last):\n{test}{place}KeyError: '{names[0]}'\n"
        return TestResult(node=node, outcome="failed", detail=detail)


def _trace(node: str, files: dict[str, str]) -> dict[str, tuple[int, ...]]:
    """A test executes the whole of its script."""
    script = name_of(number_of(node))
    starts = (n for n, line in enumerate(files[script].splitlines(), 1) if line.startswith("def "))
    return {script: (0, *starts)}


class Drafter:
    """Knows of each wrong field what the world says that it drafts."""

    name = "scripted"

    def __init__(self, world: World) -> None:
        self._world = world

    def draft(self, case: Case, source: Source) -> Drafts:
        """One draft, and none after it was turned down."""
        text = (source.read(case.script) or b"").decode()
        error = case.failure.exception
        wrong = error.message.strip("'") if error else ""
        names = self._world.drafts.get(wrong, ())
        line = next((each for _, each, words in read_parts(text) if wrong in words), "")
        if not names or not line or case.attempts or case.rejected:
            return Drafts(reason="nothing for this failure")
        words = ", ".join(f'"{name}"' for name in names)
        edit = ReplaceText(
            path=case.script, find=line.strip(), replace=f"return pick(row, {words})"
        )
        cause = f"The row has no {wrong}."
        return Drafts(candidates=(Draft(drafter=self.name, edits=(edit,), cause=cause),))
