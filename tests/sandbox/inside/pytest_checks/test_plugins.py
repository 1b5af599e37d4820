"""Which plugins a session has, in a pytest of its own, beside plugins that this machine lacks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.git import write_files

ROOT = Path(__file__).parents[4]
RUN = """\
import sys, pytest
from sandbox.inside.pytest_checks.plugins import InstalledPlugins, load_installed
load_installed()
sys.path.insert(0, "")
sys.exit(pytest.main(["-p", "no:cacheprovider", *sys.argv[1:]], plugins=[InstalledPlugins()]))
"""
TEST = {"test_x.py": "def test_x():\n    assert 1 == 1\n"}


def install(folder: Path, name: str, module: str, source: str) -> None:
    """A distribution with one pytest plugin, called as its module."""
    write_files(
        folder,
        {
            f"{module}.py": source,
            f"{name.replace('-', '_')}-2.0.dist-info/METADATA": f"Name: {name}\nVersion: 2.0\n",
            f"{name.replace('-', '_')}-2.0.dist-info/entry_points.txt": (
                f"[pytest11]\n{module} = {module}\n"
            ),
        },
    )


def run(folder: Path, *words: str, site: Path | None = None) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, [ROOT, *([site] if site else [])]))
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "options",
    [
        "--cov=calc --cov-report=term-missing --cov-report html --cov-fail-under=90 -q",
        "--cov --cov-branch --no-cov-on-fail --cov-config=setup.cfg --cov-append",
        "-n auto --dist loadfile --maxprocesses 4",
        "--numprocesses=logical -p no:pytest_cov",
        "--cov -p no:xdist",
    ],
)
def test_coverage_and_further_processes_are_asked_for_without_effect(
    tmp_path: Path, options: str
) -> None:
    write_files(tmp_path, {**TEST, "pytest.ini": f"[pytest]\naddopts = {options}\n"})
    end = run(tmp_path)
    assert (end.returncode, end.stderr) == (0, "")
    assert "1 passed" in end.stdout
    assert "worker" not in end.stdout


def test_what_a_missing_plugin_gives_to_tests_is_there(tmp_path: Path) -> None:
    test = (
        "import pytest\n"
        "@pytest.mark.no_cover\n@pytest.mark.xdist_group('a')\n"
        "def test_x(cov, no_cover, worker_id, testrun_uid):\n"
        "    assert (cov, worker_id) == (None, 'master')\n    assert testrun_uid\n"
    )
    settings = "[pytest]\naddopts = --strict-markers\nrequired_plugins = pytest-cov pytest-xdist\n"
    write_files(tmp_path, {"test_x.py": test, "pytest.ini": settings})
    end = run(tmp_path)
    assert end.returncode == 0, end.stdout + end.stderr


def test_installed_plugins_are_on_by_their_own_names_unless_they_are_blocked(
    tmp_path: Path,
) -> None:
    source = "import pytest\n@pytest.fixture\ndef mocker(): return 7\n"
    install(tmp_path / "site", "pytest-mine", "mine_plugin", source)
    test = (
        "def test_x(mocker, request):\n    assert mocker == 7\n"
        "    assert request.config.pluginmanager.has_plugin('mine_plugin')\n"
    )
    settings = "[pytest]\nrequired_plugins = pytest-mine>=1.0\n"
    write_files(tmp_path / "tree", {"test_x.py": test, "pytest.ini": settings})
    on, off = (
        run(tmp_path / "tree", *words, site=tmp_path / "site")
        for words in ([], ["-o", "required_plugins=", "-p", "no:mine_plugin"])
    )
    assert on.returncode == 0, on.stdout + on.stderr
    assert "fixture 'mocker' not found" in off.stdout


def test_what_calls_itself_installed_in_the_tree_is_no_plugin(tmp_path: Path) -> None:
    write_files(tmp_path, TEST)
    install(tmp_path, "pytest-evil", "evil", "raise SystemExit('loaded')\n")
    assert run(tmp_path).returncode == 0


def test_a_plugin_that_cannot_be_imported_is_left_out(tmp_path: Path) -> None:
    install(tmp_path / "site", "pytest-broken", "broken", "import there_is_no_such_module\n")
    write_files(tmp_path / "tree", TEST)
    assert run(tmp_path / "tree", site=tmp_path / "site").returncode == 0


def test_an_option_of_another_missing_plugin_is_an_error_of_usage(tmp_path: Path) -> None:
    write_files(tmp_path, {**TEST, "pytest.ini": "[pytest]\naddopts = --reuse-db\n"})
    end = run(tmp_path)
    assert end.returncode == pytest.ExitCode.USAGE_ERROR
    assert "unrecognized arguments: --reuse-db" in end.stderr
