"""Counts which edit shapes real bug fixes have: makes `healer/draft/search/prior.json`.

    python -m benchmarks.prior.count REPOSITORY... --commits 250 > healer/draft/search/prior.json

For each repository, newest first: commits whose subject says fix or bug, that change one hunk of
at most six lines in one Python file that is no test. The search's own operators are asked for
every edit near the hunk; the shape whose edit gives the committed text (white space aside) is
counted as a hit, and all of them as offered. Only counts are kept. See README.md beside this.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from healer.draft.rules.source_file import SourceFile, apply_edits
from healer.draft.search.operators.expressions import EXPRESSION_OPERATORS
from healer.draft.search.operators.mutation import Mutation, find_scopes
from healer.draft.search.operators.statements import STATEMENT_OPERATORS

MARK = "\x01commit "
HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.M)
MAX_LINES = 6
MAX_FILE_BYTES = 200_000
MAX_FUNCTION_LINES = 80


@dataclass(frozen=True)
class Hunk:
    commit: str
    path: str
    start: int
    removed: list[str]
    added: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=250, help="per repository")
    options = parser.parse_args()
    hits: Counter[str] = Counter()
    offers: Counter[str] = Counter()
    fixes: dict[str, int] = {}
    with ProcessPoolExecutor(2) as pool:
        work = [(repository, options.commits) for repository in options.repositories]
        for repository, counts, every, commits in pool.map(_count, work):
            hits.update(counts)
            offers.update(every)
            fixes[repository] = commits
            print(repository, commits, sum(counts.values()), file=sys.stderr)
    shapes = {shape: [hits[shape], offers[shape]] for shape in sorted(offers)}
    table = {"commits": fixes, "explained": sum(hits.values()), "shapes": shapes}
    print(json.dumps(table, indent=1))


def _count(work: tuple[Path, int]) -> tuple[str, Counter[str], Counter[str], int]:
    repository, limit = work
    hits: Counter[str] = Counter()
    offers: Counter[str] = Counter()
    commits = 0
    for hunk in _hunks(repository):
        if commits >= limit:
            break
        old = _git(repository, "show", f"{hunk.commit}^:{hunk.path}")
        try:
            shapes = _shapes(hunk, old)
        except (SyntaxError, ValueError, IndexError, RecursionError):
            continue
        if shapes is None:
            continue
        commits += 1
        shape, every = shapes
        offers.update(every)
        if shape:
            hits[shape] += 1
    name = repository.parent.name if repository.name == "repo" else repository.name
    return name.replace("+", "/"), hits, offers, commits


def _git(repository: Path, *arguments: str) -> str:
    log = subprocess.run(
        ["git", "-C", str(repository), *arguments], capture_output=True, check=False
    )
    return log.stdout.decode("utf-8", "replace")


def _hunks(repository: Path) -> Iterator[Hunk]:
    command = ["git", "-C", str(repository), "log", "--no-merges", "-p", "-U0", "-i", "-E"]
    command += ["--grep=\\b(fix|bug)", "--diff-filter=M", f"--format={MARK}%H", "--", "*.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace")
            if line.startswith(MARK):
                yield from _hunk(lines)
                lines = []
            lines.append(line)
        process.kill()


def _hunk(lines: list[str]) -> Iterator[Hunk]:
    text = "".join(lines)
    heads = list(HUNK.finditer(text))
    paths = re.findall(r"^\+\+\+ b/(.+)$", text, re.M)
    if len(heads) != 1 or len(paths) != 1 or "test" in paths[0]:
        return
    body = text[heads[0].end() :].splitlines(keepends=True)[1:]
    old = [line[1:] for line in body if line.startswith("-")]
    new = [line[1:] for line in body if line.startswith("+")]
    if old + new and max(len(old), len(new)) <= MAX_LINES:
        start = int(heads[0][1]) + (0 if old else 1)
        yield Hunk(lines[0][len(MARK) :].strip(), paths[0].strip(), start, old, new)


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _shapes(hunk: Hunk, old: str) -> tuple[str, Counter[str]] | None:
    """The shape that explains the hunk (or empty), and those offered; None: no code changed."""
    if len(old) > MAX_FILE_BYTES:
        return None
    lines = old.splitlines(keepends=True)
    first, last = hunk.start - 1, hunk.start - 1 + len(hunk.removed)
    new = "".join([*lines[:first], *hunk.added, *lines[last:]])
    if lines[first:last] != hunk.removed or ast.dump(ast.parse(old)) == ast.dump(ast.parse(new)):
        return None
    code = SourceFile(hunk.path, old)
    low, high = max(0, first - 3), min(len(lines), last + 3)
    start, end = code.line_start(low + 1), code.line_start(high + 1)
    goal = _bare(new[start : len(new) - (len(old) - end)])
    offers: Counter[str] = Counter()
    kind_found = ""
    for mutation in _near(code, first + 1, last + 1):
        offers[mutation.shape] += 1
        inside = all(start <= c.start and c.end <= end for c in mutation.changes)
        if inside and not kind_found:
            text = apply_edits(old, mutation.changes)
            if _bare(text[start : len(text) - (len(old) - end)]) == goal:
                kind_found = mutation.shape
    return kind_found, offers


def _near(code: SourceFile, first: int, last: int) -> Iterator[Mutation]:
    for scope in find_scopes(code):
        low = getattr(scope.node, "lineno", 0)
        high = getattr(scope.node, "end_lineno", 0)
        if not (low <= first and last - 1 <= high) or high - low > MAX_FUNCTION_LINES:
            continue
        for operator in (*EXPRESSION_OPERATORS, *STATEMENT_OPERATORS):
            for mutation in operator(scope):
                if first - 1 <= mutation.line <= last + 1:
                    yield mutation


if __name__ == "__main__":
    main()
