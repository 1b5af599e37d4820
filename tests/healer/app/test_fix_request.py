"""What was typed after `healer fix` becomes one sound request, or a sentence with the next step."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healer.app.fix_request import FixOptions, make_request
from healer.config import Config, ConfigError
from healer.facts.errors import UsageError
from healer.facts.repair import Request
from tests.support.git import commit_files
from tests.support.shop import SCRIPT, Shop, failed, shop

OTHER = "scripts/other.py"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def asked(here: Shop, cwd: str = "", config: Config | None = None, **options: Any) -> Request:
    wish = FixOptions.model_validate({"script": SCRIPT} | options)
    services = here.services
    return make_request(services.repository, config or services.config, here.folder / cwd, wish)


def test_without_anything_recorded_the_scripts_own_checks_tell(here: Shop) -> None:
    request = asked(here)
    assert (request.script, request.failure, request.command) == (SCRIPT, None, ())
    assert (request.base, request.merge) == (here.tip, True)


def test_the_newest_recorded_failure_is_taken(here: Shop) -> None:
    failed(here)
    newest = failed(here, kind="OSError")
    assert asked(here).failure == newest


@pytest.mark.parametrize("args", [(), ("--all",), ("a b", "-x", "")])
def test_with_a_command_nothing_recorded_is_taken(here: Shop, args: tuple[str, ...]) -> None:
    failed(here)
    request = asked(here, args=args)
    assert (request.failure, request.command) == (None, ("python", SCRIPT, *args))


def test_a_failure_is_taken_by_its_id(here: Shop) -> None:
    first = failed(here)
    failed(here, kind="OSError")
    assert asked(here, failure_id=first.id).failure == first


def test_a_script_is_looked_for_from_the_current_folder(here: Shop) -> None:
    assert asked(here, cwd="scripts", script="prices.py").script == SCRIPT
    assert asked(here, cwd="scripts", script="../scripts/prices.py").script == SCRIPT
    assert asked(here, script=str(here.folder / SCRIPT)).script == SCRIPT


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"failure_id": "6612f60b", "args": ()}, "--failure and a command after -- exclude"),
        ({"failure_id": "nothing"}, "nothing"),
        ({"script": "scripts/price.py"}, "did you mean scripts/prices.py"),
        ({"script": "/etc/passwd"}, "lies outside the repository"),
        ({"script": "scripts"}, "is a folder; name a script in it"),
    ],
)
def test_what_cannot_be_is_refused_with_the_next_step(
    here: Shop, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        asked(here, **options)


def test_a_failure_of_another_script_is_refused_with_the_right_command(here: Shop) -> None:
    commit_files(here.folder, {OTHER: "print(1)\n"})
    failure = failed(here)
    with pytest.raises(UsageError, match=f"type: healer fix {SCRIPT} --failure {failure.id}"):
        asked(here, script=OTHER, failure_id=failure.id)


def test_the_model_alone_needs_one(here: Shop) -> None:
    with pytest.raises(ConfigError, match=r"set \[model\] tiers and base_url in healer.toml"):
        asked(here, drafter="model")
    config = Config.model_validate({"model": {"tiers": ["m"], "base_url": "http://127.0.0.1/v1"}})
    assert asked(here, config=config, drafter="model").drafter == "model"


@pytest.mark.parametrize(
    ("options", "merges"),
    [({}, True), ({"merge": False}, False), ({"dry_run": True}, False)],
)
def test_a_dry_run_merges_nothing(here: Shop, options: dict[str, Any], merges: bool) -> None:
    assert asked(here, **options).merge is merges


def test_attempts_and_money_are_the_configurations_unless_they_are_given(here: Shop) -> None:
    config = Config.model_validate({"model": {"max_attempts": 7}})
    assert asked(here, config=config).attempts == 7
    assert asked(here, config=config, attempts=2).attempts == 2
    assert asked(here).budget_usd is None
    assert asked(here, budget_usd=0.0).budget_usd == 0.0
