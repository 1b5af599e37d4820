"""Each traceback of a log is found once, whatever happens to the file and to healer."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healer.redact import Redactor
from healer.watch.inbox import Inbox
from healer.watch.logs.follow import LogFollower


def traceback(name: str = "work", message: str = "'x'") -> str:
    return (
        'Traceback (most recent call last):\n  File "scripts/a.py", line 3, in main\n'
        f"    {name}()\nKeyError: {message}\n2026-11-20 20:47:17 INFO going on\n"
    )


class Place:
    """A folder with logs, and what follows them."""

    def __init__(self, root: Path) -> None:
        self.root, self.state = root, root / "state"
        (root / "logs").mkdir(exist_ok=True)
        self.inbox = Inbox(self.state)
        self.follower = self.start()

    def start(self, globs: tuple[str, ...] = ("logs/*.log",)) -> LogFollower:
        """Starts anew, as after a crash: what ran before has saved nothing more."""
        before: LogFollower | None = getattr(self, "follower", None)
        for log in before._logs.values() if before else ():
            log.file.close()
        self.follower = LogFollower(self.inbox, self.state, self.root, globs, Redactor())
        self.follower.scan()
        return self.follower

    def write(self, text: str, name: str = "app.log") -> None:
        with (self.root / "logs" / name).open("a") as file:
            file.write(text)

    def look(self) -> None:
        """Scans, and lets what stands at a file's end be complete."""
        self.follower.scan()
        self.follower.settle()

    def found(self) -> list[str]:
        """The source lines of the failures that came since last time, in order."""
        claimed = list(self.inbox.claims())
        for failure in claimed:
            self.inbox.done(failure.id)
        return [f.chain[-1].frames[-1].source for f in claimed for _ in range(f.count)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.follower.close()


def test_a_traceback_becomes_a_failure_of_its_script(place: Place) -> None:
    place.write(traceback())
    place.look()
    (failure,) = place.inbox.claims()
    assert (failure.source, failure.script) == ("log", "scripts/a.py")
    assert failure.chain[-1].type == "KeyError"
    assert "logs/app.log" in failure.stderr_tail
    assert failure.fingerprint


def test_what_stood_in_a_log_before_the_first_start_is_past(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/app.log").write_text(traceback("old"))
    place = Place(tmp_path)
    place.write(traceback("new"))
    place.look()
    assert place.found() == ["new()"]
    place.follower.close()


def test_a_file_that_appears_later_is_read_from_its_beginning(place: Place) -> None:
    place.write(traceback("first"), "late.log")
    place.look()
    assert place.found() == ["first()"]


def test_a_traceback_in_several_writes_is_one(place: Place) -> None:
    for line in traceback().splitlines(keepends=True):
        place.write(line)
        place.follower.scan()
    place.look()
    assert place.found() == ["work()"]


def test_the_last_traceback_of_a_quiet_log_is_found_when_it_settles(place: Place) -> None:
    place.write(traceback().removesuffix("2026-11-20 20:47:17 INFO going on\n"))
    place.follower.scan()
    assert place.follower.unsettled
    assert place.found() == []
    place.follower.settle()
    assert not place.follower.unsettled
    assert place.found() == ["work()"]


def test_a_storm_is_one_record_with_a_count(place: Place) -> None:
    place.write("".join(traceback(message=f"'{n}'") for n in range(2_000)))
    place.look()
    in_between, at_the_end = place.inbox.claims()
    assert (in_between.count, at_the_end.count) == (1_999, 1)


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_top(place: Place) -> None:
    place.write(traceback("one"))
    place.look()
    place.write(traceback("two"))
    (place.root / "logs/app.log").rename(place.root / "logs/app.log.1")
    place.write(traceback("three"), "app.log.1")
    place.write(traceback("four"))
    place.look()
    assert place.found() == ["one()", "two()", "three()", "four()"]


def test_a_rotated_file_that_matches_too_is_not_read_twice(place: Place) -> None:
    place.start(globs=("logs/app.log*",))
    place.write(traceback("one"))
    place.look()
    for n in (2, 1):
        if (
            old := place.root / f"logs/app.log.{n - 1}" if n > 1 else place.root / "logs/app.log"
        ).exists():
            old.rename(place.root / f"logs/app.log.{n}")
    place.write(traceback("two"))
    place.look()
    place.look()
    assert place.found() == ["one()", "two()"]


def test_what_a_writer_adds_to_a_renamed_file_is_still_read(place: Place) -> None:
    place.write(traceback("one"))
    place.look()
    (place.root / "logs/app.log").rename(place.root / "logs/moved")
    place.write(traceback("two"), "moved")
    place.look()
    assert place.found() == ["one()", "two()"]


def test_a_truncated_file_is_read_from_its_top(place: Place) -> None:
    place.write(traceback("one"))
    place.look()
    (place.root / "logs/app.log").write_text("")
    place.look()
    place.write(traceback("two"))
    place.look()
    assert place.found() == ["one()", "two()"]


def test_a_file_that_was_truncated_and_has_grown_past_its_old_size_is_read_anew(
    place: Place,
) -> None:
    place.write("old line\n" + traceback("one"))
    place.look()
    (place.root / "logs/app.log").write_text("another beginning\n" * 50 + traceback("two"))
    place.look()
    assert place.found() == ["one()", "two()"]


def test_a_file_that_is_deleted_and_written_again_is_followed(place: Place) -> None:
    place.write(traceback("one"))
    place.look()
    (place.root / "logs/app.log").unlink()
    place.look()
    place.write(traceback("two"))
    place.look()
    assert place.found() == ["one()", "two()"]


def test_after_a_restart_nothing_is_found_twice_or_missed(place: Place) -> None:
    place.write(traceback("one") + traceback("two"))
    place.look()
    place.write(traceback("while away"))
    place.start()
    place.look()
    assert place.found() == ["one()", "two()", "while away()"]


def test_a_traceback_that_was_open_at_the_restart_is_found_once(place: Place) -> None:
    half = traceback("two")[:90]
    place.write(traceback("one") + half)
    place.look()
    place.start()
    place.write(traceback("two")[90:])
    place.look()
    assert place.found() == ["one()", "two()"]


def test_a_rotation_while_healer_was_away_loses_nothing(place: Place) -> None:
    place.write(traceback("one"))
    place.look()
    place.follower.close()
    place.write(traceback("two"))
    (place.root / "logs/app.log").rename(place.root / "logs/app.log.1")
    place.write(traceback("three"))
    place.start()
    place.look()
    assert place.found() == ["one()", "two()", "three()"]


def test_a_crash_between_saving_and_delivering_neither_loses_nor_repeats(place: Place) -> None:
    place.write(traceback("one"))
    place.look()
    saved = (place.state / "logs.json").read_bytes()
    (waiting,) = place.inbox.pending()
    (place.state / "inbox" / f"{waiting}.json").unlink()  # as if it had not been written yet
    (place.state / "logs.json").write_bytes(saved)
    place.start()
    assert place.inbox.pending() == (waiting,)
    place.start()
    assert place.found() == ["one()"]


@pytest.mark.parametrize("text", ["", "{", '{"files": 3}', "[]"])
def test_a_broken_state_file_does_not_stop_healer(place: Place, text: str) -> None:
    (place.state / "logs.json").write_text(text)
    place.start()
    place.write(traceback("new"))
    place.look()
    assert place.found() == ["new()"]


def test_secrets_in_a_log_do_not_reach_the_inbox(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.follower.close()
    redactor = Redactor(["zebra-crossing"])
    place.follower = LogFollower(place.inbox, place.state, tmp_path, ("logs/*.log",), redactor)
    place.write(traceback(message="'zebra-crossing'"), "b.log")
    place.look()
    place.follower.close()
    stored = b"".join(p.read_bytes() for p in place.state.rglob("*") if p.is_file())
    assert b"zebra-crossing" not in stored


def test_a_file_that_cannot_be_read_is_named_and_stops_no_other(place: Place) -> None:
    os.mkfifo(place.root / "logs/a.log")
    (place.root / "logs/b.log").mkdir()
    (place.root / "logs/c.log").symlink_to("nowhere")
    place.write(traceback(), "d.log")
    place.look()
    assert place.found() == ["work()"]
    assert {Path(p).name for p in place.follower.problems} == {"a.log", "b.log", "c.log"}


@pytest.mark.parametrize(
    ("globs", "folders"),
    [
        (("logs/*.log",), {"logs": False}),
        (("logs/**/*.log",), {"logs": True}),
        (("*.log",), {".": False}),
        (("nowhere/*.log",), {}),
        (("logs/app.log",), {"logs": False}),
    ],
)
def test_the_folders_to_watch_are_the_fixed_beginnings(
    place: Place, globs: tuple[str, ...], folders: dict[str, bool]
) -> None:
    expected = {place.root / name: deep for name, deep in folders.items()}
    assert place.start(globs).folders() == expected


def test_absolute_globs_and_folders_below_are_followed(place: Place, tmp_path: Path) -> None:
    place.start((f"{place.root}/logs/**/*.log",))
    (place.root / "logs/deep/er").mkdir(parents=True)
    place.write(traceback(), "deep/er/x.log")
    place.look()
    assert place.found() == ["work()"]


class Story:
    """A writer, a rotation, a crash and healer, in any order."""

    def __init__(self, place: Place, chance: random.Random) -> None:
        self.place, self.chance = place, chance
        self.written: list[str] = []
        self.log = place.root / "logs/app.log"

    def write(self) -> None:
        text, cut = traceback(f"f{len(self.written)}"), self.chance.randrange(200)
        self.place.write(text[:cut])
        if self.chance.random() < 0.5:
            self.place.follower.scan()
        self.place.write(text[cut:])
        self.written.append(f"f{len(self.written)}()")

    def noise(self) -> None:
        self.place.write("processed 7 rows\n2026-11-20 20:47:17 INFO x\n")

    def scan(self) -> None:
        self.place.follower.scan()

    def settle(self) -> None:
        self.place.look()

    def restart(self) -> None:
        self.place.start()

    def rename(self) -> None:
        self.place.follower.scan()
        if self.log.exists():
            self.log.rename(self.log.with_suffix(".old"))

    def truncate(self) -> None:
        self.place.look()
        if self.log.exists():
            self.log.write_text("")
            self.place.follower.scan()

    def delete(self) -> None:
        self.place.look()
        self.log.unlink(missing_ok=True)
        self.place.follower.scan()


STEPS = st.lists(
    st.sampled_from(
        ["write", "write", "noise", "scan", "settle", "rename", "truncate", "restart", "delete"]
    ),
    max_size=25,
)


@settings(max_examples=30, deadline=None)
@given(STEPS, st.integers())
def test_whatever_happens_every_traceback_is_found_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], seed: int
) -> None:
    """Only what truncation or deletion takes away before healer looks can be lost."""
    story = Story(Place(tmp_path_factory.mktemp("logs")), random.Random(seed))
    for step in steps:
        getattr(story, step)()
    story.place.look()
    story.place.look()
    story.place.follower.close()
    assert sorted(story.place.found()) == sorted(story.written)
