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


class Site:
    """A folder with logs, and what follows them."""

    def __init__(self, root: Path) -> None:
        self.root, self.state_dir = root, root / "state"
        (root / "logs").mkdir(exist_ok=True)
        self.inbox = Inbox(self.state_dir)
        self.follower = self.start()

    def start(self, globs: tuple[str, ...] = ("logs/*.log",)) -> LogFollower:
        """Starts anew, as after a crash: what ran before has saved nothing more."""
        before: LogFollower | None = getattr(self, "follower", None)
        for log in before._logs.values() if before else ():
            log.close()
        self.follower = LogFollower(self.inbox, self.state_dir, self.root, globs, Redactor())
        self.follower.scan()
        return self.follower

    def write(self, text: str, name: str = "app.log") -> None:
        with (self.root / "logs" / name).open("a") as file:
            file.write(text)

    def look(self) -> None:
        """Scans, and lets what stands at a file's end be complete."""
        self.follower.scan()
        self.follower.settle()

    def take_sources(self) -> list[str]:
        """The source lines of the failures that came since last time, in order."""
        claimed = list(self.inbox.claim_all())
        for failure in claimed:
            self.inbox.mark_handled(failure.id)
        return [f.chain[-1].frames[-1].source for f in claimed for _ in range(f.count)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.follower.close()


def test_a_traceback_becomes_a_failure_of_its_script(site: Site) -> None:
    site.write(traceback())
    site.look()
    (failure,) = site.inbox.claim_all()
    assert (failure.source, failure.script) == ("log", "scripts/a.py")
    assert failure.chain[-1].type == "KeyError"
    assert "logs/app.log" in failure.stderr_tail
    assert failure.fingerprint


def test_what_stood_in_a_log_before_the_first_start_is_past(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/app.log").write_text(traceback("old"))
    site = Site(tmp_path)
    site.write(traceback("new"))
    site.look()
    assert site.take_sources() == ["new()"]
    site.follower.close()


def test_a_file_that_appears_later_is_read_from_its_beginning(site: Site) -> None:
    site.write(traceback("first"), "late.log")
    site.look()
    assert site.take_sources() == ["first()"]


def test_a_traceback_in_several_writes_is_one(site: Site) -> None:
    for line in traceback().splitlines(keepends=True):
        site.write(line)
        site.follower.scan()
    site.look()
    assert site.take_sources() == ["work()"]


def test_the_last_traceback_of_a_quiet_log_is_found_when_it_settles(site: Site) -> None:
    site.write(traceback().removesuffix("2026-11-20 20:47:17 INFO going on\n"))
    site.follower.scan()
    assert site.follower.is_unsettled
    assert site.take_sources() == []
    site.follower.settle()
    assert not site.follower.is_unsettled
    assert site.take_sources() == ["work()"]


def test_a_storm_is_one_record_with_a_count(site: Site) -> None:
    site.write("".join(traceback(message=f"'{n}'") for n in range(2_000)))
    site.look()
    in_between, at_the_end = site.inbox.claim_all()
    assert (in_between.count, at_the_end.count) == (1_999, 1)


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_top(site: Site) -> None:
    site.write(traceback("one"))
    site.look()
    site.write(traceback("two"))
    (site.root / "logs/app.log").rename(site.root / "logs/app.log.1")
    site.write(traceback("three"), "app.log.1")
    site.write(traceback("four"))
    site.look()
    assert site.take_sources() == ["one()", "two()", "three()", "four()"]


def test_a_rotated_file_that_matches_too_is_not_read_twice(site: Site) -> None:
    site.start(globs=("logs/app.log*",))
    site.write(traceback("one"))
    site.look()
    for n in (2, 1):
        if (
            old := site.root / f"logs/app.log.{n - 1}" if n > 1 else site.root / "logs/app.log"
        ).exists():
            old.rename(site.root / f"logs/app.log.{n}")
    site.write(traceback("two"))
    site.look()
    site.look()
    assert site.take_sources() == ["one()", "two()"]


def test_what_a_writer_adds_to_a_renamed_file_is_still_read(site: Site) -> None:
    site.write(traceback("one"))
    site.look()
    (site.root / "logs/app.log").rename(site.root / "logs/moved")
    site.write(traceback("two"), "moved")
    site.look()
    assert site.take_sources() == ["one()", "two()"]


def test_a_truncated_file_is_read_from_its_top(site: Site) -> None:
    site.write(traceback("one"))
    site.look()
    (site.root / "logs/app.log").write_text("")
    site.look()
    site.write(traceback("two"))
    site.look()
    assert site.take_sources() == ["one()", "two()"]


def test_a_file_that_was_truncated_and_has_grown_past_its_old_size_is_read_anew(
    site: Site,
) -> None:
    site.write("old line\n" + traceback("one"))
    site.look()
    (site.root / "logs/app.log").write_text("another beginning\n" * 50 + traceback("two"))
    site.look()
    assert site.take_sources() == ["one()", "two()"]


def test_a_file_that_is_deleted_and_written_again_is_followed(site: Site) -> None:
    site.write(traceback("one"))
    site.look()
    (site.root / "logs/app.log").unlink()
    site.look()
    site.write(traceback("two"))
    site.look()
    assert site.take_sources() == ["one()", "two()"]


def test_after_a_restart_nothing_is_found_twice_or_missed(site: Site) -> None:
    site.write(traceback("one") + traceback("two"))
    site.look()
    site.write(traceback("while away"))
    site.start()
    site.look()
    assert site.take_sources() == ["one()", "two()", "while away()"]


def test_a_traceback_that_was_open_at_the_restart_is_found_once(site: Site) -> None:
    half = traceback("two")[:90]
    site.write(traceback("one") + half)
    site.look()
    site.start()
    site.write(traceback("two")[90:])
    site.look()
    assert site.take_sources() == ["one()", "two()"]


def test_a_rotation_while_healer_was_away_loses_nothing(site: Site) -> None:
    site.write(traceback("one"))
    site.look()
    site.follower.close()
    site.write(traceback("two"))
    (site.root / "logs/app.log").rename(site.root / "logs/app.log.1")
    site.write(traceback("three"))
    site.start()
    site.look()
    assert site.take_sources() == ["one()", "two()", "three()"]


def test_a_crash_between_saving_and_delivering_neither_loses_nor_repeats(site: Site) -> None:
    site.write(traceback("one"))
    site.look()
    saved = (site.state_dir / "logs.json").read_bytes()
    (waiting,) = site.inbox.list_pending()
    (site.state_dir / "inbox" / f"{waiting}.json").unlink()  # as if it had not been written yet
    (site.state_dir / "logs.json").write_bytes(saved)
    site.start()
    assert site.inbox.list_pending() == (waiting,)
    site.start()
    assert site.take_sources() == ["one()"]


@pytest.mark.parametrize("text", ["", "{", '{"files": 3}', "[]"])
def test_a_broken_state_file_does_not_stop_healer(site: Site, text: str) -> None:
    (site.state_dir / "logs.json").write_text(text)
    site.start()
    site.write(traceback("new"))
    site.look()
    assert site.take_sources() == ["new()"]


def test_secrets_in_a_log_do_not_reach_the_inbox(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.follower.close()
    redactor = Redactor(["zebra-crossing"])
    site.follower = LogFollower(site.inbox, site.state_dir, tmp_path, ("logs/*.log",), redactor)
    site.write(traceback(message="'zebra-crossing'"), "b.log")
    site.look()
    site.follower.close()
    stored = b"".join(p.read_bytes() for p in site.state_dir.rglob("*") if p.is_file())
    assert b"zebra-crossing" not in stored


def test_a_file_that_cannot_be_read_is_named_and_stops_no_other(site: Site) -> None:
    os.mkfifo(site.root / "logs/a.log")
    (site.root / "logs/b.log").mkdir()
    (site.root / "logs/c.log").symlink_to("nowhere")
    site.write(traceback(), "d.log")
    site.look()
    assert site.take_sources() == ["work()"]
    assert {Path(p).name for p in site.follower.problems} == {"a.log", "b.log", "c.log"}


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
    site: Site, globs: tuple[str, ...], folders: dict[str, bool]
) -> None:
    expected = {site.root / name: deep for name, deep in folders.items()}
    assert site.start(globs).folders() == expected


def test_absolute_globs_and_folders_below_are_followed(site: Site, tmp_path: Path) -> None:
    site.start((f"{site.root}/logs/**/*.log",))
    (site.root / "logs/deep/er").mkdir(parents=True)
    site.write(traceback(), "deep/er/x.log")
    site.look()
    assert site.take_sources() == ["work()"]


class Story:
    """A writer, a rotation, a crash and healer, in any order."""

    def __init__(self, site: Site, chance: random.Random) -> None:
        self.site, self.chance = site, chance
        self.written: list[str] = []
        self.log = site.root / "logs/app.log"

    def write(self) -> None:
        text, cut = traceback(f"f{len(self.written)}"), self.chance.randrange(200)
        self.site.write(text[:cut])
        if self.chance.random() < 0.5:
            self.site.follower.scan()
        self.site.write(text[cut:])
        self.written.append(f"f{len(self.written)}()")

    def noise(self) -> None:
        self.site.write("processed 7 rows\n2026-11-20 20:47:17 INFO x\n")

    def scan(self) -> None:
        self.site.follower.scan()

    def settle(self) -> None:
        self.site.look()

    def restart(self) -> None:
        self.site.start()

    def rename(self) -> None:
        self.site.follower.scan()
        if self.log.exists():
            self.log.rename(self.log.with_suffix(".old"))

    def truncate(self) -> None:
        self.site.look()
        if self.log.exists():
            self.log.write_text("")
            self.site.follower.scan()

    def delete(self) -> None:
        self.site.look()
        self.log.unlink(missing_ok=True)
        self.site.follower.scan()


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
    story = Story(Site(tmp_path_factory.mktemp("logs")), random.Random(seed))
    for step in steps:
        getattr(story, step)()
    story.site.look()
    story.site.look()
    story.site.follower.close()
    assert sorted(story.site.take_sources()) == sorted(story.written)
