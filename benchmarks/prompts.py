"""How many tokens a first attempt's prompt has, against sending the whole file with its output.

    python -m benchmarks.prompts [--quixbugs FOLDER] [--show]

Belongs here: the figure. Incidents are made from real code: in every module of the running
Python's standard library of about 50 and of about 1,000 lines, a line in the middle of each of its
functions raises a KeyError. The example incidents are the jobs of `examples/shop`, run as they are,
with their failing tests. With `--quixbugs`, a checkout of QuixBugs, its Python programs fail their
first failing test.

Both sides are counted by the same count (`healer.draft.llm.endpoint.tokens.estimate`; no
vocabulary is downloaded). Ours is everything that is sent: instructions, data, JSON schema. The
other side is the file as it is, what Python printed, and instructions of the size of the best-known
such tool's (Wolverine's prompt.txt has 443 by this count); the ratio without any instructions on
that side is printed, too.
"""

import argparse
import ast
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.prompts.context import make_sections
from healer.draft.llm.prompts.prompt import ask_for_draft
from healer.facts.draft import Case
from healer.failure import Failure, Frame, Raised, parse_traceback
from healer.redact import Redactor
from quarantine.protection import Protection
from quarantine.repository import Repository
from quarantine.tree import Tree
from sandbox import ProcessEnd, Report, TestResult, TestRun
from tests.support.git import make_repository

SHOP = Path(__file__).parents[1] / "examples" / "shop"
INSTRUCTIONS_OF_SIMPLE_TOOLS = 443
MAX_PROMPT_TOKENS = 8_000
_FUNCTIONS_PER_FILE = 6
_TEST_TIMEOUT_S = 8
_NOT_MEANT = {"site-packages", "dist-packages", "test", "tests", "lib2to3", "idlelib"}
_SIZES = {50: range(40, 61), 1_000: range(900, 1_101)}


@dataclass
class Folder:
    """A source of files in memory."""

    files: dict[str, bytes]

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))


@dataclass
class Incident:
    """One failure: what we are given, and what a simple tool would send."""

    name: str
    case: Case
    source: Folder
    whole: str
    """The file and the output."""

    def ours(self) -> int:
        ask = ask_for_draft(make_sections(self.case, self.source, Redactor()), MAX_PROMPT_TOKENS)
        schema = json.dumps(ask.schema, separators=(",", ":"))
        return sum(tokens.estimate(message.content) for message in ask.messages) + (
            tokens.estimate(schema)
        )

    def theirs(self) -> int:
        return tokens.estimate(self.whole)


def standard_library(size: int) -> Iterator[Incident]:
    """Incidents in every module of about this many lines."""
    paths = sorted(Path(os.__file__).parent.rglob("*.py"))
    for path in [path for path in paths if not _NOT_MEANT & set(path.parts)]:
        text = path.read_text("utf-8", "replace")
        lines = text.split("\n")
        if len(lines) not in _SIZES[size]:
            continue
        for node in _functions(text)[:_FUNCTIONS_PER_FILE]:
            line = (node.body[0].lineno + (node.end_lineno or node.lineno)) // 2
            if lines[line - 1].strip():
                yield _incident(path.name, text, node.name, line)


