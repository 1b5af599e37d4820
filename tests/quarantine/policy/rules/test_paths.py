"""Paths in more than one form, modes, and files that Python or a runner loads unasked."""

import pytest

from quarantine.policy.rules.paths import odd_path
from tests.quarantine.policy.trees import findings

PLAIN_PATHS = ["a.py", "scripts/job.py", "a-b_c/d.e.py", "docs/caf\u00e9.md", "git/x.py", "com.py"]
ODD_PATHS = [
    "", "/a.py", "../a.py", "a/../b.py", "a//b.py", "./a.py", "a\\b.py", "C:/a.py", ".git/config",
    ".GIT/config", "a/.Git/hooks/x", "git~1/config", ".git /config", ".git.", "a./b.py", "a /b.py",
    "re\u0301.py", "a\u200b.py", "a\u202eb.py", "a\n.py", ".g\u200cit/config", "aux.py", "a/nul",
    "a.py::$DATA", "\uff0egit/config",
]  # fmt: skip


@pytest.mark.parametrize("path", PLAIN_PATHS)
def test_a_plain_path_is_accepted(path: str) -> None:
    assert odd_path(path) == ""


@pytest.mark.parametrize("path", ODD_PATHS)
def test_a_path_that_may_pass_for_another_is_refused(path: str) -> None:
    assert odd_path(path)


def _severities(before: dict[str, bytes | str], after: dict[str, bytes | str]) -> set[str]:
    return {f"{finding.rule} {finding.severity}" for finding in findings(before, after)}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("conftest.py", "protected-kind reject"),
        ("a/conftest.py", "protected-kind reject"),
        ("healer.toml", "protected-kind reject"),
        (".gitattributes", "protected-kind reject"),
        ("pyproject.toml", "protected-kind person"),
        ("requirements/dev.txt", "protected-kind person"),
        ("uv.lock", "protected-kind person"),
        (".github/workflows/x.yml", "protected-kind person"),
        ("docker-compose.yml", "protected-kind person"),
        ("sitecustomize.py", "prebuilt-code reject"),
        ("a/x.cpython-311.pyc", "prebuilt-code reject"),
        ("x.dist-info/entry_points.txt", "prebuilt-code reject"),
        ("random.py", "shadowing-file reject"),
        ("scripts/json/__init__.py", "shadowing-file reject"),
        ("data.csv", "not-python person"),
    ],
)
def test_a_file_of_this_kind_is_not_added_unseen(path: str, expected: str) -> None:
    assert expected in _severities({}, {path: "x = 1\n"})


def test_a_standard_library_name_inside_a_package_shadows_nothing() -> None:
    before: dict[str, bytes | str] = {"app/__init__.py": ""}
    assert findings(before, {**before, "app/types.py": "x = 1\n"}) == ()


def test_an_existing_test_is_not_changed_but_a_new_one_may_come_along() -> None:
    test = "from scripts.job import f\n\n\ndef test_f():\n    assert f() == 42.5\n"
    assert "protected-kind reject" in _severities({"tests/test_a.py": "x = 1\n"},
                                                  {"tests/test_a.py": test})  # fmt: skip
    assert findings({}, {"tests/test_b.py": "import pytest\n\n\n" + test}) == ()


def test_a_new_test_may_start_the_script_and_load_it_by_its_path() -> None:
    test = (
        "import importlib.util\nimport subprocess\nimport sys\n\nimport pytest\n\n\n"
        "@pytest.mark.parametrize('name', ['a', 'b'])\n"
        "def test_f(name, tmp_path, monkeypatch):\n"
        "    monkeypatch.setenv('RATE', '1.5')\n"
        "    spec = importlib.util.spec_from_file_location('job', 'scripts/job.py')\n"
        "    job = importlib.util.module_from_spec(spec)\n"
        "    spec.loader.exec_module(job)\n"
        "    assert getattr(job, name)() == pytest.approx(1.5)\n"
        "    subprocess.run([sys.executable, 'scripts/job.py'], check=True)\n"
    )
    assert findings({}, {"tests/test_job_again.py": test}) == ()


@pytest.mark.parametrize(
    "trick",
    [
        "import os\nos._exit(0)\n",
        "import pytest\npytest.skip('x', allow_module_level=True)\n",
        "import _pytest.runner\n",
        "import sys\nsys.modules['pytest'] = None\n",
        "import json\njson.loads = print\n",
        "class Any:\n    def __eq__(self, other):\n        return True\n",
        "pytest_plugins = ['x']\nfrom pytest import hookimpl\n",
    ],
)
def test_a_new_test_may_not_turn_the_runner_against_the_other_tests(trick: str) -> None:
    found = findings({}, {"tests/test_job_again.py": trick})
    assert "reject" in {finding.severity for finding in found}


def test_links_and_submodules_are_refused_even_where_nothing_can_be_read() -> None:
    for mode in ("120000", "160000", "040000"):
        found = findings({}, {}, modes={"a": ("", mode)})
        assert ("link", "reject") in {(finding.rule, finding.severity) for finding in found}


def test_a_removed_source_file_goes_to_a_person() -> None:
    assert "file-removed person" in _severities({"a.py": "x = 1\n"}, {})
