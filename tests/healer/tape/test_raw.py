"""Notes are read back whatever a crash left of them."""

import os

import pytest

from healer.tape.raw import Record, parse_records, read_records
from healer.watch.hook.healer_hook_tape import Tape


def written(*facts: object) -> bytes:
    handle = os.memfd_create("tape")
    tape = Tape(handle, os.fstat(handle).st_ino, 1 << 20)
    for number, fact in enumerate(facts):
        tape.note(b"n", fact, b"rest\n\xfeT", number)
    data = os.pread(handle, 1 << 20, 0)
    os.close(handle)
    return data


def test_what_was_written_is_read() -> None:
    (record,) = parse_records(written(("host", 80)))
    assert (record.kind, record.pid, record.number) == ("n", os.getpid(), 0)
    assert record.fact() == ("host", 80)
    assert record.rest() == b"rest\n\xfeT"


def test_of_a_record_that_a_kill_cut_it_is_said_that_something_is_missing() -> None:
    data = written("one", "two")
    for end in range(len(data) - 1, len(data) // 2, -1):
        first, *others = [record.kind for record in parse_records(data[:end])]
        assert first == "n"
        assert set(others) == {"X"}


def test_bytes_that_are_no_record_are_passed_over_and_said() -> None:
    one, two, cut = written("one"), written("two"), written("three")[:-9]
    records = list(parse_records(b"noise\xfeT" + one + cut + two))
    assert [record.fact() for record in records if record.kind == "n"] == ["one", "two"]
    assert {record.kind for record in records} == {"n", "X"}


@pytest.mark.parametrize("line", [b"1 +", b"__import__('os')", b"\xff", b"(" * 5000, b""])
def test_a_line_that_is_no_fact_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError):
        Record("n", 1, 0, 0, line).fact()


def test_memory_is_read_as_it_is() -> None:
    handle = os.memfd_create("tape")
    assert list(read_records(handle)) == []
    os.write(handle, written("one"))
    assert [record.fact() for record in read_records(handle)] == ["one"]
    os.close(handle)
