"""How far logs were read survives a restart, and a broken file is as none."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure
from healer.watch.logs.offsets import Offset, Offsets, load_offsets, save_offsets

FAILURE = Failure(id="f1", script="a.py", source="log", stderr_tail="é\n")


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    offsets = Offsets({"/var/log/é.log": Offset(1, 2, 3, "ab", 256, ["d1"])}, [FAILURE])
    save_offsets(tmp_path / "logs.json", offsets)
    assert load_offsets(tmp_path / "logs.json") == offsets


def test_nothing_saved_is_nothing(tmp_path: Path) -> None:
    assert load_offsets(tmp_path / "logs.json") is None


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    record = {
        "files": {"a.log": {"device": 1, "inode": 2, "offset": 3}},
        "outbox": [FAILURE.model_dump(mode="json")],
    }
    (tmp_path / "logs.json").write_text(json.dumps(record))
    assert load_offsets(tmp_path / "logs.json") == Offsets({"a.log": Offset(1, 2, 3)}, [FAILURE])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"files": {}}',
        '{"files": [], "outbox": []}',
        '{"files": {"a": {"device": 1}}, "outbox": []}',
        '{"files": {"a": {"unknown": 1}}, "outbox": []}',
        '{"files": {}, "outbox": [{"id": 3}]}',
        '{"files": {}, "outbox": 3}',
    ],
)
def test_what_is_not_as_it_was_saved_counts_as_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "logs.json").write_text(text)
    assert load_offsets(tmp_path / "logs.json") is None


@given(st.binary(max_size=200))
def test_any_bytes_are_offsets_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(data)
    load_offsets(path)
