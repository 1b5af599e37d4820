"""What pytest's reports mean, the order of the tests, and what is told on the channel."""

import itertools
import json
import os
import random
from pathlib import Path
from select import PIPE_BUF
from types import SimpleNamespace
from typing import Any

import pytest

from healer.failure import parse_traceback
from sandbox.inside.pytest_checks.recorder import Recorder, outcome_of, shuffle
from sandbox.inside.pytest_checks.reports import join_parts
from sandbox.inside.pytest_checks.sentinel_names import SentinelNames
from sandbox.inside.pytest_checks.weaver import Weaver


def report(outcome: str, when: str, **more: object) -> Any:
    flags = {"failed": outcome == "failed", "skipped": outcome == "skipped"}
    return SimpleNamespace(when=when, outcome=outcome, **flags, **more)


@pytest.mark.parametrize(
    ("outcome", "when", "more", "expected"),
    [
        ("passed", "setup", {}, None),
        ("passed", "call", {}, "passed"),
        ("passed", "teardown", {}, None),
        ("rerun", "call", {}, None),
        ("failed", "setup", {}, "error"),
        ("failed", "call", {}, "failed"),
        ("failed", "teardown", {}, "error"),
        ("skipped", "setup", {}, "skipped"),
        ("skipped", "call", {}, "skipped"),
        ("skipped", "call", {"wasxfail": "known"}, "xfailed"),
        ("passed", "call", {"wasxfail": ""}, "xpassed"),
    ],
)
def test_each_phase_says_what_it_says(
    outcome: str, when: str, more: dict[str, object], expected: str | None
) -> None:
    assert outcome_of(report(outcome, when, **more)) == expected


def items(*nodes: str) -> list[Any]:
    return [SimpleNamespace(nodeid=node) for node in nodes]


NODES = [f"{file}.py::{group}::test_{n}" for file in "ab" for group in "XY" for n in range(4)]


@pytest.mark.parametrize("seed", range(8))
def test_a_shuffle_keeps_files_and_classes_together(seed: int) -> None:
    nodes = [item.nodeid for item in shuffle(items(*NODES), random.Random(seed))]
    assert sorted(nodes) == sorted(NODES)
    for key in (lambda node: node.split("::")[:1], lambda node: node.split("::")[:2]):
        groups = [key(node) for node in nodes]
        changes = sum(one != other for one, other in itertools.pairwise(groups))
        assert changes == len({tuple(group) for group in groups}) - 1


def test_the_same_seed_is_the_same_order_and_some_other_is_another() -> None:
    orders = [[i.nodeid for i in shuffle(items(*NODES), random.Random(s))] for s in (1, 1, 2, 3)]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] or orders[0] != orders[3]


def test_parameters_with_colons_do_not_make_a_group() -> None:
    nodes = ["a.py::test_x[b::c]", "a.py::test_y"]
    assert sorted(i.nodeid for i in shuffle(items(*nodes), random.Random(0))) == nodes


TESTS = """\
import pytest


@pytest.fixture
def broken_at_the_end():
    yield
    raise ValueError("teardown")


def test_good(): pass
def test_bad(): assert 1 == 2
def test_error_after(broken_at_the_end): pass
"""


def module_of(tmp_path: Path) -> str:
    return f"test_{tmp_path.name}.py"


def told(tmp_path: Path, tests: str) -> list[dict[str, Any]]:
    """Every message of a run, in order."""
    # A name of its own: the modules of all these runs are imported into one process.
    (tmp_path / module_of(tmp_path)).write_text(tests)
    with (tmp_path / "channel").open("wb") as channel:
        weaver = Weaver(SentinelNames(), (), lambda _: None)
        plugin = Recorder(channel.fileno(), None, weaver)
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
        # Else all folders above it are looked through: those of thousands of other tests.
        place = [f"--rootdir={tmp_path}", f"--confcutdir={tmp_path}", "-c", "/dev/null"]
        pytest.main([*options, *place, str(tmp_path)], [plugin])
    lines = (tmp_path / "channel").read_bytes().splitlines()
    assert max(map(len, lines)) < PIPE_BUF  # whole, whoever else writes there
    return [json.loads(message) for message in join_parts(lines)]


def test_a_run_tells_what_was_collected_every_result_and_its_end(tmp_path: Path) -> None:
    messages = told(tmp_path, TESTS)
    names = [f"{module_of(tmp_path)}::test_{name}" for name in ("good", "bad", "error_after")]
    assert messages[0] == {"collected": names}
    assert messages[1] == {"hosts": {}}
    results = {m["result"]["node"]: m["result"]["outcome"] for m in messages if "result" in m}
    assert results == dict(zip(names, ("passed", "failed", "error"), strict=True))
    assert messages[-1] == {"finish": 1}


