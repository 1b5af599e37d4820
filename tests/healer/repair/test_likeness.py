"""Two fixes of one base are held against each other by code, by command and by behaviour."""

from collections.abc import Callable
from pathlib import Path

import pytest

from healer.config import Config
from healer.evidence.baseline import examine
from healer.facts.repair import Request
from healer.render.trial_report import Likeness
from healer.repair.likeness import compare_with_person
from quarantine.change import make_candidate
from sandbox import Job, Report
from tests.support.bench import ALSO_RIGHT, LINE, RIGHT, SCRIPT, SOURCE, Bench, seen
from tests.support.git import git

COMMANDS = ("python", SCRIPT)


def compared(bench: Bench, ours: str, theirs: str, command: tuple[str, ...] = ()) -> Likeness:
    """The script's text by one fix, and by the other."""
    base = git(bench.folder, "rev-parse", "HEAD")
    commits = []
    for text in (ours, theirs):
        bench.write(SCRIPT, text)
        commits.append(bench.commit("A fix"))
        git(bench.folder, "reset", "-q", "--hard", base)
    with bench.opened(Config(search_s=0), dry=True) as services:
        copy = services.repository
        request = Request(repair="r", script=SCRIPT, target="main", base=base, command=command)
        one, other = (make_candidate(copy, base, commit) for commit in commits)
        return compare_with_person(request, examine(request, services), one, other, services)


def fixed(line: str, more: str = "") -> str:
    return SOURCE.replace(LINE, line) + more


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "says"),
    [
        (fixed(RIGHT), fixed(f"{RIGHT}  # all of them"), "same", ""),
        (fixed(RIGHT), fixed(RIGHT.replace("row[", "row  [")), "same", ""),
        (fixed(RIGHT), fixed(f"return 0 + {RIGHT[7:]}"), "alike", ""),
        (fixed(RIGHT), fixed(ALSO_RIGHT), "differs", "with the person's fix 0"),
        (fixed(RIGHT), fixed(RIGHT, "LIMIT = 3\n"), "unknown", f"compared: {SCRIPT}"),
    ],
)
def test_a_fix_is_the_same_or_acts_alike_or_differs_on_a_named_input(
    tmp_path: Path, ours: str, theirs: str, kind: str, says: str
) -> None:
    result = compared(Bench(tmp_path), ours, theirs)
    assert (result.kind, says in result.detail) == (kind, True)


def printing(texts: dict[str, str]) -> Callable[[Job], Report]:
    """As a bench sees it, with what the command prints where the script has a text."""

    def look(job: Job) -> Report:
        report = seen(job)
        out = next((out for text, out in texts.items() if text.encode() in job.tree), "")
        if report.command is None:
            return report
        return report.model_copy(
            update={"command": report.command.model_copy(update={"stdout": out})}
        )

    return look


def test_a_command_that_prints_something_else_tells_them_apart(tmp_path: Path) -> None:
    texts = {"list(rows)": "2\n", RIGHT: "1\n"}
    ours, theirs = fixed(RIGHT), fixed(f"rows = list(rows)\n    {RIGHT}")
    bench = Bench(tmp_path, sandbox=printing(texts))
    result = compared(bench, ours, theirs, COMMANDS)
    assert (result.kind, "prints something else" in result.detail) == ("differs", True)
    alike = Bench(tmp_path / "more", sandbox=printing({"sum": "1\n"}))
    assert compared(alike, ours, theirs, COMMANDS).kind == "alike"


def test_what_the_sandbox_cannot_compare_is_unknown(tmp_path: Path) -> None:
    def blind(job: Job) -> Report:
        plan = job.plan.screen
        return Report(behaved=()) if plan and plan.compare else seen(job)

    result = compared(Bench(tmp_path, sandbox=blind), fixed(RIGHT), fixed(ALSO_RIGHT))
    assert (result.kind, "total of" in result.detail) == ("unknown", True)
