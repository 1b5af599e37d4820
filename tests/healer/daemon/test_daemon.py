"""The daemon takes failures in as they come, drains them all when asked, and there is one of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from healer.daemon import heartbeat
from healer.daemon.daemon import Daemon
from healer.daemon.heartbeat import Heartbeat
from healer.engine.locks import AlreadyRunningError, is_alive
from healer.engine.workflows import process
from healer.facts.progress import Progress
from healer.failure import Frame, Raised
from healer.services import Services
from healer.watch.inbox import Inbox
from quarantine.errors import RepositoryError
from sandbox import SandboxError
from sandbox.inside.tree import ROOT
from tests.support.daemon_process import until
from tests.support.deadline import deadline
from tests.support.shop import AWAY, BROKEN, TRACEBACK, Shop, as_before, commit, failed, look, shop


def drain(here: Shop, services: Services | None = None) -> int:
    with Daemon(services or here.services, here.state) as daemon:
        return daemon.drain()


@contextmanager
def running(here: Shop, services: Services | None = None) -> Iterator[Daemon]:
    """A daemon that watches in a thread, without tasks."""
    stop = threading.Event()
    with Daemon(services or here.services, here.state) as daemon:
        thread = threading.Thread(target=daemon.run, args=(stop, ()))
        thread.start()
        try:
            until(lambda: is_alive(here.state, "daemon") and here.services.notifier.is_attended)
            yield daemon
        finally:
            stop.set()
            thread.join(60)
    process.halted.clear()
    assert not thread.is_alive()


def states(here: Shop) -> list[str]:
    return [row.state for row in here.services.ledger.newest(10)]


def test_nothing_to_do_is_no_repair(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline():
        assert drain(here) == 0
        assert not is_alive(here.state, "daemon")


def test_a_recorded_failure_is_followed_to_its_end_and_taken_once(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline():
        failed(here)
        assert drain(here) == 1
        assert states(here) == ["waiting"]
        assert Inbox(here.state).list_pending() == ()
        assert drain(here) == 0


def test_a_failure_that_was_claimed_by_a_daemon_that_died_is_taken(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline():
        Inbox(here.state).claim(failed(here).id)
        assert drain(here) == 1


def test_what_stops_one_repair_is_raised_when_all_have_ended(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline():
        row = here.merged()
        as_before(here, row)  # its revert cannot be checked
        other = "scripts/other.py"
        commit(here.folder, other, BROKEN)
        here.sandbox._answers[:] = [AWAY]
        frame = Frame(file=other, line=4, function="<module>", source="x", own=True)
        failed(here, script=other, chain=(Raised(type="OSError", message="", frames=(frame,)),))
        with pytest.raises(SandboxError, match="could not be checked"):
            drain(here)
        newest = here.services.ledger.newest(10)[0]
        assert (newest.script, newest.outcome) == (other, "unjudged")
        here.sandbox._answers[:] = [look]


def test_a_second_daemon_is_kept_out(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        second = Daemon(here.services, here.state)
        said = "another healer runs as daemon"
        with Daemon(here.services, here.state), pytest.raises(AlreadyRunningError, match=said):
            second.__enter__()
        assert drain(here) == 0


def test_a_failure_is_healed_while_it_watches(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline(), running(here):
        failed(here)
        until(lambda: states(here) == ["waiting"])


def test_what_waited_before_is_taken_first(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline():
        failed(here)
        with running(here):
            until(lambda: states(here) == ["waiting"])


def test_a_traceback_in_a_log_is_healed_too(tmp_path: Path) -> None:
    logs = {"logs": ["logs/*.log"]}
    with shop(tmp_path / "shop", watch=logs) as here, deadline(), running(here):
        (here.folder / "logs").mkdir()
        text = TRACEBACK.replace(f"{ROOT}/", f"{here.folder}/")
        (here.folder / "logs/a.log").write_text(f"{text}done\n")
        until(lambda: states(here) == ["waiting"])


def test_a_failure_that_cannot_be_taken_now_waits_for_the_next_look(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline():
        notes: list[Progress] = []
        services = replace(here.services, progress=notes.append)

        def refuse(_: object) -> None:
            raise OSError("the disk is full")

        with running(here, services) as daemon:
            take, daemon.intake.take = daemon.intake.take, refuse
            failed(here)
            until(lambda: bool(daemon._put_off))
            assert Inbox(here.state).list_pending() == ()
            daemon.intake.take = take
            daemon.return_failures()
            until(lambda: states(here) == ["waiting"])
        (note,) = [note for note in notes if "tried again" in note.detail]
        assert note.detail.endswith("is tried again: OSError: the disk is full")
        assert daemon._put_off == []


def test_logs_that_cannot_be_read_are_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[Progress] = []
    tries: list[int] = []

    def watch(*_: object) -> None:
        tries.append(1)
        raise OSError("stale handle")

    monkeypatch.setattr("healer.daemon.daemon.watch_logs", watch)
    monkeypatch.setattr("healer.daemon.daemon.LOG_PAUSE_S", 0.01)
    with shop(tmp_path / "shop") as here, deadline():
        services = replace(here.services, progress=notes.append)
        with running(here, services):
            until(lambda: len(tries) >= 3)
    assert {note.detail for note in notes} == {"they are read anew: OSError: stale handle"}


def test_it_gives_signs_of_life_while_it_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "EVERY_S", 0.01)
    with shop(tmp_path / "shop") as here, deadline(), running(here) as daemon:
        until((here.state / heartbeat.FILE).exists)
        first = daemon.heartbeat._beats["failures"]
        until(lambda: daemon.heartbeat._beats["failures"] > first)
    assert (here.state / heartbeat.STARTED).exists()
    assert isinstance(daemon.heartbeat, Heartbeat)


def test_mails_are_held_back_only_while_somebody_sends_them(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here, deadline():
        with running(here):
            assert here.services.notifier.is_attended
        assert not here.services.notifier.is_attended


def test_it_ends_where_the_repository_was_moved_and_makes_none_at_the_old_place(
    tmp_path: Path,
) -> None:
    folder, errors = tmp_path / "shop", list[Exception]()
    with shop(folder) as here, deadline(), Daemon(here.services, here.state) as daemon:
        stop = threading.Event()

        def watch() -> None:
            try:
                daemon.run(stop, ())
            except RepositoryError as error:
                errors.append(error)

        thread = threading.Thread(target=watch)
        thread.start()
        until(lambda: here.services.notifier.is_attended)
        folder.rename(tmp_path / "moved")
        thread.join(30)
        assert stop.is_set()
        process.halted.clear()
    (error,) = errors
    assert f"the repository is not in {folder} any more" in f"{error}"
    assert not folder.exists()
