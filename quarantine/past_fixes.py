"""Earlier commits that mended something and brought the test for it, by their shape.

Belongs here: which commits of a branch look so. Does not belong here: undoing one (`change`), or
what is tried with it. A commit's message is never asked: people write what they like there.
"""

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from quarantine.history import Commit
from quarantine.project_tests import ProjectTests
from quarantine.repository import Repository
from quarantine.tree import Tree

MOST_READ: Final = 20_000
"""Commits that are looked at, newest first."""
MOST_FILES: Final = 3
MOST_LINES: Final = 60
"""Of code, added and removed: what is larger is seldom one fix."""
FIRST_TIME: Final = 100_000_000
"""A time before it, in 1973, is as none."""
_FORM: Final = "--format=%x00%H%x00%an%x00%at%x00%s%x00"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class PastFix(NamedTuple):
    """A commit that changes a little code and tests with it, and adds nothing public."""

    commit: Commit
    script: str
    """Of the files of code that it changes, the one with most changed lines."""


class _Entry(NamedTuple):
    commit: Commit
    lines: dict[str, int]
    """Added and removed lines by path; files that are no text are left out."""


def find_past_fixes(repository: Repository, tip: str, since: int = 0) -> Iterator[PastFix]:
    """Up to the commit `tip`, newest first; `since`: Unix time. Merges are left out, since what
    they brought stands in the commits that they merge."""
    tests = ProjectTests.load(repository.tree(tip))
    for commit, lines in _read_log(repository, tip, since):
        code = {
            path: count
            for path, count in lines.items()
            if path.endswith(".py") and not tests.is_test_code(path)
        }
        if not any(tests.is_test(path) for path in lines) or not code:
            continue
        if len(code) > MOST_FILES or sum(code.values()) > MOST_LINES:
            continue
        parents = repository.parents(commit.id)
        if not parents:
            continue
        before, after = repository.tree(parents[0]), repository.tree(commit.id)
        if all(_adds_nothing_public(before, after, path) for path in code):
            yield PastFix(commit, max(code, key=lambda path: (code[path], path)))


def _adds_nothing_public(before: Tree, after: Tree, path: str) -> bool:
    """The file was there and is there, and everybody else's names in it are the same or fewer."""
    old, new = before.read(path), after.read(path)
    if old is None or new is None or old == new:
        return False
    names, new_names = _public_names(old), _public_names(new)
    return new_names is not None and (names is None or new_names <= names)


def _public_names(source: bytes) -> set[str] | None:
    """Functions, classes and methods without a leading underscore; None for what does not parse."""
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    names = set()
    for node in module.body:
        if isinstance(node, _DEFINITIONS) and not node.name.startswith("_"):
            names.add(node.name)
            members = node.body if isinstance(node, ast.ClassDef) else []
            names |= {
                f"{node.name}.{each.name}"
                for each in members
                if isinstance(each, _DEFINITIONS) and not each.name.startswith("_")
            }
    return names


def _read_log(repository: Repository, tip: str, since: int) -> Iterator[_Entry]:
    # git reads a smaller number as a date of another kind
    span = (f"--since=@{since}",) if since >= FIRST_TIME else ()
    out = repository.git.run(
        "-c", "core.quotePath=off", "log", "--no-merges", "--numstat", "--no-renames",
        f"--max-count={MOST_READ}", *span, _FORM, tip, "--",
    )  # fmt: skip
    fields = out.decode("utf-8", "replace").split("\0")[1:]
    for oid, author, at, subject, rows in zip(*(fields[n::5] for n in range(5)), strict=True):
        commit = Commit(id=oid, author=author, authored_at=int(at), subject=subject)
        yield _Entry(commit, _count_lines(rows.split("\n")))


def _count_lines(rows: list[str]) -> dict[str, int]:
    cells = [row.split("\t", 2) for row in rows if row]
    return {
        path: int(plus) + int(minus)
        for plus, minus, path in (cell for cell in cells if len(cell) == 3)  # noqa: PLR2004  # three cells
        if plus.isdigit() and minus.isdigit()
    }
