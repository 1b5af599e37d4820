"""The step that compiles files: which of them are no Python.

Belongs here: compiling, in a child that executes nothing of the tree. Does not belong here: what a
linter says of them (`lint`).
"""

from __future__ import annotations

import functools
import json
import os
import warnings
from typing import TYPE_CHECKING

from . import child

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..messages import SyntaxProblem
    from .box import Box


def find_problems(box: Box, paths: list[str]) -> list[SyntaxProblem]:
    """Syntax problems of the named files, in order. Nothing of them is executed."""
    outcome = box.run_bare(functools.partial(_report_problems, box.read, paths))
    if outcome.exit_code != 0:
        return [_problem(paths[0], 0, f"the compiler itself was ended by {outcome.how()}")]
    problems: list[SyntaxProblem] = json.loads(outcome.channel.bytes())
    return problems


def _report_problems(read: Callable[[str], bytes | None], paths: list[str]) -> int:
    warnings.simplefilter("ignore")
    problems = [problem for path in paths if (problem := compile_file(path, read(path)))]
    with os.fdopen(child.CHANNEL_FD, "wb") as channel:
        channel.write(json.dumps(problems).encode())
    return 0


def compile_file(path: str, source: bytes | None) -> SyntaxProblem | None:
    """What keeps the file from being a Python module; None where nothing does."""
    if source is None:
        return _problem(path, 0, "the file is not in the tree")
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return _problem(path, error.lineno or 0, error.msg)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return _problem(path, 0, f"{type(error).__name__}: {error}")
    return None


def _problem(path: str, line: int, message: str) -> SyntaxProblem:
    return {"path": path, "line": line, "message": message}
