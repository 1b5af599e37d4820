"""No file of the tree stands in for the standard library or for pytest."""

import pytest

from sandbox import DockerSandbox, TestRun
from tests.sandbox.trees import pytest_job

TESTS = """
from lib import double

def test_two():
    assert double(2) == 4

def test_three():
    assert double(3) == 6

def test_text():
    assert double("a") == "aa"
"""
EXPECTED = {f"test_lib.py::{name}" for name in ("test_two", "test_three", "test_text")}
BROKEN = "def double(x):\n    return x\n"


def believed(run: TestRun) -> bool:
    """What a judge must ask for, put shortly."""
    passed = {result.node for result in run.results if result.outcome == "passed"}
    return (
        run.consistent
        and run.sentinels_failed == run.sentinels > 0
        and passed == EXPECTED
        and run.ended.exit_code == 1
    )


def _run(sandbox: DockerSandbox, files: dict[str, str | bytes], **tests: object) -> TestRun:
    files = {"test_lib.py": TESTS, "lib.py": BROKEN, **files}
    report = sandbox.run(pytest_job(files, **tests))
    assert report.fault is None
    return report.tests[0]


FOREIGN_FILES = {
    "a pytest of its own": {"pytest.py": "raise SystemExit(0)\n"},
    "a standard module of its own": {"random.py": "import os\nos._exit(0)\n"},
    "a sitecustomize": {"sitecustomize.py": "import os\nos._exit(0)\n"},
    "a plugin by metadata": {
        "evil.py": "import os\nos._exit(0)\n",
        "evil-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1\n",
        "evil-1.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n",
    },
    "settings in every place": {
        "pytest.ini": "[pytest]\naddopts = --collect-only\n",
        "tox.ini": "[pytest]\naddopts = --collect-only\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
    },
}


@pytest.mark.docker
@pytest.mark.parametrize("name", FOREIGN_FILES)
def test_files_that_stand_in_for_the_runner_change_nothing(
    docker_sandbox: DockerSandbox, name: str
) -> None:
    fixed = {"lib.py": "import random\ndef double(x):\n    return x * 2\n"}
    assert believed(_run(docker_sandbox, {**fixed, **FOREIGN_FILES[name]}))
    assert not believed(_run(docker_sandbox, FOREIGN_FILES[name]))
