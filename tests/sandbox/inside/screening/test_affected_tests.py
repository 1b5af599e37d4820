"""Which tests enter the functions whose lines candidates change."""

import contextlib
import importlib.util
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from sandbox.inside.screening import affected_tests, forks
from sandbox.inside.screening.affected_tests import Change, EntryWatcher

SOURCE = """\
LIMIT = 3


def one(x):
    return x


@staticmethod
def two(x):
    def inner(y):
        return y + 1

    return list(
        map(inner, [x])
    )


class Three:
    size = 1

    def four(self):
        return [
            1,
            2,
        ]

    key = lambda self: 5
"""


def change_of(new: str) -> Change:
    return Change({"a.py": SOURCE}, [{"a.py": new}])


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("return x\n\n\n@", "return 0\n\n\n@", {4}),
        ("        return y + 1\n", "        return y\n", {8, 10}),
        ("@staticmethod\ndef two", "@classmethod\ndef two", {8, 10}),
        ("map(inner, [x])\n    )", "map(inner, [x, x])\n    )", {8, 10}),
        ("            2,\n", "            3,\n", {21}),
        ("            2,\n", "", {21}),
        ("            2,\n", "            2,\n            3,\n", {21}),
        ("    return x\n", "    x += 1\n    return x\n", {4}),
        ("lambda self: 5", "lambda self: 6", {27}),
        ("LIMIT = 3", "LIMIT = 4", set()),
    ],
)
def test_a_function_is_touched_where_a_line_of_it_is_another(
    old: str, new: str, lines: set[int]
) -> None:
    change = change_of(SOURCE.replace(old, new, 1))
    functions = {4, 8, 10, 21, 27}  # first lines of code, decorators included
    assert {line for line in functions if change.is_entered([("a.py", line)])} == lines


def test_a_module_or_class_that_is_run_again_is_touched_by_any_line() -> None:
    change = change_of(SOURCE.replace("LIMIT = 3", "LIMIT = 4"))
    assert change.is_entered([("a.py", 1)])
    assert change.is_entered([("a.py", 18)])


@pytest.mark.parametrize("new", [SOURCE, SOURCE.replace("LIMIT = 3", "LIMIT = 4")])
def test_another_file_is_not_touched(new: str) -> None:
    assert not change_of(new).is_entered([("b.py", 4)])


def test_what_is_as_it_was_touches_nothing() -> None:
    assert not change_of(SOURCE).is_entered([("a.py", line) for line in range(4, 28)])


def test_a_file_that_does_not_parse_or_is_new_counts_as_touched() -> None:
    assert Change({"a.py": "def f(:\n"}, [{"a.py": "def f(): ..."}]).is_entered([("a.py", 1)])
    assert Change({"a.py": ""}, [{"a.py": "def f(): ..."}]).is_entered([("a.py", 1)])


def watch(folder: Path, body: Callable[[ModuleType], object]) -> list[str] | None:
    """What the watcher notes of `body`, in a fork: it cannot be taken out."""
    file = folder / "a.py"
    file.write_text(SOURCE.replace("@staticmethod\n", ""))
    spec = importlib.util.spec_from_file_location("watched", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    watcher = EntryWatcher([str(file)])

    def attempt() -> tuple[str, str]:
        with watcher.watch():
            body(module)
        return "passed", ""

    def tell() -> object:
        entries = watcher.read()
        return entries and [line for _, line in entries]

    answer = forks.run_in_fork(attempt, 20.0, extra=tell)
    assert answer.outcome == "passed", answer.detail
    found: list[str] | None = answer.extra
    return found


def in_thread(module: ModuleType) -> None:
    thread = threading.Thread(target=module.one, args=(1,))
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (lambda module: module.one(1), [4]),
        (lambda module: module.two(1), [8, 9]),
        (lambda module: module.Three().four(), [20]),
        (in_thread, [4]),
        (lambda _: sum(range(3)), []),
    ],
    ids=["a function", "one within another", "a method", "a thread", "none"],
)
def test_what_a_test_enters_is_noted(
    tmp_path: Path, body: Callable[[ModuleType], object], lines: list[int]
) -> None:
    assert watch(tmp_path, body) == lines


def spawn(_: ModuleType) -> None:
    process = multiprocessing.get_context("spawn").Process(target=print)
    with contextlib.suppress(Exception):
        process.start()
        process.join()


@pytest.mark.parametrize(
    "body",
    [
        lambda _: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda _: os.system("true"),
        lambda _: os.waitpid(os.fork() or os._exit(0), 0),
        spawn,
        lambda _: sys.setprofile(None),
        lambda _: sys.settrace(None),
        lambda module: Path(module.__file__ or "").read_text(),
        lambda module: Path(os.path.relpath(module.__file__ or "")).read_text(),
    ],
    ids=["program", "shell", "fork", "spawn", "profile", "trace", "its text", "by another path"],
)
def test_what_cannot_be_seen_is_unsure(
    tmp_path: Path, body: Callable[[ModuleType], object]
) -> None:
    assert watch(tmp_path, body) is None


def test_one_test_is_noted_after_another(tmp_path: Path) -> None:
    def body(module: ModuleType) -> None:
        inner = EntryWatcher([str(module.__file__)])
        with inner.watch():
            subprocess.run([sys.executable, "-c", ""], check=True)
        assert inner.read() is None
        with inner.watch():
            module.one(1)
        assert inner.read() == [(module.__file__, 4)]

    watch(tmp_path, body)


def test_lines_that_only_come_in_change_those_beside() -> None:
    ranges = affected_tests.find_changed_lines({"a": "1\n2\n3\n"}, [{"a": "1\n2\nx\n3\n"}])
    assert ranges == {"a": [(2, 3)]}
