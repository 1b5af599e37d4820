"""Each module has a test file at the same place under tests/, and a header that says its limits.

Belongs here: where a module's tests are looked for (`healer/x/y.py`: `tests/healer/x/test_y.py`;
`__init__` and `__main__`: `test_init.py`, `test_main.py`), and which header is one. Does not belong
here: whether the tests are good, or the header true.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.checks.sources import ROOT, Problem, Source

CHECK = "mirror"
HEADER_LINES = 60
"""Longer modules say in their docstring what belongs there."""


def find_untested(source: Source, root: Path = ROOT) -> Iterator[Problem]:
    """The module, where it has a function and no test file of its name: bare facts do nothing."""
    if any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(source.tree)
    ):
        folder, _, name = source.path.removesuffix(".py").rpartition("/")
        test = f"tests/{folder}/test_{name.strip('_')}.py"
        if not (root / test).exists():
            yield source.problem(CHECK, 1, f"has no tests of its own: {test}")


def find_unlimited(source: Source) -> Iterator[Problem]:
    """The module, where it is long and its docstring does not say what belongs there."""
    header = ast.get_docstring(source.tree) or ""
    if len(source.lines) > HEADER_LINES and "Belongs here:" not in header.replace("\n", " "):
        yield source.problem("headers", 1, "the header does not say what belongs here")
