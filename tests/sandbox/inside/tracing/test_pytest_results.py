"""A pytest that some other program starts tells how each test ends, in its own names."""

from pathlib import Path

from tests.sandbox.inside.traced_command import run_python

SOURCE = """\
import pytest

def test_good(): pass
def test_wrong(): assert 1 == 2
@pytest.mark.parametrize("n", [1, 2])
def test_each(n): assert n == 1
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.fixture
def broken(): raise KeyError("x")
def test_error(broken): pass
"""
RUNNER = "import pytest, sys\nsys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'qa']))\n"


def test_tests_of_pytest_behind_another_program_report(tmp_path: Path) -> None:
    ended = run_python(tmp_path, {"run.py": RUNNER, "qa/test_a.py": SOURCE}, "run.py")
    ends = {node.partition("::")[2]: outcome for node, outcome in ended.outcomes.items()}
    assert ends == {
        "test_good": "passed", "test_wrong": "failed", "test_each[1]": "passed",
        "test_each[2]": "failed", "test_skipped": "skipped", "test_expected": "xfailed",
        "test_error": "error",
    }  # fmt: skip
    assert (ended.tests.sentinels, ended.end.returncode) == ([True], 1)
    assert "2 passed" in ended.end.stdout
    detail = ended.tests.results["qa/test_a.py::test_wrong"]["detail"]
    assert detail.startswith("Traceback (most recent call last):")


def test_values_of_a_helpers_assertion_come_with_a_failure(tmp_path: Path) -> None:
    files = {
        "helpers.py": "def same(one, other):\n    assert one == other\n",
        "test_a.py": "from helpers import same\n\ndef test_a(): same(1, 2)\ndef test_b(): pass\n",
    }
    results = run_python(tmp_path, files, "-m", "pytest").tests.results
    assert (
        results["test_a.py::test_a"]["values"] == "helpers.py:2: one = 1\nhelpers.py:2: other = 2"
    )
    assert results["test_a.py::test_b"]["values"] == ""


def test_a_file_that_cannot_be_collected_is_an_error_of_that_file(tmp_path: Path) -> None:
    files = {"run.py": RUNNER, "qa/test_a.py": SOURCE, "qa/test_b.py": "import nothing_there\n"}
    ended = run_python(tmp_path, files, "run.py")
    assert ended.outcomes == {"qa/test_b.py": "error"}
    assert "nothing_there" in ended.tests.results["qa/test_b.py"]["detail"]


def test_names_are_told_from_the_root_wherever_pytest_has_its_own(tmp_path: Path) -> None:
    files = {"app/pytest.ini": "[pytest]\n", "app/tests/test_a.py": "def test_a(): pass\n"}
    ended = run_python(tmp_path, files, "-m", "pytest", "-q", "app")
    assert ended.outcomes == {"app/tests/test_a.py::test_a": "passed"}


def test_tests_that_xdist_spreads_are_told_of_once(tmp_path: Path) -> None:
    files = {"qa/test_a.py": "def test_a(): pass\n\ndef test_b(): assert 0\n"}
    ended = run_python(tmp_path, files, "-m", "pytest", "-q", "-n", "1", "qa")
    assert ended.outcomes == {"qa/test_a.py::test_a": "passed", "qa/test_a.py::test_b": "failed"}
    assert ended.tests.sentinels == [True]
