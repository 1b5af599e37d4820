"""What a test is, is what the project says; and what runs tests is not what only names them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.project_tests import ProjectTests, configured_command, runner_of
from tests.support.memory_tree import MemoryTree

USUAL = ProjectTests()


def configured(*words: str) -> dict[str, str]:
    listed = ", ".join(f'"{word}"' for word in words)
    return {"healer.toml": f"[tests]\ncommand = [{listed}]\n"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tests/test_sync.py", "test"),
        ("test_sync.py", "test"),
        ("scripts/sync_test.py", "test"),
        ("app/tests.py", "test"),
        ("tests.py", "test"),
        ("test.py", "test"),
        ("Tests/Test_Sync.py", "test"),
        ("conftest.py", "support"),
        ("deep/er/conftest.py", "support"),
        ("tests/helpers.py", "support"),
        ("tests/data/a.json", "support"),
        ("tests/run.sh", "support"),
        ("src/testing/util.py", "support"),
        ("Tests/helper.py", "support"),
        ("scripts/sync.py", ""),
        ("scripts/latest.py", ""),
        ("scripts/contest.py", ""),
        ("scripts/testing_tools.py", ""),
        ("scripts/test.py", ""),
        ("scripts/testdata.py", ""),
        ("scripts/test_data.json", ""),
        ("attestation/x.py", ""),
        ("tests", ""),
        ("tests.txt", ""),
        ("checks/check_sums.py", ""),
    ],
)
def test_the_usual_names_are_tests_and_names_like_them_are_not(path: str, kind: str) -> None:
    assert USUAL.kind_of(path) == kind
    assert USUAL.is_test(path) == (kind == "test")
    assert USUAL.is_test_code(path) == (kind != "")


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"pytest.ini": "[pytest]\npython_files = check_*.py"}, "qa/check_sums.py"),
        ({"pytest.ini": "[pytest]\npython_files = check_*.py"}, "qa/test_sums.py"),
        ({"tox.ini": "[pytest]\npython_files =\n  a.py\n  check_*.py"}, "check_sums.py"),
        ({"pytest.ini": "[pytest]\npython_files = qa/*.py"}, "app/qa/sums.py"),
        ({"pytest.ini": "[pytest]\npython_files = *.py\ntestpaths = qa ."}, "qa/deep/x.py"),
        (configured("python", "-m", "unittest"), "testsums.py"),
        (configured("python", "-m", "unittest", "discover", "-p", "check*.py"), "qa/checks.py"),
        (configured("python", "manage.py", "test"), "app/testsums.py"),
        ({**configured("sh", "tests/run.sh"), "tests/run.sh": ""}, "tests/run.sh"),
        ({**configured("./check.sh", "-v"), "check.sh": ""}, "check.sh"),
        ({**configured("python", "qa/all.py"), "qa/all.py": ""}, "qa/all.py"),
        ({**configured("make", "test"), "Makefile": ""}, "Makefile"),
        ({**configured("pytest", "qa/all.py::f"), "qa/all.py": ""}, "qa/all.py"),
        (
            {"pyproject.toml": '[tool.healer.tests]\ncommand = ["sh", "t.sh"]', "t.sh": ""},
            "t.sh",
        ),
    ],
)
def test_what_the_projects_own_settings_name_is_a_test_too(
    files: dict[str, str], path: str
) -> None:
    assert ProjectTests.load(MemoryTree(files)).is_test(path)


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"pytest.ini": "[pytest]\npython_files = check_*.py"}, "qa/sums_check.py"),
        ({"pytest.ini": "[pytest]\npython_files = *.py"}, "scripts/sync.py"),
        ({"pytest.ini": "[pytest]\npython_files = *.py\ntestpaths = qa"}, "scripts/qa/sync.py"),
        ({"setup.cfg": "[pytest]\npython_files = check_*.py"}, "check_sums.py"),
        ({"pytest.ini": "[pytest", "tox.ini": "[pytest]\npython_files = a.py"}, "a.py"),
        (configured("python", "-m", "unittest", "discover", "-p", "check*.py"), "testsums.py"),
        (configured("python", "-m", "pytest"), "testsums.py"),
        (configured("sh", "check.sh"), "check.sh"),
        ({**configured("make", "test"), "make": "", "Makefile": ""}, "test/../x"),
        (
            {**configured("pytest", "--doctest-modules", "scripts/job.py"), "scripts/job.py": ""},
            "scripts/job.py",
        ),
        (
            {
                **configured("pytest", "scripts/job.py"),
                "pytest.ini": "[pytest]\naddopts = --doctest-modules",
                "scripts/job.py": "",
            },
            "scripts/job.py",
        ),
        ({"healer.toml": "[tests\n", "run.sh": ""}, "run.sh"),
        ({"healer.toml": "tests = 3\n", "run.sh": ""}, "run.sh"),
        (
            {
                "healer.toml": "",
                "pyproject.toml": '[tool.healer.tests]\ncommand = ["sh", "t.sh"]',
                "t.sh": "",
            },
            "t.sh",
        ),
    ],
)
def test_what_they_do_not_name_is_none(files: dict[str, str], path: str) -> None:
    assert not ProjectTests.load(MemoryTree(files)).is_test(path)


@pytest.mark.parametrize(
    ("command", "kind", "args"),
    [
        ("python -m pytest -q", "pytest", "-q"),
        ("pytest -x tests", "pytest", "-x tests"),
        (".venv/bin/python3.11 -m pytest", "pytest", ""),
        ("/opt/bin/py.test -q", "pytest", "-q"),
        ("uv run pytest -q", "pytest", "-q"),
        ("uv run --frozen pytest", "pytest", ""),
        ("poetry run pytest", "pytest", ""),
        ("env TZ=UTC python -m pytest", "pytest", ""),
        ("coverage run --branch -m pytest -q", "pytest", "-q"),
        ("python -W error -m pytest", "pytest", ""),
        ("python -m unittest discover -s tests", "unittest", "discover -s tests"),
        ("python manage.py test app", "django", "app"),
        ("django-admin test", "django", ""),
        ("tox -e pytest", "other", "-e pytest"),
        ("nox -s pytest", "other", "-s pytest"),
        ("make pytest", "other", "pytest"),
        ("sh pytest", "other", "pytest"),
        ("docker compose run web pytest", "other", "compose run web pytest"),
        ("python manage.py migrate", "other", "manage.py migrate"),
        ("sh tests/run.sh", "other", "tests/run.sh"),
        ("", "other", ""),
    ],
)
def test_the_runner_is_the_program_that_is_started(command: str, kind: str, args: str) -> None:
    runner = runner_of(command.split())
    assert (runner.kind, " ".join(runner.args)) == (kind, args)


def test_a_shell_line_that_holds_pytest_is_a_shell() -> None:
    assert runner_of(["sh", "-c", "pytest -q && mypy"]).kind == "other"


def test_a_command_is_a_list_of_words_or_none() -> None:
    assert configured_command(MemoryTree(configured("a", "b"))) == ("a", "b")
    for text in ("", "[tests]\n", '[tests]\ncommand = "a b"\n'):
        assert configured_command(MemoryTree({"healer.toml": text})) == ()


def test_the_contents_are_those_of_tests_alone() -> None:
    tree = MemoryTree({"tests/test_a.py": "a", "tests/data.py": "b", "job.py": "c"})
    assert list(ProjectTests.load(tree).contents(tree)) == [b"a"]


@given(st.binary(), st.text())
def test_any_settings_and_any_path_have_an_answer(data: bytes, path: str) -> None:
    files = {"healer.toml": data, "pytest.ini": data, "pyproject.toml": data}
    tests = ProjectTests.load(MemoryTree(files))
    assert tests.kind_of(path) in ("test", "support", "")
