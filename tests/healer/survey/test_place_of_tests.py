"""A new test stands where the project's own do, and is written as they are."""

import pytest

from healer.survey.place_of_tests import (
    choose_new_path,
    find_name,
    find_test_of,
    module_of,
    uses_classes,
    uses_double_quotes,
)
from tests.support.memory_tree import MemoryTree

PYTEST = ("python", "-m", "pytest")
CLASS = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        pass\n"


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ([], "tests/test_job.py"),
        (["tests/test_job.py"], "tests/test_job_answers.py"),
        (["checks/test_a.py"], "checks/test_job.py"),
        (["a/test_a.py", "b/test_a.py", "b/test_b.py"], "b/test_job.py"),
        (["test_a.py"], "test_job.py"),
    ],
)
def test_it_lies_where_most_tests_lie(files: list[str], path: str) -> None:
    tree = MemoryTree({"scripts/job.py": "", **dict.fromkeys(files, "")})
    assert choose_new_path("scripts/job.py", tree) == path


def test_there_is_no_place_where_each_name_is_taken() -> None:
    assert choose_new_path("job.py", MemoryTree({"tests/test_job.py": ""}), ("",)) == ""


def test_a_name_that_is_no_word_becomes_one() -> None:
    assert choose_new_path("bin/my-job.v2.py", MemoryTree({})) == "tests/test_my_job_v2.py"


@pytest.mark.parametrize(
    ("text", "command", "has_classes"),
    [
        (CLASS, PYTEST, True),
        ("def test_a():\n    pass\n", PYTEST, False),
        (None, PYTEST, False),
        (None, ("python", "-m", "unittest"), True),
    ],
)
def test_classes_are_written_where_no_other_sort_is_there(
    text: str | None, command: tuple[str, ...], has_classes: bool
) -> None:
    tree = MemoryTree({} if text is None else {"tests/test_a.py": text})
    assert uses_classes(tree, command) is has_classes


def test_the_test_of_a_module_is_the_one_that_imports_it_and_names_the_function() -> None:
    files = {
        "tests/test_a.py": "from scripts import job\n",
        "tests/test_b.py": "from scripts.job import share\n",
        "tests/test_c.py": "import other\n",
    }
    tree = MemoryTree(files)
    assert find_test_of(tree, "scripts.job", "share") == (
        "tests/test_b.py", files["tests/test_b.py"],
    )  # fmt: skip
    assert find_test_of(tree, "scripts.none", "share") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from scripts.job import share as s\n", ("s", "")),
        ("import job\n", ("job.share", "")),
        ("from job import other\n", ("share", "from job import share")),
        ("", ("share", "from scripts.job import share")),
    ],
)
def test_it_is_called_as_the_other_tests_call_it(text: str, name: tuple[str, str]) -> None:
    assert find_name(text, "share", "scripts.job") == name


def test_a_package_is_a_module_of_its_folder() -> None:
    assert module_of("app/__init__.py") == "app"
    assert module_of("app/job.py") == "app.job"


@pytest.mark.parametrize(
    ("files", "double"),
    [
        ({"job.py": "a = 'x'\nb = 'y'\nc = \"z\"\n"}, False),
        ({"job.py": 'a = "x"\nb = \'say "y"\'\n'}, True),
        ({"job.py": "a = 'x'\n", "tests/test_a.py": 'b = ["y", "z"]\n'}, True),
        ({"job.py": "a = 'x\n"}, True),
        ({}, True),
    ],
)
def test_the_quotes_are_those_of_most_strings(files: dict[str, str], double: bool) -> None:
    assert uses_double_quotes(MemoryTree(files), "job.py") == double
