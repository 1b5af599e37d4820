"""One incident is one repair, however often it comes; it rests longer each time, never for ever."""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.watch.incidents import MAX_COOLDOWN_S, Incidents


@pytest.fixture
def incidents(tmp_path: Path) -> Iterator[Incidents]:
    found = Incidents(tmp_path / "incidents.db")
    yield found
    found.close()


def test_a_failure_every_minute_for_a_day_is_one_repair_and_1440_counts(
    incidents: Incidents,
) -> None:
    answers = Counter(incidents.seen("f", now=60.0 * n) for n in range(1_440))
    assert answers == {"start": 1, "counted": 1_439}
    known = incidents.get("f")
    assert known is not None
    assert (known.count, known.first_at, known.last_at) == (1_440, 0.0, 60.0 * 1_439)


def test_a_repair_starts_with_the_nth_failure(incidents: Incidents) -> None:
    answers = [incidents.seen("f", now=n, after=3) for n in range(4)]
    assert answers == ["not yet", "not yet", "start", "counted"]


def test_a_storm_that_comes_as_one_record_counts_whole(incidents: Incidents) -> None:
    assert incidents.seen("f", now=0, count=5_000, after=10) == "start"
    known = incidents.get("f")
    assert known and known.count == 5_000


def test_incidents_are_apart(incidents: Incidents) -> None:
    assert [incidents.seen(name, now=0) for name in "abc"] == ["start"] * 3
    assert {each.fingerprint for each in incidents.all()} == {"a", "b", "c"}


def test_what_could_not_be_fixed_rests_twice_as_long_each_time_up_to_a_day(
    incidents: Incidents,
) -> None:
    now, rests = 0.0, []
    for _ in range(12):
        assert incidents.seen("f", now=now, commit="c1") == "start"
        until = incidents.ended("f", fixed=False, now=now, cooldown_s=300)
        rests.append(until - now)
        assert incidents.seen("f", now=until - 1, commit="c1") == "resting"
        now = until
    assert rests[:4] == [300, 600, 1200, 2400]
    assert rests[-1] == MAX_COOLDOWN_S


def test_a_cooldown_longer_than_a_day_is_kept(incidents: Incidents) -> None:
    incidents.seen("f", now=0)
    assert incidents.ended("f", fixed=False, now=0, cooldown_s=9e5) == 9e5


def test_failures_while_it_rests_are_counted(incidents: Incidents) -> None:
    incidents.seen("f", now=0)
    incidents.ended("f", fixed=False, now=0, cooldown_s=300)
    for n in range(10):
        assert incidents.seen("f", now=n) == "resting"
    known = incidents.get("f")
    assert known and known.count == 11


def test_a_changed_commit_ends_the_rest_at_once(incidents: Incidents) -> None:
    incidents.seen("f", now=0, commit="c1")
    incidents.ended("f", fixed=False, now=0, cooldown_s=300)
    assert incidents.seen("f", now=1, commit="c1") == "resting"
    assert incidents.seen("f", now=2, commit="") == "resting"
    assert incidents.seen("f", now=3, commit="c2") == "start"
    assert incidents.ended("f", fixed=False, now=3, cooldown_s=300) == 303


def test_a_changed_commit_does_not_start_a_second_repair_beside_an_open_one(
    incidents: Incidents,
) -> None:
    incidents.seen("f", now=0, commit="c1")
    assert incidents.seen("f", now=1, commit="c2") == "counted"


def test_what_was_fixed_and_comes_back_starts_anew(incidents: Incidents) -> None:
    incidents.seen("f", now=0)
    incidents.ended("f", fixed=True, now=5, cooldown_s=300)
    known = incidents.get("f")
    assert known and (known.status, known.attempts) == ("fixed", 0)
    assert incidents.seen("f", now=6) == "start"


def test_the_repair_is_noted(incidents: Incidents) -> None:
    incidents.seen("f", now=0)
    incidents.started("f", "r1")
    known = incidents.get("f")
    assert known and known.repair == "r1"


def test_an_unknown_incident_ends_quietly(incidents: Incidents) -> None:
    assert incidents.get("x") is None
    assert incidents.ended("x", fixed=True, now=0, cooldown_s=1) == 0


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    first = Incidents(tmp_path / "i.db")
    first.seen("f", now=1, script="a.py", commit="c")
    before = first.get("f")
    first.close()
    second = Incidents(tmp_path / "i.db")
    assert second.get("f") == before
    second.close()


@pytest.mark.parametrize("shared", [True, False])
def test_of_many_at_once_exactly_one_is_told_to_start(tmp_path: Path, shared: bool) -> None:
    """Whether the threads share one object, or have one each as processes do."""
    answers: Counter[str] = Counter()
    last = Incidents(tmp_path / "i.db")

    def report() -> None:
        mine = last if shared else Incidents(tmp_path / "i.db")
        for n in range(50):
            answers[mine.seen("f", now=n)] += 1
            mine.all()
        if not shared:
            mine.close()

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"start": 1, "counted": 199}
    known = last.get("f")
    last.close()
    assert known and known.count == 200


def test_the_same_failure_after_a_crash_is_not_counted_again(incidents: Incidents) -> None:
    assert incidents.seen("f", now=0, failure="a") == "start"
    incidents.started("f", "r1")
    assert incidents.seen("f", now=1, failure="a") == "counted"
    incidents.ended("f", fixed=True, now=2, cooldown_s=0)
    assert incidents.seen("f", now=3, failure="a") == "counted"
    known = incidents.get("f")
    assert known and (known.count, known.status) == (1, "fixed")
    assert incidents.seen("f", now=4, failure="b") == "start"


def test_a_repair_that_a_crash_cut_off_before_it_was_opened_starts_once(
    incidents: Incidents,
) -> None:
    assert incidents.seen("f", now=0, count=7, after=5, failure="a") == "start"
    incidents.lost("f")
    assert incidents.seen("f", now=1, count=7, after=5, failure="a") == "start"
    assert incidents.seen("f", now=2, count=1, after=5, failure="b") == "counted"
    known = incidents.get("f")
    assert known and known.count == 8


def test_a_lost_repair_starts_with_the_next_failure_too(incidents: Incidents) -> None:
    assert incidents.seen("f", now=0, count=3, after=3, failure="a") == "start"
    incidents.lost("f")
    assert incidents.seen("f", now=1, after=3, failure="b") == "start"


def test_only_an_open_incident_can_lose_its_repair(incidents: Incidents) -> None:
    incidents.seen("f", now=0)
    incidents.ended("f", fixed=True, now=1, cooldown_s=0)
    incidents.lost("f")
    known = incidents.get("f")
    assert known and known.status == "fixed"


def test_a_file_of_an_earlier_version_is_read_on(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "old.sqlite"
    first = Incidents(path)
    first.seen("f", now=0)
    first.close()
    old = sqlite3.connect(path)
    old.execute("ALTER TABLE incident DROP COLUMN last_failure")
    old.commit()
    old.close()
    again = Incidents(path)
    assert again.seen("f", now=1, failure="a") == "counted"
    again.close()
