"""Each command does its work on the repository that it is started in, and needs no more."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from healer.app import commands
from healer.app.fix_request import FixOptions
from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.facts.repair import Result
from healer.support.extras import ExtraName, MissingExtraError
from quarantine.errors import NotARepository
from quarantine.repository import Repository
from sandbox import SandboxError
from tests.support.command_line import signals_kept
from tests.support.git import git, make_repository
from tests.support.shop import SCRIPT, Shop, shop


def silent(_: Progress) -> None:
    """Nobody watches."""


@pytest.fixture
def here(tmp_path: Path) -> Any:
    with shop(tmp_path / "shop") as made:
        yield made


def prepare(root: Path, script: str) -> None:
    commands.prepare_fix(root, root, FixOptions(script=script), silent).__enter__()


def test_without_docker_nothing_is_begun_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_repository(tmp_path / "shop", {SCRIPT: "print(1)\n"})
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(SandboxError):
        prepare(root, SCRIPT)
    assert not (root / ".git/healer/ledger.sqlite").exists()
    assert git(root, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_what_cannot_be_repaired_is_refused_before_docker_is_asked(
    here: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(UsageError, match=r"did you mean scripts/prices\.py"):
        prepare(here.folder, "scripts/price.py")


MODEL = '[model]\ntiers = ["m"]\nbase_url = "http://127.0.0.1:9/v1"\n'


@pytest.mark.parametrize("command", [commands.drain, commands.serve, prepare])
def test_a_model_that_nothing_can_call_is_told_before_anything_begins(
    command: Any, tmp_path: Path, without_extra: Callable[[ExtraName], None]
) -> None:
    root = make_repository(tmp_path / "shop", {SCRIPT: "print(1)\n", "healer.toml": MODEL})
    without_extra("model")
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    handlers = [(number, signal.getsignal(number)) for number in numbers]  # a daemon sets its own
    with (
        signals_kept(),
        pytest.raises(MissingExtraError, match=r"\[model\] of healer\.toml needs .* openai"),
    ):
        command(root, SCRIPT if command is prepare else silent)
    for number, handler in handlers:
        signal.signal(number, handler)
    assert not (root / ".git/healer/incidents.sqlite").exists()


def test_without_the_models_library_rules_repair_all_the_same(
    tmp_path: Path, without_extra: Callable[[ExtraName], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_repository(tmp_path / "shop", {SCRIPT: "print(1)\n", "healer.toml": MODEL})
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    without_extra("model")
    with pytest.raises(SandboxError):  # so it went on to the sandbox
        commands.prepare_fix(
            root, root, FixOptions(script=SCRIPT, drafter="rules"), silent
        ).__enter__()


@pytest.mark.parametrize("command", [commands.drain, commands.consolidate, commands.serve])
def test_outside_of_a_repository_each_says_so(command: Any, tmp_path: Path) -> None:
    with pytest.raises(NotARepository):
        command(tmp_path, silent)


@pytest.mark.parametrize(
    ("result", "changes"),
    [
        (
            {"outcome": "review", "reason": "merging was not asked for", "missing": ()},
            {"reason": "a dry run: the fix passes every check, and nothing was written"},
        ),
        ({"outcome": "review", "reason": "weak", "missing": ("a test",)}, {}),
        ({"outcome": "gave_up", "reason": "no draft passed"}, {}),
        ({"outcome": "healthy", "reason": "nothing is broken"}, {}),
    ],
)
def test_a_dry_run_names_nothing_that_went_with_its_copy(
    result: dict[str, Any], changes: dict[str, Any]
) -> None:
    values = {"repair": "r", "script": "a.py", "branch": "quarantine/a-r", "commit": "0" * 40}
    whole = Result.model_validate(values | {"next_step": "healer show r"} | result)
    told = commands.as_dry_run(whole)
    expected = {"branch": None, "commit": None, "next_step": ""} | changes
    assert told == whole.model_copy(update=expected)


def test_a_decision_is_made_by_the_person_whom_git_knows(here: Shop) -> None:
    repair = here.fix().repair
    git(here.folder, "config", "user.name", "Grace")
    decision = commands.decide(here.folder, "reject", repair[:4], silent, why="it hides the fault")
    assert decision.done
    assert decision.reason == "rejected by Grace: it hides the fault"


def test_a_decision_on_what_is_not_there_is_refused_with_the_next_step(here: Shop) -> None:
    with pytest.raises(UsageError, match="there is no repair 'ffff'; list them with: healer log"):
        commands.decide(here.folder, "approve", "ffff", silent)


def test_an_approval_that_is_not_confirmed_leaves_all_as_it_is(here: Shop) -> None:
    repair, before = here.fix().repair, here.tip
    decision = commands.decide(
        here.folder, "approve", repair, silent, is_confirmed=lambda dossier: False
    )
    assert (decision.done, decision.reason) == (False, "it was not confirmed")
    assert (here.tip, here.services.ledger.repair(repair).state) == (before, "waiting")


def test_a_quiet_repository_is_drained_at_once(here: Shop) -> None:
    assert commands.drain(here.folder / "scripts", silent) == (0, ())


def test_without_repairs_there_is_no_pattern(here: Shop) -> None:
    assert commands.consolidate(here.folder, silent) == ()


def test_a_daemon_that_starts_waits_for_its_database_and_says_so(tmp_path: Path) -> None:
    away = "postgresql://healer@127.0.0.1:9/healer?connect_timeout=2"
    files = {SCRIPT: "print(1)\n", "healer.toml": f"state = '{away}'\n"}
    repository = Repository.open(make_repository(tmp_path / "shop", files))
    shown: list[Progress] = []

    def mend(progress: Progress) -> None:
        shown.append(progress)
        (tmp_path / "shop/healer.toml").write_text("state = 'sqlite'\n")

    assert commands.wait_for_state(repository, threading.Event(), mend)
    assert [(each.step, each.state) for each in shown] == [("state", "fail")]
    assert "looks again in 1 s" in shown[0].detail


def test_a_daemon_that_waits_is_stopped_at_once(tmp_path: Path) -> None:
    away = "postgresql://healer@127.0.0.1:9/healer?connect_timeout=2"
    files = {SCRIPT: "print(1)\n", "healer.toml": f"state = '{away}'\n"}
    repository = Repository.open(make_repository(tmp_path / "shop", files))
    stop = threading.Event()
    assert not commands.wait_for_state(repository, stop, lambda _: stop.set())
