"""A turn does what is due in a repository, on its newest commit and the worker's own database."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from healer.app.fleet_view import FleetView
from healer.app.state import database_url
from healer.app.trust import TrustError, trust_first_use
from healer.app.worker import Place, read_configuration_of, take_turn
from healer.config import ConfigError
from healer.daemon.mirrors import Mirrors
from healer.facts.progress import Progress
from healer.failure import Failure
from healer.ledger.store import Ledger
from healer.services.work import Work
from healer.support.extras import ExtraName, MissingExtraError
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.shared_inbox import SharedInbox
from healer.web.repairs import Word
from tests.support.git import commit_files, git, make_repository
from tests.support.ledger_rows import add_repair, request_of

TOML = 'push = true\nscripts = ["scripts/*.py"]\n'


def make_remote(tmp_path: Path, toml: str = TOML) -> Work:
    make_repository(tmp_path / "first", {"scripts/a.py": "print(1)\n", "healer.toml": toml})
    git(tmp_path, "clone", "-q", "--bare", "first", "origin.git")
    url = str(tmp_path / "origin.git")
    return Work("acme", f"{socket.gethostname()}:{url}", url)


def push(tmp_path: Path, toml: str) -> None:
    commit_files(tmp_path / "first", {"healer.toml": toml})
    git(tmp_path / "first", "push", "-q", str(tmp_path / "origin.git"), "HEAD:main")


def die() -> None:
    raise AssertionError("it lives")


def test_a_turn_handles_the_failures_of_its_repository(
    tmp_path: Path, shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    work, notes = make_remote(tmp_path), list[Progress]()
    place = Place(shared_url, Mirrors(tmp_path / "m", 10**9))
    with SharedTables(shared_url, Scope(work.tenant, work.repository)) as tables:
        inbox = SharedInbox(tables)
        for number in range(6):
            failure = Failure(
                id=f"20260101T00000{number}-1", script=f"other{number}.py", source="run",
                argv=("python", "x"), exit_code=1, chain=(), fingerprint=f"f{number}",
            )  # fmt: skip
            inbox.receive(failure, now=1.0, host="job1")
        assert take_turn(work, place, notes.append, die) == 0
        assert len(inbox.list_open()) == 2  # the rest is for the next turn
        assert take_turn(work, place, notes.append, die) == 0
        assert inbox.list_open() == ()
    said = [each.detail for each in notes if "recorded only" in each.detail]
    assert len(said) == 6


def test_a_model_that_nothing_can_call_is_told_before_anything_begins(
    tmp_path: Path, shared_url: str, without_extra: Callable[[ExtraName], None]
) -> None:
    model = '[model]\ntiers = ["m"]\nbase_url = "http://127.0.0.1:9/v1"\n'
    work, place = make_remote(tmp_path, TOML + model), Place(shared_url, Mirrors(tmp_path, 10**9))
    without_extra("model")
    with pytest.raises(MissingExtraError, match="openai"):
        take_turn(work, place, lambda _: None, die)


@pytest.mark.parametrize(
    ("toml", "problem"), [("", "push is off"), ("push = 7\n", "push"), ("[", "healer.toml")]
)
def test_a_repository_that_cannot_be_worked_on_says_why(
    tmp_path: Path, shared_url: str, toml: str, problem: str
) -> None:
    work, place = make_remote(tmp_path, toml), Place(shared_url, Mirrors(tmp_path / "m", 10**9))
    with pytest.raises(ConfigError, match=problem):
        take_turn(work, place, lambda _: None, die)


def test_the_state_is_the_workers_whatever_the_file_says(tmp_path: Path) -> None:
    toml = 'state_env = "ELSEWHERE"\npush = true\n[fleet]\ntenant = "victim"\n'
    work = make_remote(tmp_path, toml)
    with Mirrors(tmp_path / "m", 10**9).open(work) as repository:
        for url in ("postgresql://one/x", "postgresql://two/x"):  # it may move
            config = read_configuration_of(repository, work, url)
            assert (config.state, config.state_env, config.fleet.tenant) == (url, "", "acme")
            trust_first_use(repository, config, lambda _: None)


def test_what_a_commit_asks_of_the_machine_later_waits_for_its_owner(tmp_path: Path) -> None:
    work, mirrors = make_remote(tmp_path), Mirrors(tmp_path / "m", 0)
    with mirrors.open(work) as repository:
        config = read_configuration_of(repository, work, "postgresql://h/x")
        trust_first_use(repository, config, lambda _: None)
    push(tmp_path, TOML + '[sandbox]\nimage = "evil:latest"\n')
    mirrors.evict()
    with (
        mirrors.open(work) as repository,
        pytest.raises(TrustError, match=r"sandbox\.image = evil:latest"),
    ):
        read_configuration_of(repository, work, "postgresql://h/x")


def test_a_turn_carries_out_what_a_person_has_decided_on_the_page(
    tmp_path: Path, shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    work, place = make_remote(tmp_path), Place(shared_url, Mirrors(tmp_path / "m", 10**9))
    scope = Scope(work.tenant, work.repository)
    with Ledger(database_url(shared_url), scope, holder="a clone that is gone") as ledger:
        add_repair(ledger, "review", request=request_of("r1", "scripts/a.py"))
    with FleetView(shared_url) as view:
        word = Word(action="reject", argument="it is meant so")
        view.decide(scope, "r1", word, by="anna (signed on)")
        assert take_turn(work, place, lambda _: None, die) == 0
        shown = view.repair(scope, "r1")
    assert shown is not None
    assert (shown.state, shown.reason) == (
        "rejected",
        "ended by anna (signed on): it is meant so",
    )
    assert shown.step.startswith("Done: ")
    assert "by anna (signed on)" in " ".join(shown.history)
