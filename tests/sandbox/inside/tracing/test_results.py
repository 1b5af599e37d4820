"""Tests report how they end, whoever runs them, and their runner notices nothing of it."""

from pathlib import Path

import pytest

from sandbox.inside.pytest_checks.reports import DETAIL_CHARS
from tests.sandbox.inside.traced_command import run_python

JOB = "def total(rows):\n    return sum(rows)\n\ndef late(rows):\n    return rows[9]\n"
CASES = """\
import unittest
import job

class Totals(unittest.TestCase):
    def test_good(self):
        self.assertEqual(job.total([1, 2]), 3)

    def test_wrong(self):
        self.assertEqual(job.total([1]), 2)

    def test_raises(self):
        job.late([])

    @unittest.skip("later")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    @unittest.expectedFailure
    def test_unexpected(self):
        pass

    def test_parts(self):
        for n in (1, 2):
            with self.subTest(n=n):
                self.assertEqual(n, 1)
"""
OUTCOMES = {
    "good": "passed", "wrong": "failed", "raises": "error", "skipped": "skipped",
    "expected": "xfailed", "unexpected": "xpassed", "parts": "failed",
}  # fmt: skip
OUTCOMES = {f"tests/test_job.py::Totals::test_{name}": end for name, end in OUTCOMES.items()}
FILES = {"job.py": JOB, "tests/__init__.py": "", "tests/test_job.py": CASES}


