"""Records have ids that sort by time, and are on disk before anybody is told of them."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.watch.record import deliver, format_timestamp, new_id, write_record
from healer.watch.wakeup import WakeupPipe


def test_ids_are_in_the_order_in_which_they_were_asked_for() -> None:
    ids = [new_id() for _ in range(2_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{20}", each) for each in ids)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1.5, "1970-01-01T00:00:01.500Z"),
        (1_764_208_800.25, "2025-11-27T02:00:00.250Z"),
        (951_782_399.75, "2000-02-28T23:59:59.750Z"),
    ],
)
def test_a_time_is_written_in_utc_to_the_millisecond(seconds: float, text: str) -> None:
    assert format_timestamp(seconds) == text


@given(st.floats(min_value=0, max_value=4e9), st.floats(min_value=0.002, max_value=4e9))
def test_times_sort_as_their_texts_do(seconds: float, later_s: float) -> None:
    assert format_timestamp(seconds) < format_timestamp(seconds + later_s)


@pytest.mark.parametrize("text", ["plain", "é\ud800 lone surrogate", "\x00\x1b[31m", "日本"])
def test_any_text_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    write_record(tmp_path / "a.json", {"text": text})
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"text": text}


def test_a_record_is_delivered_into_the_inbox_and_wakes_who_waits(tmp_path: Path) -> None:
    with WakeupPipe(tmp_path) as pipe:
        deliver(tmp_path, "abc", {"id": "abc"})
        assert pipe.wait(0)
    assert json.loads((tmp_path / "inbox/abc.json").read_bytes()) == {"id": "abc"}
    assert (tmp_path / "inbox").stat().st_mode & 0o777 == 0o700


def test_where_the_disk_refuses_it_is_said_and_nobody_is_woken(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("in the way")
    with WakeupPipe(tmp_path) as pipe:
        with pytest.raises(OSError, match="exists"):
            deliver(tmp_path, "abc", {"id": "abc"})
        assert not pipe.wait(0)
