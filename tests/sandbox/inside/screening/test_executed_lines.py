"""Executed lines are noticed in watched files only, and the tracer goes away again."""

import contextlib
import sys
from typing import Any

from sandbox.inside.screening.executed_lines import record_lines

WATCHED = "def f(x):\n    if x:\n        return 1\n    return 2\n"


def load(source: str, file: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, file, "exec"), namespace)
    return namespace


def test_lines_are_noted_under_the_name_of_their_file_and_others_are_not() -> None:
    f = load(WATCHED, "/w.py")["f"]
    g = load("def g():\n    return 1\n", "/other.py")["g"]
    lines: dict[str, set[int]] = {"w.py": set()}
    with record_lines({"/w.py": "w.py"}, lines):
        f(0)
        g()
    assert lines == {"w.py": {2, 4}}
    assert sys.gettrace() is None


def test_lines_of_several_calls_come_together() -> None:
    f = load(WATCHED, "/w.py")["f"]
    lines: dict[str, set[int]] = {"w.py": set()}
    for value in (0, 1):
        with record_lines({"/w.py": "w.py"}, lines):
            f(value)
    assert lines == {"w.py": {2, 3, 4}}


def test_an_error_ends_it_and_keeps_what_was_seen() -> None:
    f = load("def f():\n    x = 1\n    raise OSError\n", "/w.py")["f"]
    lines: dict[str, set[int]] = {"w.py": set()}
    with contextlib.suppress(OSError), record_lines({"/w.py": "w.py"}, lines):
        f()
    assert lines == {"w.py": {2, 3}}
    assert sys.gettrace() is None


def test_what_runs_outside_of_it_is_not_noted() -> None:
    f = load(WATCHED, "/w.py")["f"]
    lines: dict[str, set[int]] = {"w.py": set()}
    with record_lines({"/w.py": "w.py"}, lines):
        pass
    f(0)
    assert lines == {"w.py": set()}