def test_a_file_that_cannot_be_collected_is_an_error_under_its_path(tmp_path: Path) -> None:
    results = [m["result"] for m in told(tmp_path, "import no_such_module") if "result" in m]
    assert [(r["node"], r["outcome"]) for r in results] == [(module_of(tmp_path), "error")]
    assert "no_such_module" in results[0]["detail"]


@pytest.mark.parametrize(
    ("script", "last"),
    [
        ("def f(:\n", "SyntaxError: invalid syntax"),
        ("import there_is_none\n", "ModuleNotFoundError: No module named 'there_is_none'"),
        ("{}['x']\n", "KeyError: 'x'"),
    ],
)
def test_a_file_that_cannot_be_collected_tells_the_place_as_python_does(
    tmp_path: Path, script: str, last: str
) -> None:
    name = f"script_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(script)
    tests = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport {name}\n"
    (result,) = [m["result"] for m in told(tmp_path, tests) if "result" in m]
    chain = parse_traceback(result["detail"], roots=(str(tmp_path),))
    assert result["detail"].strip().splitlines()[-1] == last
    assert chain[-1].type == last.partition(":")[0]
    places = [frame.file for frame in chain[-1].frames] + [f"{name}.py"] * ("def" in script)
    assert places[-1] == f"{name}.py"


FAILURES = """\
import pytest
import unittest


def divide(a):
    return 1 / a


def test_crash(): divide(0)
def test_assertion(): assert divide(2) == 3
def test_told(): pytest.fail("not like this", pytrace=False)
def test_unknown(no_such_fixture): pass
class Tests(unittest.TestCase):
    def test_case(self): self.assertEqual(divide(2), 3)
"""


def test_a_failure_is_told_from_the_tests_own_frame_on_as_python_does(tmp_path: Path) -> None:
    results = [m["result"] for m in told(tmp_path, FAILURES) if "result" in m]
    details = {r["node"].rpartition("::")[2]: r["detail"] for r in results}
    for name, frames in (("test_crash", 2), ("test_assertion", 1), ("test_case", 1)):
        (error,) = parse_traceback(details[name], roots=(str(tmp_path),))
        own = [frame for frame in error.frames if frame.own]
        assert len(own) == frames
        assert error.frames[0].function == name
    assert details["test_crash"].endswith("ZeroDivisionError: division by zero\n")
    assert "assert 0.5 == 3" in details["test_assertion"]
    assert details["test_told"] == "not like this"
    assert "fixture 'no_such_fixture' not found" in details["test_unknown"]


BESIDE = """
"PYTEST_DONT_REWRITE: a helper is not rewritten either"
import subprocess, sys

def same(one, other):
    assert one == other

def test_values():
    wanted = {"total": 3}
    same(wanted["total"], 4)

def test_program():
    subprocess.run([sys.executable, "-c", "{}['total']"], check=True, capture_output=True)

def test_uncaptured_program():
    assert subprocess.call([sys.executable, "-c", "{}['total']"]) == 0

def test_good():
    print("Traceback (most recent call last)", file=sys.stderr)
"""


def test_values_and_what_a_program_said_are_told_of_what_fails(tmp_path: Path) -> None:
    results = {
        m["result"]["node"].rpartition("_")[2]: m["result"]
        for m in told(tmp_path, BESIDE)
        if "result" in m
    }
    name = module_of(tmp_path)
    assert results["values"]["values"] == f"{name}:6: one = 3\n{name}:6: other = 4"
    assert "inner_error" not in results["values"]
    assert "KeyError: 'total'" in results["program"]["inner_error"]
    assert {"values", "inner_error"}.isdisjoint(results["good"])


def test_a_long_message_of_any_text_comes_whole(tmp_path: Path) -> None:
    text = '"\\\\ü\\n' * 3_000
    tests = f"def test_long():\n    raise ValueError({text!r})\n"
    (result,) = [m["result"] for m in told(tmp_path, tests) if "result" in m]
    assert '"\\\\ü' in result["detail"]


def test_only_the_end_of_a_long_failure_is_told(tmp_path: Path) -> None:
    (result,) = [
        m["result"]
        for m in told(tmp_path, "def test_long(): assert 'x' * 20_000 == 'end of it'\n")
        if "result" in m
    ]
    assert len(result["detail"]) <= 8_000


def test_a_forked_copy_of_the_run_tells_nothing(tmp_path: Path) -> None:
    with (tmp_path / "channel").open("wb") as channel:
        recorder = Recorder(channel.fileno(), None, Weaver(SentinelNames(), (), lambda _: None))
        pid = os.fork()
        if pid == 0:
            recorder._send(finish=0)
            os._exit(0)
        os.waitpid(pid, 0)
    assert (tmp_path / "channel").read_bytes() == b""
