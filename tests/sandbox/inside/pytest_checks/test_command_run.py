"""A command's exit status always counts, and of its tests what they say in agreement with it."""

from pathlib import Path

import pytest

from sandbox.inside import messages
from sandbox.inside.pytest_checks.command_run import CommandTests, read_run, read_traces
from sandbox.inside.supervisor.box import Box
from sandbox.inside.supervisor.outcome import Outcome
from sandbox.inside.tree import Entry
from tests.sandbox.inside.traced_command import Ended, run_python

WORDS = ["python", "-m", "unittest"]
JOB = "RATE = 2\n\ndef total(rows):\n    return sum(rows)\n\ndef late(rows):\n    return rows[9]\n"
CASE = """\
import unittest
import job

class Totals(unittest.TestCase):
    def test_good(self):
        self.assertEqual(job.total([1, 2]), 3)

    def test_bad(self):
        self.assertEqual(job.{name}([1]), 2)
"""
FAR = "import unittest\n\nclass Far(unittest.TestCase):\n    def test(self): self.fail()\n"


def message(*words: str, name: str = "1.1") -> bytes:
    return b'{"test": ["%b", "%b", 1]}' % (name.encode(), "\0".join(words).encode().hex().encode())


def result(node: str, outcome: str) -> tuple[bytes, bytes]:
    return message("begin", node), message("result", node, outcome, "0.5", "why")


SENTINEL = message("sentinel", "failed")


def end_with(code: int | None, *messages: bytes) -> messages.TestRun:
    outcome = Outcome(exit_code=code)
    outcome.channel.add(b"\n".join(messages) + b"\n")
    outcome.stderr.add(b"no such table\n")
    return read_run(WORDS, outcome, {})


def outcomes(run: messages.TestRun) -> dict[str, str]:
    return {each["node"]: each["outcome"] for each in run["results"]}


def test_without_tests_the_exit_status_is_all_that_is_known() -> None:
    run = end_with(1)
    assert outcomes(run) == {"python -m unittest": "failed"}
    assert run["results"][0]["detail"] == "no such table"
    assert run["by_status"]
    assert outcomes(end_with(0)) == {"python -m unittest": "passed"}


def test_tests_have_names_and_so_has_a_good_end() -> None:
    run = end_with(0, *result("a.py::A::t", "passed"), SENTINEL)
    assert outcomes(run) == {"a.py::A::t": "passed", "python -m unittest": "passed"}
    assert (run["by_status"], run["sentinels"], run["sentinels_failed"]) == (False, 1, 1)


def test_a_bad_end_that_failing_tests_explain_is_no_test_of_its_own() -> None:
    run = end_with(1, *result("a", "failed"), *result("b", "passed"), SENTINEL)
    assert outcomes(run) == {"a": "failed", "b": "passed"}


def test_a_bad_end_that_no_failing_test_explains_is_one() -> None:
    run = end_with(1, *result("a", "passed"), SENTINEL)
    assert outcomes(run) == {"a": "passed", "python -m unittest": "failed"}


def test_where_the_command_calls_failures_good_its_status_alone_counts() -> None:
    run = end_with(0, *result("a", "failed"), SENTINEL)
    assert (outcomes(run), run["by_status"]) == ({"python -m unittest": "passed"}, True)


def test_tests_without_one_that_must_fail_are_vouched_for_by_the_status_alone() -> None:
    run = end_with(0, *result("a", "passed"))
    assert (run["by_status"], run["sentinels"]) == (True, 0)


def test_a_sentinel_that_passes_is_told() -> None:
    run = end_with(0, *result("a", "passed"), SENTINEL, message("sentinel", "passed"))
    assert (run["sentinels"], run["sentinels_failed"]) == (2, 1)


@pytest.mark.parametrize(("first", "then"), [("failed", "passed"), ("passed", "failed")])
def test_of_two_results_of_a_name_the_worse_counts(first: str, then: str) -> None:
    tests = CommandTests(
        [message("result", "a", first, "0", ""), message("result", "a", then, "0", "")]
    )
    assert tests.results["a"]["outcome"] == "failed"


@pytest.mark.parametrize(
    "noise",
    [
        b"", b"{", b"[]", b"7", b'{"test": 1}', b'{"test": ["1", "zz", 1]}', message(),
        message("result", "a"), message("result", "a", "fine", "0", ""), message("begin"),
        message("result", "a", "passed", "x", ""), b'{"call": ["a.py"]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_anything_else_on_the_channel_is_ignored(noise: bytes) -> None:
    assert not CommandTests([noise]).results


def trace(folder: Path, ended: Ended, *failing: str) -> dict[str, messages.FailingTests]:
    files = list(folder.rglob("*.py"))
    box = Box([Entry(str(p.relative_to(folder)), False, p.read_bytes()) for p in files], 0.0)
    outcome = Outcome(exit_code=ended.end.returncode)
    outcome.channel.add(ended.channel)
    return {each["nodes"][0]: each for each in read_traces(WORDS, outcome, list(failing), box)}


def test_each_failing_test_has_what_it_executes_and_what_its_file_imports(tmp_path: Path) -> None:
    files = {"job.py": JOB, "test_job.py": CASE.format(name="late"), "test_far.py": FAR}
    ended = run_python(tmp_path, files, "-m", "unittest", kinds="results,calls")
    bad, far = "test_job.py::Totals::test_bad", "test_far.py::Far::test"
    traces = trace(tmp_path, ended, bad, far, "test_job.py::Totals::test_good")
    assert set(traces) == {bad, far}
    assert 6 in traces[bad]["executed"]["job.py"]
    assert 3 not in traces[bad]["executed"]["job.py"]
    assert 0 in traces[bad]["loaded"]["job.py"]
    assert "job.py" not in traces[far]["loaded"]
    assert set(traces[far]["executed"]) == {"test_far.py"}


def test_what_is_set_up_for_a_class_counts_for_its_file(tmp_path: Path) -> None:
    case = (
        "import job, unittest\n\nclass A(unittest.TestCase):\n    @classmethod\n"
        "    def setUpClass(cls): cls.sum = job.total([1])\n"
        "    def test(self): self.assertEqual(self.sum, 2)\n"
    )
    files = {"job.py": JOB, "test_a.py": case, "test_b.py": CASE.format(name="total")}
    ended = run_python(tmp_path, files, "-m", "unittest", kinds="results,calls")
    traces = trace(tmp_path, ended, "test_a.py::A::test")
    assert 3 in traces["test_a.py::A::test"]["loaded"]["job.py"]


def test_a_command_without_failing_tests_has_all_that_ran(tmp_path: Path) -> None:
    ended = run_python(
        tmp_path,
        {"job.py": JOB, "run.py": "import job\njob.late([])\n"},
        "run.py",
        kinds="results,calls",
    )
    traces = trace(tmp_path, ended, "python -m unittest")
    assert {0, 6} <= set(traces["python -m unittest"]["loaded"]["job.py"])
