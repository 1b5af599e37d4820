"""The project's Python files, parsed once, and the one form in which a check says what it found.

Belongs here: which files there are and to which part of the tree a file is counted. Does not
belong here: any rule about them.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("healer", "sandbox", "quarantine")
TOOLS = ("scripts", "benchmarks", "examples")
SPLIT_PACKAGES = frozenset({"healer", "healer.draft", "sandbox", "quarantine"})
"""Packages large enough that each package in them is counted by itself."""


@dataclass(frozen=True)
class Problem:
    """One place that breaks a rule."""

    check: str
    path: str
    """Relative to the root, with forward slashes."""
    line: int
    text: str
    """What is wrong and what to do, without the place."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text} [{self.check}]"


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: str
    """Relative to the root, with forward slashes."""
    text: str = field(repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree, outer before inner: to walk it takes longer than any check."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def problem(self, check: str, node: ast.AST | int, text: str) -> Problem:
        """A problem of this file at a node, or at a line."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return Problem(check, self.path, line, text)


def package_of(path: str) -> str:
    """The part of the tree a file is counted to: `healer.judge`, `healer.draft.rules`, `tests`."""
    folders = path.split("/")[:-1] or ["."]
    depth = 1
    while depth < len(folders) and ".".join(folders[:depth]) in SPLIT_PACKAGES:
        depth += 1
    return ".".join(folders[:depth])


def sources(*folders: str, root: Path = ROOT) -> Iterator[Source]:
    """The Python files under these folders, in order of their paths."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            relative = path.relative_to(root).as_posix()
            if not relative.startswith(("examples/shop/", "benchmarks/corpus/")):
                yield Source(relative, path.read_text(encoding="utf-8"))
