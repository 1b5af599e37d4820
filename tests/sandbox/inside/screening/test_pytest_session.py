"""Single tests are run as pytest would, without its reports."""

from pathlib import Path

import pytest

from sandbox.inside.screening import pytest_session
from sandbox.inside.screening.project import Project
from tests.sandbox.inside.screening.projects import with_project

TESTS = """
import pytest, unittest

@pytest.fixture
def broken():
    raise OSError("no fixture")

@pytest.fixture
def breaks_afterwards():
    yield
    raise OSError("teardown")

def test_pass(tmp_path):
    (tmp_path / "a").write_text("b")

def test_fail():
    raise ValueError("oh no")

def test_fixture(broken): ...

def test_teardown(breaks_afterwards): ...

def test_skip():
    pytest.skip("why")

@pytest.mark.skip
def test_skip_mark(): ...

@pytest.mark.xfail
def test_xfail():
    raise ValueError

@pytest.mark.parametrize("rows", [[1, 2], [3]])
def test_rows(rows):
    assert rows.pop() == 2

class TestCase(unittest.TestCase):
    def test_unit(self):
        self.assertEqual(1, 2)

    def test_unit_error(self):
        raise OSError("unit")

    def test_unit_pass(self):
        self.assertEqual(1, 1)

    def test_unit_skip(self):
        self.skipTest("why")

    def test_unit_subtest(self):
        for number in (1, 2, 3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 2)

    def test_unit_subtest_pass(self):
        with self.subTest():
            self.assertEqual(1, 1)

    def test_unit_subtest_skip(self):
        with self.subTest():
            self.skipTest("why")

def test_subtests(subtests):
    with subtests.test():
        assert 1 == 2

def test_subtests_pass(subtests):
    with subtests.test():
        assert 1 == 1

@pytest.mark.xfail
def test_subtests_xfail(subtests):
    with subtests.test():
        assert 1 == 2
"""
OUTCOMES = {
    "test_pass": "passed",
    "test_fail": "failed",
    "test_fixture": "failed",
    "test_teardown": "failed",
    "test_skip": "skipped",
    "test_skip_mark": "skipped",
    "test_xfail": "passed",
    "test_rows[rows0]": "passed",
    "test_rows[rows1]": "failed",
    "test_unit": "failed",
    "test_unit_error": "failed",
    "test_unit_pass": "passed",
    "test_unit_skip": "skipped",
    "test_unit_subtest": "failed",
    "test_unit_subtest_pass": "passed",
    "test_unit_subtest_skip": "passed",
    "test_subtests": "failed",
    "test_subtests_pass": "passed",
    "test_subtests_xfail": "passed",
}


def run_all(project: Project) -> object:
    return {
        node.rpartition("::")[2]: pytest_session.run_item(item)
        for node, item in project.items.items()
    }


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    folder = tmp_path_factory.mktemp("session")
    answer: dict[str, tuple[str, str]] = with_project(folder, run_all, {"test_x.py": TESTS})
    return answer


def test_every_test_is_collected(results: dict[str, tuple[str, str]]) -> None:
    assert list(results) == list(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcomes_are_those_that_a_search_needs(
    results: dict[str, tuple[str, str]], name: str
) -> None:
    outcome, detail = results[name]
    assert outcome == OUTCOMES[name]
    assert bool(detail) == (outcome == "failed")


@pytest.mark.parametrize(
    ("name", "words"),
    [("test_fail", "ValueError: oh no"), ("test_fixture", "OSError: no fixture"),
     ("test_teardown", "OSError: teardown"), ("test_unit", "AssertionError: 1 != 2")],
)  # fmt: skip
def test_a_failure_has_a_short_traceback(
    results: dict[str, tuple[str, str]], name: str, words: str
) -> None:
    assert results[name][1].rstrip().endswith(words)
    assert "test_x.py" in results[name][1]


def run_twice(project: Project) -> object:
    (item,) = project.items.values()
    return [pytest_session.run_item(item)[0] for _ in range(2)]


def test_a_failure_of_unittest_is_not_told_again_of_the_next_run(tmp_path: Path) -> None:
    source = (
        "import unittest\nSEEN = []\nclass TestX(unittest.TestCase):\n    def test_a(self):\n"
        "        SEEN.append(1)\n        self.assertEqual(len(SEEN), 2)\n"
    )
    assert with_project(tmp_path, run_twice, {"test_x.py": source}) == ["failed", "passed"]


def test_the_same_test_can_be_run_again(tmp_path: Path) -> None:
    files = {"test_x.py": "def test_a(tmp_path):\n    assert not list(tmp_path.iterdir())\n"}
    assert with_project(tmp_path, run_twice, files) == ["passed", "passed"]


PLUGIN = """
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    yield
    item.prepared_by_the_runs_own_protocol
"""
CASE = """
import unittest

class TestCase(unittest.TestCase):
    def test_it(self):
        for number in (1, 2):
            with self.subTest(number=number):
                self.assertEqual(number, {expected})
"""


@pytest.mark.parametrize(("expected", "outcome"), [("number", "passed"), ("1", "failed")])
def test_a_plugin_that_watches_reports_is_no_failure(
    tmp_path: Path, expected: str, outcome: str
) -> None:
    files = {"test_x.py": CASE.format(expected=expected), "conftest.py": PLUGIN}
    ((name, (end, detail)),) = with_project(tmp_path, run_all, files).items()
    assert (name, end) == ("test_it", outcome)
    assert ("1 != 1" in detail or "2 != 1" in detail) == (outcome == "failed")


SOFT_CHECKS = """
import pytest

failures = []

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when == "call" and failures:
        report.outcome, report.longrepr = "failed", failures.pop()

@pytest.fixture
def check():
    return lambda one, other: one == other or failures.append(f"{one} is not {other}")
"""
SOFT_TESTS = """
def test_it(check):
    check(1, 1)

def test_another(check):
    check(1, 2)

def test_the_last(check):
    check(2, 2)
"""


def test_a_plugin_that_decides_with_the_report_is_asked(tmp_path: Path) -> None:
    results = with_project(tmp_path, run_all, {"conftest.py": SOFT_CHECKS, "test_x.py": SOFT_TESTS})
    assert results == {
        "test_it": ["passed", ""],
        "test_another": ["failed", "1 is not 2"],
        "test_the_last": ["passed", ""],
    }
