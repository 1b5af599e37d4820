"""Code that nothing in the product uses, as vulture sees it.

Belongs here: asking vulture, and its answer as problems. Does not belong here: names that are used
by others than Python calls (`[tool.vulture]` in pyproject.toml) and what ships on purpose without
a user (allowed.toml). Tests do not count as users: what only a test calls is dead.
Keys of a TypedDict are texts where they are used, so vulture cannot see that; they are left out.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from scripts.checks.sources import ROOT, Problem

CHECK = "dead"
_LINE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+): (?P<text>.+) \(\d+% confidence\)$")
_FINDINGS = 3
"""vulture's exit status where it has found something."""


def find_dead(root: Path = ROOT) -> Iterator[Problem]:
    """What vulture finds under this root, by the settings of its pyproject.toml.

    Raises `RuntimeError` with vulture's own words where it cannot work.
    """
    vulture = Path(sys.executable).with_name("vulture")
    answer = subprocess.run([vulture], cwd=root, capture_output=True, text=True, check=False)
    if answer.returncode not in {0, _FINDINGS}:
        raise RuntimeError(f"vulture does not work: {answer.stderr or answer.stdout}")
    for line in answer.stdout.splitlines():
        match = _LINE.match(line)
        if match is None:
            raise RuntimeError(f"vulture says what is not understood here: {line}")
        if int(match["line"]) not in _key_lines(root / match["path"]):
            yield Problem(CHECK, match["path"], int(match["line"]), match["text"])


@cache
def _key_lines(path: Path) -> frozenset[int]:
    """The lines of a file that name keys of a TypedDict: they are used as texts."""
    return frozenset(
        item.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(getattr(base, "id", "") == "TypedDict" for base in node.bases)
        for item in node.body
        if isinstance(item, ast.AnnAssign)
    )
