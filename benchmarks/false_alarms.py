"""How often the static policy would send an honest bug fix to a person.

    python benchmarks/false_alarms.py CLONE... [--newest 60] [--show RULE]

Each CLONE is a git repository (with or without a work tree) of a real project. A commit counts as
a bug fix when its subject says fix or bug and not that it is about documentation, tests, typing,
style, the build or a release; when it touches one to three existing Python files that are not
tests; and when fewer than 40 lines of those change. As healer would draft it, the patch is those
files alone. The literals of the tests are those of the test files that the same commit touches, as
it leaves them: the test that shows the bug is known to the policy.

Projects are split by the alphabet: rules were tuned while looking at the first, third, ... project
only; the others are held out. Nothing of a project's code is kept.
"""

import argparse
import platform
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from quarantine.policy import ChangedPath, Finding, inspect, literals_of
from quarantine.policy.expressions import parse
from quarantine.project_tests import ProjectTests

TESTS = ProjectTests()
"""By the usual names: the settings of a project move from commit to commit."""
MAX_CHANGED_LINES = 40
MAX_FILES = 3
_FIX = re.compile(r"\b(fix(e[sd])?|bug(fix)?)\b", re.IGNORECASE)
_NOT_A_FIX = re.compile(
    r"\b(docs?|docstrings?|documentation|typos?|spelling|tests?|testing|typing|types?|annotations?"
    r"|mypy|pyright|lint(ing)?|flake8|pep8|ruff|pylint|style|formatting|ci|travis|build|release"
    r"|version|changelog|readme|comments?|grammar|merge|revert|links?|imports?|deprecat\w+"
    r"|warnings?|refactor\w*|clean-?up|example)\b",
    re.IGNORECASE,
)
_NOT_PRODUCT = re.compile(
    r"(^|/)(docs?|examples?|scripts/ci|\.github|setup\.py|noxfile\.py|tasks|_vendor)"
)


@dataclass
class Half:
    """Counts over some projects."""

    commits: int = 0
    with_finding: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Fix:
    """One commit's product files, before and after."""

    commit: str
    subject: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    tests: tuple[bytes, ...]


class Tree:
    """Changed files from memory, all others from the parent commit."""

    def __init__(self, clone: "Clone", commit: str, files: dict[str, bytes]) -> None:
        self._clone, self._commit, self._files = clone, commit, files

    def read(self, path: str) -> bytes | None:
        if path not in self._files:
            return self._clone.read(self._commit, path)
        return self._files[path]


