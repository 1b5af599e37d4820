"""Files are compiled and nothing of them is executed."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import DockerSandbox, Job, Plan
from sandbox.inside.supervisor import syntax
from sandbox.inside.supervisor.outcome import Outcome
from tests.sandbox.trees import tar_of


@pytest.mark.docker
def test_syntax_problems_name_file_and_line_and_nothing_is_executed(
    docker_sandbox: DockerSandbox,
) -> None:
    files = {"good.py": "raise SystemExit(1)\n", "bad.py": "x = 1\ndef f(:\n", "nul.py": b"\0"}
    plan = Plan(compile=("good.py", "bad.py", "nul.py", "absent.py"))
    report = docker_sandbox.run(Job(tree=tar_of(files), plan=plan))
    found = [(problem.path, problem.line) for problem in report.syntax]
    assert found == [("bad.py", 2), ("nul.py", 0), ("absent.py", 0)]


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        (b"x = 1\n", None, ""),
        (b"", None, ""),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), None, ""),
        (b"\xef\xbb\xbfx = 1\n", None, ""),
        (b"raise SystemExit(1)\n", None, ""),
        (b"from __future__ import braces\n", 1, "not a chance"),
        (b"x = 1\ndef f(:\n    pass\n", 2, "invalid syntax"),
        (b"if x:\npass\n", 2, "expected an indented block"),
        (b"x = 'open\n", 1, "unterminated string literal"),
        (b"x = '\xff'\n", 1, "utf-8"),
        (b"# coding: no-such-codec\n", 0, "unknown encoding"),
        (b"\0", 0, "null bytes"),
        (b"return 1\n", 1, "outside function"),
        (b"nonlocal x\n", 1, "module level"),
    ],
)
def test_what_keeps_a_file_from_being_a_module(source: bytes, line: int | None, says: str) -> None:
    problem = syntax.compile_file("a.py", source)
    if line is None:
        assert problem is None
    else:
        assert problem is not None
        assert problem["path"] == "a.py"
        assert problem["line"] == line or "\0" in source.decode("utf-8", "replace")
        assert says in problem["message"]


def test_a_file_that_is_not_there_is_a_problem_of_its_own() -> None:
    assert syntax.compile_file("gone.py", None) == {
        "path": "gone.py", "line": 0, "message": "the file is not in the tree",
    }  # fmt: skip


def test_a_file_that_is_too_deep_for_the_compiler_is_a_problem_and_no_crash() -> None:
    problem = syntax.compile_file("a.py", b"x = " + b"(" * 5_000 + b")" * 5_000)
    assert problem is not None
    assert problem["message"]


def test_nothing_of_a_file_is_executed(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    assert syntax.compile_file("a.py", f"open({str(touched)!r}, 'w')\n".encode()) is None
    assert not touched.exists()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_module_or_a_problem_with_its_file(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = syntax.compile_file("a.py", data)
    assert problem is None or (problem["path"] == "a.py" and problem["line"] >= 0)


class EndedBox:
    """A box whose compiler ends so, and has written this."""

    def __init__(self, outcome: Outcome, data: bytes = b"") -> None:
        outcome.channel.add(data)
        self._outcome = outcome

    def read(self, path: str) -> bytes | None:
        return None

    def run_bare(self, body: Callable[[], int]) -> Outcome:
        return self._outcome


@pytest.mark.parametrize(
    ("outcome", "how"),
    [
        (Outcome(exit_code=None, signal=9, timed_out=True), "the deadline"),
        (Outcome(exit_code=None, signal=11), "signal 11"),
        (Outcome(exit_code=1), "exit code 1"),
    ],
)
def test_a_compiler_that_does_not_end_well_is_never_good_news(outcome: Outcome, how: str) -> None:
    (problem,) = syntax.find_problems(EndedBox(outcome), ["a.py", "b.py"])
    assert problem["path"] == "a.py"
    assert problem["message"] == f"the compiler itself was ended by {how}"


def test_problems_come_as_the_child_has_written_them() -> None:
    rows = [{"path": "a.py", "line": 1, "message": "m"}]
    box = EndedBox(Outcome(exit_code=0), json.dumps(rows).encode())
    assert syntax.find_problems(box, ["a.py"]) == rows
