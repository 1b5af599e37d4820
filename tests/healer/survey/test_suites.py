"""How tests are run is what the project's own files say of it."""

import pytest

from healer.survey.suites import find_suite
from tests.support.memory_tree import MemoryTree

TEST = {"tests/test_a.py": ""}


@pytest.mark.parametrize(
    ("files", "command", "place"),
    [
        ({}, "", ""),
        (TEST, "", "the names of files"),
        ({"pytest.ini": "[pytest]\naddopts = -q\n", "manage.py": ""}, "", "pytest's settings"),
        ({"tox.ini": "[testenv]\ncommands =\n    pytest {posargs}\n"}, "", "tox.ini"),
        ({"tox.ini": "[testenv]\ncommands = python -m unittest discover -s tests\n"},
         "python -m unittest discover -s tests", "tox.ini"),
        ({"tox.ini": "[testenv]\ncommands = {envpython} -m nose\n"}, "", ""),
        ({"manage.py": "", "app/tests.py": ""}, "python manage.py test", "manage.py"),
        ({"Makefile": "all: x\n\ntest: build\n\t@python3 -m unittest\n\nx:\n\ttrue\n"},
         "python -m unittest", "Makefile"),
        ({"Makefile": "test:\n\t./tests/run.sh\n", "tests/run.sh": ""}, "./tests/run.sh",
         "Makefile"),
        ({"Makefile": "test:\n\tcargo test\n"}, "", ""),
        ({"Makefile": "check:\n\tpython -m doctest -v job.py\n", "job.py": ""},
         "python -m doctest -v job.py", "Makefile"),
        ({"Makefile": "test:\n\tfor i in a; do python -m unittest $$i; done\n"}, "", ""),
        ({"noxfile.py": "def tests(session):\n    session.run('pytest', '-x')\n"}, "",
         "noxfile.py"),
        ({"noxfile.py": "def test(session):\n    session.run('python', 'manage.py', 'test')\n"},
         "python manage.py test", "noxfile.py"),
        ({"noxfile.py": "def ((("}, "", ""),
        ({"pyproject.toml": '[tool.poe.tasks]\ntest = "python -m unittest discover"\n'},
         "python -m unittest discover", "pyproject.toml"),
        ({"pyproject.toml": '[tool.pdm.scripts]\ntest = {cmd = "pytest tests"}\n'}, "",
         "pyproject.toml"),
        ({"pyproject.toml": "[["}, "", ""),
        ({"tests.py": "import unittest\n"}, "python -m unittest tests.py", "the names of files"),
        ({"app/tests.py": "from unittest import TestCase\n", "job.py": ""},
         "python -m unittest app/tests.py", "the names of files"),
        ({"test.py": "def test_a():\n    assert True\n"}, "python -m pytest test.py",
         "the names of files"),
        ({"tests.py": "import unittest\n", **TEST}, "", "the names of files"),  # pytest finds some
        ({f"a{n}/tests.py": "import unittest\n" for n in range(21)}, "", "the names of files"),
        ({"tests/data.py": "import unittest\n"}, "", ""),
    ],
)  # fmt: skip
def test_the_command_and_its_place(files: dict[str, str], command: str, place: str) -> None:
    suite = find_suite(MemoryTree(files))
    assert (" ".join(suite.command), suite.place) == (command, place)


def test_a_file_whose_doctests_are_run_is_no_test_itself() -> None:
    files = {"Makefile": "test:\n\tpython -m doctest job.py\n", "job.py": ""}
    assert find_suite(MemoryTree(files)).file_count == 0


def test_files_that_the_command_collects_are_counted_too() -> None:
    task = '[tool.poe.tasks]\ntest = "python -m unittest discover -s app -p *tests.py"\n'
    files = {"pyproject.toml": task, "app/x_tests.py": "", "app/x.py": ""}
    assert find_suite(MemoryTree(files)).file_count == 1


def test_test_files_are_counted() -> None:
    files = {**TEST, "tests/helper.py": "", "a_test.py": "", "app.py": ""}
    assert find_suite(MemoryTree(files)).file_count == 2
