"""The services are real, the sandbox is opened when it is first needed, and all is closed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from healer.app.build import build_services, check_start
from healer.config import Config, ConfigError
from healer.facts.progress import Progress
from healer.facts.repair import Request
from quarantine.repository import Repository
from quarantine.scratch import shared_clone
from sandbox import Plan, Sandbox
from sandbox.fake import ScriptedSandbox
from sandbox.image import ImageConfig
from tests.support.git import make_repository

PLAN = Plan()
MODEL = {"tiers": ["m"], "base_url": "http://127.0.0.1/v1"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.py": "x = 1\n"})


class Opener:
    """Opens a scripted sandbox, and notes what was asked and that it was closed."""

    def __init__(self) -> None:
        self.roots: list[Path] = []
        self.is_open = False

    @contextmanager
    def __call__(self, _: Config, image: ImageConfig) -> Iterator[Sandbox]:
        self.roots.append(image.root)
        self.is_open = True
        yield ScriptedSandbox()
        self.is_open = False


def silent(_: Progress) -> None:
    """Nobody watches."""


def test_no_sandbox_is_opened_before_it_is_needed_and_then_one(root: Path) -> None:
    opener, repository = Opener(), Repository.open(root)
    with build_services(repository, Config(), silent, sandbox_opener=opener) as services:
        assert opener.roots == []
        tree = repository.tree("main")
        for _ in range(3):
            services.runner.run(tree, PLAN)
        assert (opener.roots, opener.is_open) == ([root], True)
    assert not opener.is_open


def test_all_is_closed_also_after_an_error(root: Path) -> None:
    opener, repository = Opener(), Repository.open(root)
    with (
        pytest.raises(KeyError),
        build_services(repository, Config(), silent, sandbox_opener=opener) as services,
    ):
        services.runner.run(repository.tree("main"), PLAN)
        raise KeyError
    with pytest.raises(Exception, match="closed"):
        services.incidents.list_all()


def test_secrets_of_the_environment_and_of_the_models_are_redacted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2-of-the-shop")
    monkeypatch.setenv("ODD_NAME", "the-models-own-key")
    tier = {"model": "m", "base_url": "http://127.0.0.1/v1", "api_key_env": "ODD_NAME"}
    config = Config.model_validate({"model": {"tiers": [tier]}})
    with build_services(Repository.open(root), config, silent) as services:
        text = services.redactor.text("hunter2-of-the-shop and the-models-own-key")
    assert "hunter2" not in text
    assert "the-models-own-key" not in text


def test_a_dry_run_finds_its_inputs_at_the_users_and_writes_nothing_there(
    root: Path, tmp_path: Path
) -> None:
    (root / "rows.csv").write_text("1\n")
    origin = Repository.open(root)
    copy = shared_clone(origin, tmp_path / "copy.git")
    config = Config.model_validate({"sandbox": {"include": ["*.csv"]}})
    sandbox, opener = ScriptedSandbox(), Opener()

    @contextmanager
    def open_this(_: Config, image: ImageConfig) -> Iterator[Sandbox]:
        opener.roots.append(image.root)
        yield sandbox

    with build_services(copy, config, silent, origin=origin, sandbox_opener=open_this) as services:
        services.runner.run(copy.tree("main"), PLAN)
        assert services.repository is copy
    assert opener.roots == [root]
    assert b"rows.csv" in sandbox.jobs[0].tree
    assert not (root / ".git/healer").exists()


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ["memory", "rules"]),
        ({"model": MODEL}, ["memory", "rules", "model"]),
    ],
)
def test_the_drafters_are_those_of_the_configuration(
    root: Path, settings: dict[str, object], names: list[str]
) -> None:
    config = Config.model_validate(settings)
    request = Request(repair="r", script="a.py", target="main", base="0" * 40)
    with build_services(Repository.open(root), config, silent) as services:
        assert [drafter.name for drafter in services.drafters(request)] == names
        assert services.reviewer(request) is None


def test_a_start_is_checked_with_the_configuration_on_disk(root: Path) -> None:
    check_start(Repository.open(root))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("targt = 'main'\n", "did you mean target"),
        ("[sandbox]\npython = 'gone/python'\n", "no such file"),
        ("state = 'mysql://h/d'\n", "postgresql:// URL"),
    ],
)
def test_a_start_that_would_fail_fails_at_the_check(root: Path, text: str, says: str) -> None:
    (root / "healer.toml").write_text(text)
    with pytest.raises(ConfigError, match=says):
        check_start(Repository.open(root))


def test_a_state_on_a_server_that_is_away_fails_at_the_check(root: Path) -> None:
    url = "postgresql://healer@127.0.0.1:9/healer?connect_timeout=1"
    (root / "healer.toml").write_text(f"state = '{url}'\n")
    with pytest.raises(psycopg.OperationalError):
        check_start(Repository.open(root))
