"""`healer consolidate` says what the repairs of a script have in common."""

import json

from tests.healer.cli.conftest import Repairs
from tests.support.command_line import run_command


def test_a_script_that_was_repaired_twice_has_a_pattern(repairs: Repairs) -> None:
    document = json.loads(run_command("consolidate", "--json", cwd=repairs.folder).out)
    assert all({"script", "sentences"} <= set(each) for each in document)
    answer = run_command("consolidate", cwd=repairs.folder)
    assert answer.code == 0
    if document:
        assert answer.out.splitlines()[0] == document[0]["script"]
    else:
        assert "no script was repaired twice" in answer.err


def test_without_repairs_there_is_no_pattern(repairs: Repairs) -> None:
    from tests.support.git import make_repository

    folder = repairs.folder.parent / "empty"
    make_repository(folder, {"a.py": "x\n"})
    answer = run_command("consolidate", cwd=folder)
    assert (answer.code, answer.out) == (0, "")
    assert "no pattern" in answer.err