def _functions(text: str) -> list[ast.FunctionDef]:
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    long_enough = [node for node in functions if (node.end_lineno or 0) - node.lineno > 2]
    return long_enough[:: max(len(long_enough) // _FUNCTIONS_PER_FILE, 1)]


def _incident(name: str, text: str, function: str, line: int) -> Incident:
    lines = text.split("\n")
    script = f"scripts/{name}"
    last = max(number for number, code in enumerate(lines, 1) if code.strip())
    frames = tuple(
        Frame(file=script, line=number, function=where, source=lines[number - 1].strip(), own=True)
        for number, where in ((last, "<module>"), (line, function))
    )
    error = Raised(type="KeyError", message="'total'", frames=frames)
    output = "Traceback (most recent call last):\n" + "".join(
        f'  File "/srv/jobs/{frame.file}", line {frame.line}, in {frame.function}\n'
        f"    {frame.source}\n"
        for frame in frames
    )
    failure = Failure(
        id="f", script=script, source="run", argv=("python", script), chain=(error,), exit_code=1
    )
    case = Case(
        repair="r", script=script, failure=failure, base="0" * 40, baseline=Report(),
        command=("python", script),
    )  # fmt: skip
    return Incident(
        f"{name}:{function}",
        case,
        Folder({script: text.encode()}),
        f"{text}{output}KeyError: 'total'\n",
    )


def examples() -> Iterator[Incident]:
    """Every job of the example repository that fails, and that may be repaired."""
    with tempfile.TemporaryDirectory() as temporary:
        shop = Path(temporary, "shop")
        shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("__pycache__"))
        source = Folder({path: (shop / path).read_bytes() for path in _files(shop)})
        protection = Protection.load(_commit(shop))
        for script in sorted((shop / "scripts").glob("*.py")):
            path = script.relative_to(shop).as_posix()
            failure = _failed_run(shop, path)
            culprit = failure.culprit
            if not failure.exit_code or (culprit and protection.match(culprit.file, exists=True)):
                continue
            tests = shop / "tests" / f"test_{script.name}"
            _, result = _failing_test(shop, tests)
            case = Case(
                repair="r", script=path, failure=failure, base="0" * 40,
                command=failure.argv, baseline=Report(tests=_with(result)),
                protected=protection.list_covered(source.paths()),
            )  # fmt: skip
            yield Incident(script.stem, case, source, script.read_text() + failure.stderr_tail)


def _commit(folder: Path) -> Tree:
    return Repository.open(make_repository(folder, {})).tree("HEAD")


def _files(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


def _failed_run(folder: Path, script: str) -> Failure:
    argv = ("python", script)
    ran = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True, check=False
    )
    return Failure(
        id="f", script=script, source="run", argv=argv, exit_code=ran.returncode,
        chain=parse_traceback(ran.stderr, roots=(str(folder),)), stderr_tail=ran.stderr,
    )  # fmt: skip


def _with(result: TestResult | None) -> tuple[TestRun, ...]:
    return (TestRun(results=(result,), ended=ProcessEnd(exit_code=1)),) if result else ()


def quixbugs(folder: Path) -> Iterator[Incident]:
    """Every Python program whose own tests fail within the time limit."""
    for program in sorted((folder / "python_programs").glob("*.py")):
        test = folder / "python_testcases" / f"test_{program.name}"
        if not test.exists():
            continue
        output, result = _failing_test(folder, test)
        if result is None:
            continue
        files = {
            f"python_programs/{program.name}": program.read_bytes(),
            f"python_testcases/{test.name}": test.read_bytes(),
        }
        script = f"python_programs/{program.name}"
        failure = Failure(id="f", script=script, source="check", exit_code=1)
        case = Case(
            repair="r", script=script, failure=failure, base="0" * 40,
            baseline=Report(tests=_with(result)), protected=(f"python_testcases/{test.name}",),
        )  # fmt: skip
        yield Incident(program.stem, case, Folder(files), program.read_text() + output)


def _failing_test(folder: Path, test: Path) -> tuple[str, TestResult | None]:
    """pytest's output up to the first failure, and that failure; None where there is none."""
    xml = folder / "junit.xml"
    command = [
        sys.executable, "-m", "pytest", "-x", "-q", "--tb=short", "-p", "no:cacheprovider",
        "-p", "no:randomly", f"--junitxml={xml}", str(test.relative_to(folder)),
    ]  # fmt: skip
    try:
        run = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_TEST_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", None
    for case in ElementTree.parse(xml).iter("testcase"):
        for failure in case.iter("failure"):
            node = f"{test.relative_to(folder)}::{case.get('name')}"
            return run.stdout, TestResult(node=node, outcome="failed", detail=failure.text or "")
    return run.stdout, None


def report(title: str, incidents: list[Incident], goal: float | None, *, show: bool) -> bool:
    """Prints one line; False where the goal is missed."""
    if not incidents:
        print(f"{title:28} no incidents")
        return False
    ours = [incident.ours() for incident in incidents]
    bare = [incident.theirs() for incident in incidents]
    theirs = [count + INSTRUCTIONS_OF_SIMPLE_TOOLS for count in bare]
    ratios = [mine / whole for mine, whole in zip(ours, theirs, strict=True)]
    share = sum(ours) / sum(theirs)
    if show:
        for incident, mine, whole in zip(incidents, ours, theirs, strict=True):
            print(f"  {incident.name:40} {mine:6} {whole:6} {mine / whole:6.2f}")
    is_reached = goal is None or share <= goal
    print(
        f"{title:28} {len(incidents):4} incidents  ours {statistics.median(ours):6.0f}  "
        f"whole file {statistics.median(theirs):6.0f}  ratio {share:.3f} (worst "
        f"{max(ratios):.2f}; against no instructions {sum(ours) / sum(bare):.2f})"
        + (f"  goal {goal}: {'reached' if is_reached else 'MISSED'}" if goal else "")
    )
    return is_reached


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quixbugs", type=Path, help="a checkout of QuixBugs")
    parser.add_argument("--show", action="store_true", help="one line for each incident")
    options = parser.parse_args()
    are_reached = [
        report("files of about 50 lines", list(standard_library(50)), 0.8, show=options.show),
        report(
            "files of about 1,000 lines", list(standard_library(1_000)), 0.15, show=options.show
        ),
    ]
    shop = list(examples())
    report("examples/shop, 30 lines", shop, None, show=options.show)
    if options.quixbugs:
        programs = list(quixbugs(options.quixbugs))
        are_reached.append(report("QuixBugs", programs, 0.8, show=options.show))
        are_reached.append(report("QuixBugs and the examples", [*shop, *programs], 0.8, show=False))
    return 0 if all(are_reached) else 1


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