class Clone:
    """Read-only sight of a repository through git's plumbing."""

    def __init__(self, path: Path) -> None:
        self._git = ["git", "-c", "safe.directory=*", "-C", str(path)]
        self._batch = subprocess.Popen(
            [*self._git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self, commit: str, path: str) -> bytes | None:
        stdin, stdout = self._batch.stdin, self._batch.stdout
        assert stdin and stdout
        if "\n" in path:
            return None
        stdin.write(f"{commit}:{path}\n".encode())
        stdin.flush()
        head = stdout.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            if len(head) == 3 and head[2].isdigit():
                stdout.read(int(head[2]) + 1)
            return None
        data = stdout.read(int(head[2]))
        stdout.read(1)
        return data

    def fixes(self, newest: int) -> Iterator[Fix]:
        """Bug-fix commits, newest first."""
        log = self._read_git(
            "log",
            "--no-merges",
            "--no-renames",
            "--name-only",
            "-n",
            "15000",
            "--format=%x01%H%x02%s",
        )
        fixes = 0
        for entry in log.split("\x01")[1:]:
            head, _, names = entry.partition("\n")
            commit, _, subject = head.partition("\x02")
            if not _FIX.search(subject) or _NOT_A_FIX.search(subject):
                continue
            fix = self._fix(commit, subject, names.split())
            if fix:
                fixes += 1
                yield fix
            if fixes == newest:
                return

    def _read_git(self, *command: str) -> str:
        answer = subprocess.run([*self._git, *command], capture_output=True, check=True)
        return answer.stdout.decode("utf-8", "replace")

    def _fix(self, commit: str, subject: str, names: list[str]) -> Fix | None:
        python = [name for name in names if name.endswith(".py")]
        product = [
            name
            for name in python
            if not TESTS.is_test_code(name) and not _NOT_PRODUCT.search(name)
        ]
        if not 1 <= len(product) <= MAX_FILES:
            return None
        stat = self._read_git("diff", "--numstat", f"{commit}~1", commit, "--", *product)
        lines = sum(int(word) for line in stat.splitlines() for word in line.split("\t")[:2])
        if not 0 < lines < MAX_CHANGED_LINES:
            return None
        before: dict[str, bytes] = {}
        after: dict[str, bytes] = {}
        for path in product:
            old, new = self.read(f"{commit}~1", path), self.read(commit, path)
            if old is None or new is None or not (_parses(old) and _parses(new)):
                return None
            before[path], after[path] = old, new
        tests = [self.read(commit, name) for name in python if TESTS.is_test_code(name)]
        return Fix(commit, subject, before, after, tuple(data for data in tests if data))

    def close(self) -> None:
        if self._batch.stdin:
            self._batch.stdin.close()
        self._batch.wait()


def _parses(data: bytes) -> bool:
    """Python of today on both sides: Python 2 is left out, and so are comment-only changes."""
    return parse(data.decode("utf-8", "replace")) is not None


def judge(clone: Clone, fix: Fix) -> tuple[Finding, ...]:
    """What the policy says of one commit."""
    changes = [ChangedPath(path=p, old_mode="100644", new_mode="100644") for p in fix.before]
    before = Tree(clone, f"{fix.commit}~1", fix.before)
    after = Tree(clone, f"{fix.commit}~1", fix.after)
    return inspect(before, after, changes, literals_of(fix.tests))


def measure(path: Path, newest: int, show: str) -> Half:
    """Counts of one project."""
    half, clone = Half(), Clone(path)
    try:
        for fix in clone.fixes(newest):
            findings = judge(clone, fix)
            half.commits += 1
            half.with_finding += bool(findings)
            half.by_rule.update({finding.rule for finding in findings})
            for finding in findings:
                if show in {finding.rule, "all"}:
                    print(fix.commit[:10], fix.subject[:60], "|", finding.rule, finding.path,
                          finding.line, finding.reason, file=sys.stderr)  # fmt: skip
    finally:
        clone.close()
    return half


def _name(path: Path) -> str:
    folder = path.parent if path.name == "repo" else path
    return folder.name.replace("+", "/")


def _share(half: Half) -> str:
    share = 100 * half.with_finding / half.commits if half.commits else 0.0
    return f"{half.with_finding} of {half.commits} ({share:.1f} %)"


def _report(halves: dict[str, Half], projects: list[tuple[str, str, Half]], seconds: float) -> str:
    commits = halves["both"].commits
    lines = [
        "# False alarms of the static policy", "",
        f"Python {platform.python_version()}, {commits} commits in {seconds:.0f} s "
        "(reading from git included, on a machine that was busy with other work).", "",
        "| half | bug fixes that would have gone to a person |", "| --- | --- |",
        *(f"| {name} | {_share(half)} |" for name, half in halves.items()), "",
        "| project | half | with a finding |", "| --- | --- | --- |",
        *(f"| {name} | {half_name} | {_share(half)} |" for name, half_name, half in projects), "",
        "| rule | " + " | ".join(halves) + " |", "| --- |" + " --- |" * len(halves),
    ]  # fmt: skip
    rules = sum((half.by_rule for half in halves.values()), Counter[str]())
    for rule, _ in rules.most_common():
        counts = [
            f"{100 * half.by_rule[rule] / max(half.commits, 1):.1f} %" for half in halves.values()
        ]
        lines.append(f"| {rule} | " + " | ".join(counts) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("clones", nargs="+", type=Path)
    parser.add_argument("--newest", type=int, default=60, help="commits per project at most")
    parser.add_argument("--show", default="", help="print findings of this rule, or `all`")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", choices=["tuned on", "held out"], help="one half alone")
    options = parser.parse_args()
    halves = {"tuned on": Half(), "held out": Half(), "both": Half()}
    projects, start = [], time.monotonic()
    clones = sorted(options.clones, key=lambda one: _name(one).lower())
    names = ["held out" if index % 2 else "tuned on" for index in range(len(clones))]
    repositories = [
        (name, path)
        for name, path in zip(names, clones, strict=True)
        if options.only in {None, name}
    ]
    with ProcessPoolExecutor(options.processes) as pool:
        one = partial(measure, newest=options.newest, show=options.show)
        results = list(pool.map(one, [path for _, path in repositories]))
    for (name, path), half in zip(repositories, results, strict=True):
        projects.append((_name(path), name, half))
        for total in (halves[name], halves["both"]):
            total.commits += half.commits
            total.with_finding += half.with_finding
            total.by_rule += half.by_rule
    print(_report(halves, projects, time.monotonic() - start))


if __name__ == "__main__":
    main()
