"""A wake-up ends a wait, and nothing depends on it."""

import stat
import threading
from pathlib import Path

import pytest

from healer.watch.wakeup import NAME, WakeupPipe, wake


def test_waking_ends_the_wait_once(tmp_path: Path) -> None:
    with WakeupPipe(tmp_path) as pipe:
        wake(tmp_path), wake(tmp_path)
        assert pipe.wait(60)
        assert not pipe.wait(0)


def test_waking_where_nobody_waits_does_nothing(tmp_path: Path) -> None:
    wake(tmp_path)
    assert list(tmp_path.iterdir()) == []
    WakeupPipe(tmp_path).close()
    wake(tmp_path)
    assert stat.S_ISFIFO((tmp_path / NAME).stat().st_mode)


def test_nobody_is_woken_by_what_came_before_the_pipe_was_opened(tmp_path: Path) -> None:
    with WakeupPipe(tmp_path):
        wake(tmp_path)
    wake(tmp_path)
    with WakeupPipe(tmp_path) as pipe:
        assert not pipe.wait(0)


def test_more_wake_ups_than_the_pipe_holds_are_one(tmp_path: Path) -> None:
    with WakeupPipe(tmp_path) as pipe:
        for _ in range(66_000):
            wake(tmp_path)
        assert pipe.wait(0)
        assert not pipe.wait(0)


def test_of_two_that_wait_one_is_woken(tmp_path: Path) -> None:
    with WakeupPipe(tmp_path) as one, WakeupPipe(tmp_path) as other:
        wake(tmp_path)
        assert [one.wait(0), other.wait(0)] == [True, False]


def test_a_wait_that_runs_is_ended(tmp_path: Path) -> None:
    with WakeupPipe(tmp_path) as pipe:
        threading.Timer(0.05, wake, (tmp_path,)).start()
        assert pipe.wait(60)


def test_the_pipe_is_for_the_user_alone(tmp_path: Path) -> None:
    with WakeupPipe(tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "new" / NAME).stat().st_mode & 0o777 == 0o600


def test_a_file_in_its_place_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("mine")
    with pytest.raises(FileExistsError, match="delete it"):
        WakeupPipe(tmp_path)
    wake(tmp_path)
    assert (tmp_path / NAME).read_text() == "mine"


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        WakeupPipe(tmp_path)
    wake(tmp_path)
    assert (tmp_path / "elsewhere").read_text() == "mine"
