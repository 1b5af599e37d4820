"""A fact is on the disk whole, or not; what cannot be read is as if it were not there."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Fact
from healer.notify.fact_files import NotificationError, read_fact, remove, write_fact


class Word(Fact):
    text: str


@pytest.mark.parametrize("text", ["plain", "é\n\t", "\x00", "日本", "\U0001f600"])
def test_what_is_written_is_read_again(tmp_path: Path, text: str) -> None:
    write_fact(tmp_path / "a" / "word.json", Word(text=text))
    assert read_fact(tmp_path / "a" / "word.json", Word) == Word(text=text)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["word.json"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"text": 3}', b'{"word": "x"}', b"\xff"])
def test_what_is_no_such_fact_is_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "word.json").write_bytes(data)
    assert read_fact(tmp_path / "word.json", Word) is None


def test_no_file_and_a_folder_are_nothing(tmp_path: Path) -> None:
    assert read_fact(tmp_path / "nothing", Word) is None
    assert read_fact(tmp_path, Word) is None


@given(st.binary())
def test_any_bytes_are_a_fact_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-word.json"
    path.write_bytes(data)
    assert read_fact(path, Word) is None or read_fact(path, Word) == read_fact(path, Word)


def test_a_disk_that_refuses_is_an_error_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotificationError, match=r"cannot store .*; make room or fix its perm"):
        write_fact(tmp_path / "file" / "word.json", Word(text="x"))


def test_removing_twice_is_removing_once(tmp_path: Path) -> None:
    write_fact(tmp_path / "word.json", Word(text="x"))
    remove(tmp_path / "word.json")
    remove(tmp_path / "word.json")
    assert list(tmp_path.iterdir()) == []
