"""A failing run of pytest is about the script that its tests lead into, as pytest itself prints."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from healer.watch.inbox import parse_record
from healer.watch.pytest_jobs import find_script_under_test, is_pytest_run
from tests.support.git import write_files

FILES = {
    "src/shop.py": "def total(rows):\n    return sum(row['pirce'] for row in rows)\n",
    "tests/test_shop.py": (
        "import sys\nsys.path.insert(0, 'src')\nfrom shop import total\n\n\n"
        "def test_none():\n    assert total([]) == 0\n\n\n"
        "def test_total():\n    assert total([{'price': 2}]) == 2\n\n\n"
        "def test_itself():\n    assert 1 == 2\n"
    ),
}


@pytest.mark.parametrize("style", ["auto", "long", "short"])
def test_the_script_under_test_is_read_from_what_pytest_prints(tmp_path: Path, style: str) -> None:
    write_files(tmp_path, FILES)
    argv = [sys.executable, "-m", "pytest", "-q", f"--tb={style}", "-p", "no:cacheprovider"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert find_script_under_test(done.stdout, str(tmp_path), str(tmp_path)) == "src/shop.py"
    record = {"id": "f", "source": "run", "root": str(tmp_path), "cwd": str(tmp_path),
              "argv": argv, "stdout_tail": done.stdout, "script": "tests/test_shop.py"}  # fmt: skip
    assert parse_record(json.dumps(record)).script == "src/shop.py"


@pytest.mark.parametrize(
    "output",
    [
        "", "tests/test_a.py:3: AssertionError\n", "/usr/lib/python3/decoder.py:3: ValueError\n",
        ".venv/lib/a.py:1: KeyError\n", "see src/shop.py:12: no line of its own\n",
    ],
)  # fmt: skip
def test_a_run_that_fails_in_its_tests_alone_names_no_script(output: str) -> None:
    assert find_script_under_test(output, "/srv/shop", "/srv/shop") == ""


def test_of_two_failing_tests_the_first_that_leads_into_a_script_counts() -> None:
    lines = ("tests/test_a.py:3: in test_a", "a.py:1: in f", "b.py:2: KeyError",
             "tests/test_c.py:9: in test_c", "c.py:1: KeyError")  # fmt: skip
    assert find_script_under_test("\n".join(lines), "/srv/shop", "/srv/shop") == "b.py"


def test_pytest_is_known_by_its_word() -> None:
    assert is_pytest_run(("python", "-m", "pytest", "-q"))
    assert is_pytest_run(("/srv/env/bin/pytest",))
    assert not is_pytest_run(("python", "pytest_jobs.py"))