@pytest.mark.parametrize(
    "words",
    [
        ("-m", "unittest"),
        ("-m", "unittest", "discover", "-s", "tests", "-t", "."),
        ("-m", "unittest", "-v", "tests.test_job"),
        ("-m", "unittest", "tests.test_job.Totals"),
        ("-m", "unittest", "tests/test_job.py"),
    ],
)
def test_each_test_of_unittest_has_the_name_that_pytest_gives_it(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = run_python(tmp_path, FILES, *words)
    assert ended.outcomes == OUTCOMES
    assert ended.end.returncode == 1
    assert ended.tests.sentinels
    assert all(ended.tests.sentinels)


def test_what_failed_is_told_as_the_interpreter_prints_it(tmp_path: Path) -> None:
    ended = run_python(tmp_path, FILES, "-m", "unittest")
    detail = ended.tests.results["tests/test_job.py::Totals::test_raises"]["detail"]
    assert detail.startswith("Traceback (most recent call last):")
    assert detail.splitlines()[1].strip().startswith(f'File "{tmp_path}/tests/test_job.py"')
    assert detail.rstrip().endswith("IndexError: list index out of range")


def test_values_and_the_words_of_a_program_come_with_a_failure(tmp_path: Path) -> None:
    case = """
import subprocess, sys, unittest

class Bare(unittest.TestCase):
    def test_values(self):
        total = 3
        assert total == 4

    def test_program(self):
        end = subprocess.run([sys.executable, "-c", "{}['total']"], capture_output=True)
        assert end.returncode == 0
"""
    results = run_python(tmp_path, {"test_bare.py": case}, "-m", "unittest").tests.results
    values, program = (results[f"test_bare.py::Bare::test_{n}"] for n in ("values", "program"))
    assert values["values"] == "test_bare.py:7: total = 3"
    assert values["inner_error"] == ""
    assert "KeyError: 'total'" in program["inner_error"]


def test_a_long_failure_is_cut_at_its_beginning(tmp_path: Path) -> None:
    case = (
        "import unittest\n\nclass Long(unittest.TestCase):\n    def test(self):\n"
        f"        raise ValueError('ü' * {3 * DETAIL_CHARS} + 'end')\n"
    )
    ended = run_python(tmp_path, {"test_long.py": case}, "-m", "unittest")
    (result,) = ended.tests.results.values()
    assert len(result["detail"]) == DETAIL_CHARS
    assert result["detail"].endswith("üend\n")


def test_a_program_that_runs_its_own_tests_reports_them_too(tmp_path: Path) -> None:
    main = f"{CASES}\nif __name__ == '__main__':\n    unittest.main()\n"
    ended = run_python(tmp_path, {"job.py": JOB, "check.py": main}, "check.py", "Totals.test_good")
    assert ended.outcomes == {"check.py::Totals::test_good": "passed"}


def test_tests_that_a_program_puts_together_itself_are_found(tmp_path: Path) -> None:
    case = (
        "import doctest, job, unittest\n\n"
        "def load_tests(loader, tests, pattern):\n"
        "    tests.addTests(doctest.DocTestSuite(job))\n    return tests\n\n"
        "class Kinds:\n    class Inner(unittest.TestCase):\n        def test(self): pass\n\n"
        "class Own(Kinds.Inner): pass\n"
    )
    job = 'def total(rows):\n    """\n    >>> total([1])\n    2\n    """\n    return sum(rows)\n'
    ended = run_python(tmp_path, {"job.py": job, "test_all.py": case}, "-m", "unittest")
    assert ended.outcomes == {"job.py::job.total": "failed", "test_all.py::Own::test": "passed"}


def test_a_file_that_cannot_be_imported_is_an_error_of_that_file(tmp_path: Path) -> None:
    files = {"tests/__init__.py": "", "tests/test_a.py": "import job\n", "job.py": "def f(:\n"}
    ended = run_python(tmp_path, files, "-m", "unittest", "discover")
    assert ended.outcomes == {"tests/test_a.py": "error"}
    ended = run_python(tmp_path, files, "-m", "unittest", "discover", "-s", "tests")
    assert ended.outcomes == {"tests/test_a.py": "error"}


def test_tests_that_a_test_runs_are_its_own_affair(tmp_path: Path) -> None:
    inner = "import unittest\n\nclass Inner(unittest.TestCase):\n    def test(self): self.fail()\n"
    outer = (
        "import inner, subprocess, sys, unittest\n\n"
        "class Outer(unittest.TestCase):\n"
        "    def test(self):\n"
        "        result = unittest.TestResult()\n"
        "        inner.Inner('test').run(result)\n"
        "        assert result.failures\n"
        "        assert subprocess.run([sys.executable, '-m', 'unittest', 'inner'],\n"
        "                              stderr=subprocess.PIPE).returncode == 1\n"
    )
    files = {"test_outer.py": outer, "inner.py": inner}
    ended = run_python(tmp_path, files, "-m", "unittest", "test_outer")
    assert ended.outcomes == {"test_outer.py::Outer::test": "passed"}


def test_a_runner_behind_another_program_reports(tmp_path: Path) -> None:
    runner = (
        "import subprocess, sys\n"
        "sys.exit(subprocess.run([sys.executable, '-m', 'unittest']).returncode)\n"
    )
    ended = run_python(tmp_path, {**FILES, "run.py": runner}, "run.py")
    assert ended.outcomes == OUTCOMES


def test_a_test_that_ends_its_process_has_not_passed(tmp_path: Path) -> None:
    case = "import os, unittest\n\nclass Bad(unittest.TestCase):\n    def test(self): os._exit(0)\n"
    ended = run_python(tmp_path, {"test_bad.py": case}, "-m", "unittest")
    assert (ended.outcomes, ended.end.returncode) == ({"test_bad.py::Bad::test": "error"}, 0)


def test_code_that_calls_every_test_good_gives_itself_away(tmp_path: Path) -> None:
    job = "import unittest\nunittest.TestCase.assertEqual = lambda *_: None\n" + JOB
    ended = run_python(tmp_path, {**FILES, "job.py": job}, "-m", "unittest")
    assert not any(ended.tests.sentinels)


def test_doctests_of_a_file_report(tmp_path: Path) -> None:
    job = 'def total(rows):\n    """\n    >>> total([1])\n    2\n    """\n    return sum(rows)\n'
    ended = run_python(tmp_path, {"job.py": job}, "-m", "doctest", "job.py")
    assert ended.outcomes == {"job.py::job.total": "failed"}


def test_a_command_without_tests_reports_nothing(tmp_path: Path) -> None:
    ended = run_python(tmp_path, {"job.py": "print(sum([1]))\n"}, "job.py")
    assert (ended.channel, ended.end.stdout) == (b"", "1\n")
