"""The repositories really fail before, and honest fixes really repair them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.abuse.base import FILES, SCRIPT
from tests.abuse.cases import HONEST
from tests.abuse.model import HonestFix, after

RUNNER = Path(__file__).with_name("run_trees.py")


@pytest.fixture(scope="module")
def statuses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[int]]]:
    """[before, after] of each fix, and each of those [script's status, pytest's status]."""
    root = tmp_path_factory.mktemp("trees")
    trees = []
    for number, fix in enumerate(HONEST):
        for side, files in enumerate((fix.files, after(fix.files, dict(fix.changes)))):
            folder = root / f"{number}-{side}"
            _write(folder, files)
            trees.append([str(folder), fix.command[1]])
    answer = subprocess.run(
        [sys.executable, str(RUNNER)], input=json.dumps(trees).encode(), capture_output=True,
        check=True, env={"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    found = json.loads(answer.stdout)
    return {fix.name: found[2 * n : 2 * n + 2] for n, fix in enumerate(HONEST)}


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@pytest.mark.parametrize("fix", HONEST, ids=lambda fix: fix.name)
def test_script_and_tests_fail_before_and_pass_after(
    fix: HonestFix, statuses: dict[str, list[list[int]]]
) -> None:
    before, patched = statuses[fix.name]
    assert patched == [0, 0]
    assert before[0] != 0
    assert before[1] != 0


def test_the_base_of_the_abusive_patches_is_one_of_them() -> None:
    assert any(fix.files is FILES and set(fix.changes) == {SCRIPT} for fix in HONEST)


def test_there_are_honest_fixes_of_many_kinds() -> None:
    assert len({fix.name for fix in HONEST}) == len(HONEST) >= 25
