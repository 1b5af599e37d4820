"""What breaks healer itself ends with one sentence, told once, and the daemon goes on."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.daemon.daemon import Daemon
from healer.facts.errors import POISON
from healer.facts.progress import Progress
from healer.failure import Failure
from healer.watch.inbox import Inbox
from tests.support.git import git
from tests.support.shop import SCRIPT, Shop, commit, failed, shop
from tests.support.smtp import smtp_server


def drain(here: Shop) -> int:
    with Daemon(here.services, here.state) as daemon:
        return daemon.drain()


class Broken:
    """A store that breaks on one failure: the bug of a step."""

    def __init__(self, real: Any, failure: str, error: Exception) -> None:
        self._real, self._failure, self._error = real, failure, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def count_recorded(self, failure: Failure, **facts: Any) -> Any:
        if failure.id == self._failure:
            raise self._error
        return self._real.count_recorded(failure, **facts)


def break_on(here: Shop, failure: str, error: Exception) -> Shop:
    incidents: Any = Broken(here.services.incidents, failure, error)
    return replace(here, services=replace(here.services, incidents=incidents))


def test_a_failure_that_breaks_a_step_is_set_aside_told_once_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(tmp_path / "shop", mail=mail | {"to": ["ada@example.com"]}) as here:
            poison, _ = failed(here, kind="ValueError"), failed(here)
            broken = break_on(here, poison.id, UnicodeError("not UTF-8"))
            assert drain(broken) == 1
            assert drain(broken) == 0
            told = [each for each in server.taken if "could not handle it" in each.part("plain")]
            assert len(told) == 1
            trace = (here.state / "broken" / f"{poison.id}.txt").read_text()
            assert "UnicodeError: not UTF-8" in trace
            incident = here.services.incidents.find(poison.fingerprint)
            assert incident is not None
            assert (incident.state, "a bug in healer" in incident.reason) == ("open", True)


def test_an_error_of_the_surroundings_leaves_the_failure_waiting(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        failure = failed(here)
        drain(break_on(here, failure.id, OSError(28, "No space left on device")))
        assert Inbox(here.state).list_pending() == (failure.id,)
        assert drain(here) == 1


@pytest.mark.parametrize("error", [OSError, PermissionError, TimeoutError])
def test_what_may_pass_is_no_poison(error: type[Exception]) -> None:
    assert not issubclass(error, POISON)


def test_a_record_that_is_none_is_set_aside_and_told(tmp_path: Path) -> None:
    notes: list[Progress] = []
    with shop(tmp_path / "shop") as here:
        (here.state / "inbox").mkdir(parents=True, exist_ok=True)
        (here.state / "inbox" / "0bad.json").write_text("[]")
        failed(here)
        told = replace(here, services=replace(here.services, progress=notes.append))
        assert drain(told) == 1
        assert (here.state / "broken" / "0bad.json").exists()
    said = [note.detail for note in notes if "cannot be read" in note.detail]
    assert len(said) == 1


def test_arguments_that_are_not_utf8_and_nul_are_repaired_like_any_other(tmp_path: Path) -> None:
    """As a Latin-1 shell or a web form gives them."""
    with shop(tmp_path / "shop") as here:
        failure = failed(here)
        path = here.state / "inbox" / f"{failure.id}.json"
        record = json.loads(path.read_text())
        record["failure"]["argv"] = ["python", SCRIPT, "caf\udce9", "nul\0"]
        record["failure"]["stderr_tail"] = "\ud800\0"
        path.write_text(json.dumps(record))
        assert drain(here) == 1
        row = here.services.ledger.newest(1)[0]
        assert row.request is not None and row.request.failure is not None
        assert row.request.failure.argv == ("python", SCRIPT, "caf\\udce9", "nul\\x00")
        assert row.state == "waiting"


def test_a_tracked_file_whose_name_is_not_utf8_blocks_nothing(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        (here.folder / "caf\udce9.txt").write_text("x")
        git(here.folder, "add", "-A")
        git(here.folder, "commit", "-q", "-m", "A name in Latin-1")
        commit(here.folder, "b.txt", "x")
        failed(here)
        assert drain(here) == 1
        assert here.services.ledger.newest(1)[0].state == "waiting"
