"""How tests are run is what the base commit says, and pytest is told of it whole."""

import configparser
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.evidence.tests import (
    BASELINE_SEEDS,
    has_test_files,
    plan_by_pytest,
    plan_tests,
    run_once,
)
from sandbox import TestPlan
from tests.support.memory_tree import MemoryTree

PYTEST = ("python", "-m", "pytest", "-q")
TESTS = {"tests/test_a.py": ""}


def plan(files: dict[str, str], *command: str) -> TestPlan:
    found = plan_tests(MemoryTree(files), command or PYTEST)
    assert found is not None
    return found


def options(found: TestPlan) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(found.config)
    return dict(parser["pytest"])


def test_pytest_runs_twice_the_second_time_shuffled() -> None:
    assert plan(TESTS).seeds == BASELINE_SEEDS == (None, 1)


def test_names_only_say_how_often_pytest_runs_not_whether() -> None:
    assert plan({"job.py": ""}).seeds == (None,)
    assert plan({"job.py": ""}).command == ()


@pytest.mark.parametrize(
    ("command", "args"),
    [
        (PYTEST, ("--tb=native",)),
        (("pytest", "-x", "-v", "tests"), ("-x", "tests", "--tb=native")),
        (("uv", "run", "pytest", "-s", "-k", "not slow"), ("-k", "not slow", "--tb=native")),
    ],
)
def test_the_arguments_are_the_commands_but_for_its_own_output(
    command: tuple[str, ...], args: tuple[str, ...]
) -> None:
    assert plan(TESTS, *command).args == args


@pytest.mark.parametrize(
    "command",
    [
        ("python", "-m", "unittest"),
        ("sh", "tests/run.sh"),
        ("make", "test"),
        ("tox", "-e", "pytest"),
        ("python", "manage.py", "test"),
    ],
)
def test_any_other_command_is_run_as_it_is_whatever_files_are_called(
    command: tuple[str, ...],
) -> None:
    found = plan({"job.py": ""}, *command)
    assert found == TestPlan(command=command, sentinels=False, seeds=BASELINE_SEEDS)


TOX = "[testenv]\ncommands =\n    {commands}\n"


@pytest.mark.parametrize(
    ("files", "command", "expected"),
    [
        ({"manage.py": ""}, PYTEST, "python manage.py test"),
        ({"manage.py": "", "healer.toml": "[tests]\ncommand = ['pytest']\n"}, ("pytest",), ""),
        ({"tox.ini": TOX.format(commands="python -m unittest {posargs:tests}")}, PYTEST,
         "python -m unittest tests"),
        ({"tox.ini": TOX.format(commands="nose2 {posargs}\n    pytest -x")}, ("tox", "-e", "py311"),
         "sh -ec 'nose2\npytest -x'"),
        ({"tox.ini": TOX.format(commands="pytest {[base]args}")}, ("tox",), "tox"),
        ({"tox.ini": TOX.format(commands="pytest")}, ("python", "-m", "tox"), ""),
        ({"tox.ini": "[testenv]\nchangedir = x\ncommands = pytest\n"}, ("tox",), "tox"),
        ({"tox.ini": "[testenv]\nsetenv =\n    A = b c\ncommands = pytest\n"}, ("tox",),
         "env 'A=b c' pytest"),
        ({"tox.ini": "[testenv]\ncommands=a\n[testenv:u]\ncommands = python -m unittest\n"},
         ("tox", "-e", "u"), "python -m unittest"),
        ({"noxfile.py": "def unit(session):\n    session.run('nose2', '-v')\n"},
         ("nox", "-s", "unit"), "nose2 -v"),
        ({"Makefile": "PY ?= python3\n\ntest:\n\t@$(PY) -m unittest\n"}, ("make", "test"),
         "python3 -m unittest"),
        ({"Makefile": "test: lint\n\tpython -m unittest\n"}, ("make", "test"), "make test"),
        ({"Makefile": "test:\n\tpython -m unittest $(N)\n"}, ("make", "test"), "make test"),
        ({"Makefile": "test:\n\tPYTHONPATH=src pytest\n"}, ("make", "test"),
         "env PYTHONPATH=src pytest"),
        ({}, ("make", "-j2", "test"), "make -j2 test"),
    ],
)  # fmt: skip
def test_what_starts_another_runner_is_run_as_its_file_says(
    files: dict[str, str], command: tuple[str, ...], expected: str
) -> None:
    assert shlex.join(plan(files, *command).command) == expected


def test_tests_of_a_command_are_collected_by_pytest_where_they_are_only_looked_at() -> None:
    found = plan({"job.py": ""}, "python", "-m", "unittest")
    nodes = ("tests/a.py::A::t", "tests/a.py::A::u", "python -m unittest", "b.C.t")
    assert plan_by_pytest(found, MemoryTree({}), nodes).args == ("--tb=native", "tests/a.py")
    own = plan(TESTS)
    assert plan_by_pytest(own, MemoryTree({}), nodes) == own


def test_an_empty_command_means_no_tests() -> None:
    assert plan_tests(MemoryTree(TESTS), ()) is None


def test_the_settings_reach_pytest_as_they_stand() -> None:
    files = {
        **TESTS,
        "pytest.ini": "[pytest]\ntestpaths =\n  tests\n  qa\npython_files = check_*.py\n",
    }
    found = options(plan(files))
    assert found["python_files"] == "check_*.py"
    assert found["testpaths"].split() == ["tests", "qa"]


def test_addopts_reaches_pytest_as_it_stands() -> None:
    addopts = "-p mine -p no:other --cov=calc -n auto -k 'not slow'"
    found = plan({**TESTS, "pytest.ini": f"[pytest]\naddopts = {addopts}\n"})
    assert options(found)["addopts"] == addopts


def test_without_settings_pytest_has_its_own_defaults() -> None:
    assert plan(TESTS).config == ""


def test_run_once_keeps_the_order_and_may_name_tests() -> None:
    found = plan(TESTS)
    assert run_once(found).seeds == (None,)
    assert run_once(found).select == ()
    assert run_once(found, "a::b").select == ("a::b",)
    assert run_once(run_once(found, "a::b")).select == ("a::b",)


def test_a_hint_looks_at_names_as_the_project_gives_them() -> None:
    assert has_test_files(MemoryTree(TESTS))
    assert not has_test_files(MemoryTree({"qa/check_a.py": ""}))
    ini = {"pytest.ini": "[pytest]\npython_files = check_*.py\n"}
    assert has_test_files(MemoryTree({"qa/check_a.py": "", **ini}))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_settings_give_a_plan(text: str) -> None:
    found = plan({**TESTS, "pytest.ini": f"[pytest]\n{text}", "pyproject.toml": text})
    assert found.args[-1] == "--tb=native"
