"""The bugs: a commit before a fix, with the tests that came with the fix.

Belongs here: rebuilding a bug from a clone, running its tests, and the lines that the fix touched.
Does not belong here: prompts (`__main__`). The list is `bugs.toml`: each entry names a project's
commit that changed at most four files of code and healed tests that it changed itself. Nothing of
these projects is kept here. Their tests run on this machine, in this Python, as the projects'
developers run them.
"""

import difflib
import io
import json
import os
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from healer.draft.search.localise import weigh_lines
from healer.facts.suspect import Suspect
from healer.failure import Failure, parse_traceback
from sandbox import FailingTests, ProcessEnd, Report, SpectrumTest, TestResult, TestRun
from sandbox.inside.pytest_checks.failing_tests import read
from sandbox.inside.tree import ROOT
from tests.support.git import run_git

LIST = Path(__file__).with_name("bugs.toml")
HELD_OUT = LIST.with_name("held_out.toml")
FURTHER = LIST.with_name("further.toml")
_HERE = Path(__file__).parents[2]
_TEST_TIMEOUT_S = 300


@dataclass(frozen=True)
class Bug:
    """One entry of the list."""

    repository: str
    """`owner/name`."""
    commit: str
    """The fix; its parent is the base."""
    code: tuple[str, ...]
    """The files that the fix changes, tests left out."""
    tests: tuple[str, ...]
    """Node ids that fail before and pass after; at most three."""

    @property
    def name(self) -> str:
        return f"{self.repository}@{self.commit[:10]}"


@dataclass
class Folder:
    """A source of files in memory."""

    files: dict[str, bytes]

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))


@dataclass(frozen=True)
class Incident:
    """A bug as healer meets it: the base with the tests of the fix, which fail."""

    bug: Bug
    source: Folder
    failure: Failure
    report: Report
    reference: dict[str, str]
    """The files of `bug.code` after the fix."""
    suspects: tuple[Suspect, ...] = ()
    """By all tests of the failing tests' files; empty where these take too long."""


def load_bugs(path: Path = LIST) -> tuple[Bug, ...]:
    """The list."""
    entries = tomllib.loads(path.read_text())["bug"]
    return tuple(
        Bug(each["repository"], each["commit"], tuple(each["code"]), tuple(each["tests"]))
        for each in entries
    )


def rebuild(bug: Bug, clone: Path) -> Incident | None:
    """The bug from a clone, bare or not; None where its tests do not fail here."""
    files = _read_tree(clone, f"{bug.commit}~1")
    files |= {path: data for path, data in _read_tree(clone, bug.commit).items() if _is_test(path)}
    reference = {path: _read(clone, bug.commit, path) for path in bug.code}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory())).resolve() / "tree"
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        results, trace = _run_tests(folder, bug.tests)
        suspects = _measure(folder, sorted({node.partition("::")[0] for node in bug.tests}))
    if not results:
        return None
    run = TestRun(results=tuple(results), ended=ProcessEnd(exit_code=1))
    chain = parse_traceback(results[0].detail, roots=(ROOT,))
    script = _find_script(trace)
    failure = Failure(
        id="f", script=script, source="baseline", chain=chain, stderr_tail=results[0].detail
    )
    report = Report(tests=(run,), failing=(trace,))
    return Incident(bug, Folder(files), failure, report, reference, suspects)


def list_hunks(before: str, after: str) -> Iterator[list[str]]:
    """Of each change the lines of the old file that must be seen to make it: those that go, or
    where lines are only added the two that they are added between; empty lines left out. What is
    added at the top level of a file (an import, a function) may stand elsewhere: it needs none."""
    old, new = before.split("\n"), after.split("\n")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        new_lines = [line for line in new[new_start:new_end] if line.strip()]
        if kind == "insert" and new_lines and not new_lines[0][0].isspace():
            continue
        lines = old[start:end] if kind != "insert" else _neighbours(old, start)
        if lines := [line for line in lines if line.strip()]:
            yield lines


def _neighbours(lines: list[str], position: int) -> list[str]:
    """The line before and the one after; two before where a definition or nothing comes after."""
    before = [line for line in lines[:position] if line.strip()]
    after = next((line for line in lines[position:] if line.strip()), "")
    if not after or after.lstrip().startswith(("def ", "class ", "async ", "@")):
        return before[-2:]
    return [*before[-1:], after]


def _is_test(path: str) -> bool:
    parts = path.split("/")
    return "tests" in parts or "test" in parts or parts[-1].startswith("test_")


def _find_script(trace: FailingTests) -> str:
    """No script fails in these projects: the first file of code that the tests execute."""
    paths = [path for path in trace.executed if path.endswith(".py") and not _is_test(path)]
    return paths[0] if paths else ""


def _run_tests(folder: Path, nodes: tuple[str, ...]) -> tuple[list[TestResult], FailingTests]:
    """What fails of these tests, as the sandbox reports it, and what they execute."""
    data = _run_pytest(folder, "reports", "REAL_BUGS_CHANNEL", nodes)
    trace = FailingTests.model_validate(read(data, list(nodes)))
    messages = (json.loads(line) for line in data.splitlines() if line.startswith(b'{"result"'))
    return [TestResult.model_validate(each["result"]) for each in messages], trace


def _measure(folder: Path, test_files: Sequence[str]) -> tuple[Suspect, ...]:
    """Functions that failing tests call, weighed as the search weighs lines."""
    try:
        data = _run_pytest(folder, "spectrum", "REAL_BUGS_SPECTRUM", test_files)
    except subprocess.TimeoutExpired:
        return ()
    tests = [
        SpectrumTest(node=node, outcome="failed" if each.get("fails") else "passed",
                     lines=_list_lines(each.get("calls", ())))
        for node, each in json.loads(data or b"{}").items()
    ]  # fmt: skip
    weights = weigh_lines(tests).items()
    return tuple(Suspect(path=path, line=line, weight=weight) for (path, line), weight in weights)


def _list_lines(calls: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    paths = {path for path, _ in calls if not _is_test(path)}
    return {path: tuple(line for each, line in calls if each == path) for path in paths}


def _run_pytest(folder: Path, plugin: str, variable: str, nodes: Sequence[str]) -> bytes:
    """What a plugin of this package writes into the file that the variable names."""
    channel = folder.parent / plugin
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "PYTHONPATH": f"{folder}/src:{folder}:{_HERE}",
        "PYTHONDONTWRITEBYTECODE": "1",
        variable: str(channel),
    }
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
        "-p", f"benchmarks.real_bugs.{plugin}", "-o", "addopts=", "-o", "filterwarnings=", *nodes,
    ]  # fmt: skip
    subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False,
        timeout=_TEST_TIMEOUT_S,
    )  # fmt: skip
    return channel.read_bytes() if channel.exists() else b""


def _read_tree(clone: Path, revision: str) -> dict[str, bytes]:
    answer = run_git(clone, "archive", "--format=tar", revision)
    answer.check_returncode()
    with tarfile.open(fileobj=io.BytesIO(answer.stdout)) as archive:
        members = [member for member in archive if member.isfile()]
        contents = ((member.name, archive.extractfile(member)) for member in members)
        return {name: file.read() for name, file in contents if file is not None}


def _read(clone: Path, revision: str, path: str) -> str:
    answer = run_git(clone, "show", f"{revision}:{path}")
    return answer.stdout.decode("utf-8", "replace") if answer.returncode == 0 else ""
