"""Of runs that ended well a few tapes are kept, as unlike as can be, the newest of each kind."""

import time
from pathlib import Path

import pytest

from healer.tape import good_nights
from healer.tape.facts import RecordedFile, Tape
from healer.tape.good_nights import find_folder, is_due, keep_good_night, read_good_nights
from tests.support.tapes import connection, exchange, tape

NOW = time.time()
ARGV = ("python", "job.py")


def night(age_s: float, **changes: object) -> Tape:
    return tape(started_at=NOW - age_s, argv=ARGV, **changes)


def keep(state: Path, *nights: Tape, most: int = 3) -> list[float]:
    """How long ago those began that are kept, newest first."""
    for each in nights:
        keep_good_night(state, each, most)
    return [round(NOW - each.started_at) for each in read_good_nights(state, "job.py")]


def test_the_newest_come_first_and_the_oldest_give_way(tmp_path: Path) -> None:
    assert keep(tmp_path, *(night(age) for age in (400, 300, 200, 100))) == [100, 200, 300]
    (first, *_) = find_folder(tmp_path, "job.py").iterdir()
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "changes",
    [
        {"connections": (connection(exchange("/other")),)},
        {"files": (RecordedFile("/srv/x", b"", 0),)},
        {"absent": ("/srv/x",)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_night_of_another_kind_stays_although_it_is_older(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    others = (night(age) for age in (300, 200, 100))
    assert keep(tmp_path, night(400, **changes), *others) == [100, 200, 400]


def test_values_alone_make_no_other_kind(tmp_path: Path) -> None:
    one, other = (connection(exchange(answer=data)) for data in (b"1", b"2"))
    nights = (night(400, connections=(one,)), *(night(a, connections=(other,)) for a in (3, 2, 1)))
    assert keep(tmp_path, *nights) == [1, 2, 3]


def test_what_has_expired_or_is_no_tape_is_not_read(tmp_path: Path) -> None:
    assert keep(tmp_path, night(good_nights.EXPIRY_S + 9)) == []
    folder = find_folder(tmp_path, "job.py")
    assert keep(tmp_path, night(5)) == [5]
    assert len(list(folder.iterdir())) == 1
    for name in ("zz-1-2.tape", f"{int(NOW * 1000):012x}-1-2.tape", "x.txt"):
        (folder / name).write_text("x")
    assert keep(tmp_path) == [5]


def test_all_of_one_script_stay_within_their_bytes(tmp_path: Path) -> None:
    folder = find_folder(tmp_path, "job.py")
    keep(tmp_path, night(300))
    with next(folder.iterdir()).open("ab") as file:
        file.truncate(good_nights.MAX_BYTES)
    assert keep(tmp_path, night(200)) == [200]


@pytest.mark.parametrize(
    ("ages", "argv", "due"),
    [
        ((), ARGV, True),
        ((2, 1), ARGV, True),
        ((300, 200, 100), ARGV, False),
        ((300, 200, 100), (*ARGV, "--all"), True),
        ((300, 200, 1), (*ARGV, "--all"), False),
        ((3e5, 2e5, 1e5), ARGV, True),
    ],
)
def test_a_night_is_due_once_a_day_for_each_command(
    tmp_path: Path, ages: tuple[float, ...], argv: tuple[str, ...], due: bool
) -> None:
    now = time.time()  # what is a day old when the tests are collected is older when they run
    for age in ages:
        keep_good_night(tmp_path, tape(started_at=now - age, argv=ARGV), 3)
    assert is_due(tmp_path, "job.py", argv, 3) is due


def test_without_a_script_or_where_none_is_wanted_no_night_is_due(tmp_path: Path) -> None:
    assert not is_due(tmp_path, "", ARGV, 3)
    assert not is_due(tmp_path, "job.py", ARGV, 0)
