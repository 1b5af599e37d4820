"""What the data has lost and the code asks for without failing is found, and nothing else."""

import json

import pytest

from healer.draft.rules.silent_losses import find_silent_losses
from healer.draft.rules.source_files import SourceFiles
from healer.facts.draft import ReadData
from tests.support.memory_tree import MemoryTree

BEFORE = json.dumps({"items": [{"id": 1, "rate": 3}, {"id": 2, "rate": 4}]})
NOW = json.dumps({"items": [{"id": 1, "rate_value": 3}, {"id": 2, "rate_value": 4}]})


def find(
    script: str, before: str = BEFORE, now: str = NOW, **files: str
) -> list[tuple[str, int, str]]:
    tree = MemoryTree({"job.py": script, **files})
    reads = (ReadData(name="/rates", text=now, before=before),)
    losses = find_silent_losses(SourceFiles(tree, (), reads), "job.py")
    return [(e.frames[0].file, e.frames[0].line, e.message) for e in losses]


@pytest.mark.parametrize(
    "read",
    ["row.get('rate')", "row.get('rate', 0)", "row['rate']", "rows[0].get('rate') or None"],
)
def test_a_read_of_a_lost_key_is_found(read: str) -> None:
    assert find(f"row = {{}}\nprint({read})\n") == [("job.py", 2, "'rate'")]


@pytest.mark.parametrize(
    "text",
    ["row.get('id')", "row['rate'] = 3", "print('rate')", "row.get(rate)", "getter('rate')"],
)
def test_what_is_there_still_or_is_no_read_is_none(text: str) -> None:
    assert find(f"{text}\n") == []


def test_an_outer_key_and_another_module_count_and_tests_do_not() -> None:
    now = NOW.replace("items", "results").replace("rate_value", "rate")
    files = {"lib.py": "data.get('items')\n", "test_job.py": "data.get('items')\n"}
    assert find("import lib\n", now=now, **files) == [("lib.py", 1, "'items'")]


def test_data_of_which_nothing_can_be_read_has_lost_nothing() -> None:
    assert find("row.get('rate')\n", now="<html>") == []
    assert find("row.get('rate')\n", before="") == []
