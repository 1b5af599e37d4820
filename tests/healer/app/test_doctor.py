"""Each thing that a repair needs is looked at, and what is missing is said with the next step."""

import json
from pathlib import Path
from typing import Any

import pytest

from healer.app.doctor import (
    DISK_MB,
    Diagnosis,
    diagnose,
    examine_disk,
    examine_engine,
    examine_forge,
    examine_mail,
    examine_models,
    examine_prices,
    examine_state,
    examine_target,
)
from healer.config import Config
from quarantine.repository import Repository
from sandbox import EngineStatus
from tests.support.endpoint import OPENAI_OLD, Reply, ScriptedEndpoint, error
from tests.support.forge_server import TOKEN, scripted_forge
from tests.support.git import commit_files, git, make_repository
from tests.support.smtp import smtp_server

NOBODY = "127.0.0.1:9"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.open(make_repository(tmp_path / "shop", {"a.py": "x = 1\n"}))


def target(repository: Repository, **settings: Any) -> Diagnosis:
    return examine_target(repository, Config.model_validate(settings))


def test_the_target_branch_is_there(repository: Repository) -> None:
    line = target(repository)
    assert (line.status, line.detail, line.next_step) == ("pass", "fixes go to main", "")


def test_a_target_that_is_not_there_is_said_with_those_that_are(repository: Repository) -> None:
    git(Path(repository.root or ""), "branch", "release")
    line = target(repository, target="master")
    assert (line.name, line.status) == ("config", "fail")
    assert line.next_step == "set target in healer.toml to one of: main, release"


def test_a_push_needs_a_remote(repository: Repository) -> None:
    line = target(repository, push=True)
    assert (line.status, line.next_step) == (
        "fail",
        "git remote add origin URL, or set push = false",
    )
    git(Path(repository.root or ""), "remote", "add", "origin", "../shared.git")
    assert target(repository, push=True).status == "pass"


def test_protected_files_are_read_from_the_target(repository: Repository) -> None:
    commit_files(Path(repository.root or ""), {"protected.toml": "[[protect]]\npath = 3\n"})
    line = target(repository)
    assert line.status == "fail"
    assert "protected.toml" in line.detail


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (EngineStatus(ok=True, version="28.1"), ("pass", "Docker Engine 28.1")),
        (EngineStatus(ok=False, problem="It does not answer."), ("fail", "It does not answer.")),
    ],
)
def test_docker_engine(status: EngineStatus, expected: tuple[str, str]) -> None:
    line = examine_engine(status)
    assert (line.status, line.detail) == expected


def models(*urls: str) -> list[Diagnosis]:
    tiers = [{"model": f"m{number}", "base_url": url} for number, url in enumerate(urls)]
    return list(examine_models(Config.model_validate({"model": {"tiers": tiers}})))


def test_without_a_model_repairs_run_all_the_same() -> None:
    (line,) = examine_models(Config())
    assert (line.status, line.next_step) == (
        "note",
        "set [model] tiers and base_url in healer.toml",
    )


YES = {"word": "yes"}


def test_each_tier_is_asked_once_and_what_it_can_do_is_told() -> None:
    with ScriptedEndpoint([YES, Reply(None, tool_calls=(("ready", YES),))]) as server:
        server.models = [{"id": "m0", "context_length": 128_000}]
        priced = {"usd_per_million_in": 0.15, "usd_per_million_out": 0.6}
        tier = {"model": "m0", "base_url": server.base_url, **priced}
        settings = {"tiers": [tier], "investigator": "big", "base_url": server.base_url}
        first, last = examine_models(Config.model_validate({"model": settings}))
    assert (first.status, last.status) == ("pass", "pass")
    assert first.detail.startswith(
        f"m0 at {server.base_url}: JSON by schema, 128,000 tokens of context, "
        "$0.15 and $0.6 per million tokens, this call $0.0000"
    )
    assert last.detail == f"big at {server.base_url}: tool calls"
    assert [request.body["model"] for request in server.requests] == ["m0", "big"]


def test_a_wrong_key_and_a_wrong_name_are_told_with_what_helps() -> None:
    with ScriptedEndpoint([error(401, "bad key"), error(404, "no model m1")]) as server:
        key, name = models(server.base_url, server.base_url)
    assert (key.status, name.status) == ("fail", "fail")
    assert "refuses the key for m0" in key.detail
    assert key.next_step.startswith("set OPENAI_API_KEY to a key")
    assert "knows no model m1" in name.detail
    assert name.next_step.startswith("look at [model] tiers")


def test_what_was_learnt_is_kept_for_repairs(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with ScriptedEndpoint([YES], OPENAI_OLD) as server:
        config = f'[model]\ntiers = ["m"]\nbase_url = "{server.base_url}"\n'
        (Path(repository.root or "") / "healer.toml").write_text(config)
        lines = {line.name: line for line in diagnose(Path(repository.root or ""))}
    assert "JSON" in lines["model"].detail
    kept = json.loads((repository.state_dir / "endpoints.json").read_text())
    assert [each["format"] for each in kept.values()] == ["json"]


def test_the_silent_one_is_named() -> None:
    (line,) = models(f"http://{NOBODY}/v1")
    assert (line.status, line.next_step) == (
        "fail",
        "check [model] base_url and that the endpoint runs",
    )
    assert f"http://{NOBODY}/v1" in line.detail


def test_tiers_without_a_known_price_are_named_with_what_limits_them() -> None:
    tiers = [
        {"model": "free", "base_url": "http://localhost/v1", "usd_per_million_in": 0,
         "usd_per_million_out": 0},
        {"model": "local", "base_url": "http://localhost/v1"},
    ]  # fmt: skip
    line = examine_prices(Config.model_validate({"model": {"tiers": tiers}}))
    assert (line.name, line.status) == ("prices", "note")
    assert line.detail == "unknown of local; at most 300,000 tokens in a repair instead"
    line = examine_prices(Config.model_validate({"model": {"tiers": tiers[:1]}}))
    assert (line.status, line.detail) == ("pass", "of every tier are known")


def mail(smtp: str) -> Diagnosis:
    settings = {"smtp": smtp, "from": "h@example.com", "to": ["ada@example.com"]}
    return examine_mail(Config.model_validate({"mail": settings}))


def test_without_a_mail_server_repairs_run_all_the_same() -> None:
    line = examine_mail(Config())
    assert (line.status, line.next_step) == (
        "note",
        "set [mail] smtp, from and to in healer.toml",
    )


def test_a_mail_server_is_connected_to() -> None:
    with smtp_server() as server:
        assert mail(server.url + "?starttls=false").status == "pass"
        assert server.taken == []
    line = mail(f"smtp://{NOBODY}")
    assert line.status == "fail"
    assert line.next_step == "check [mail] smtp; until then mails are kept, and sent later"


@pytest.mark.parametrize(
    ("free_mb", "status"), [(0, "fail"), (DISK_MB - 1, "fail"), (DISK_MB, "pass"), (10**6, "pass")]
)
def test_the_disk_needs_room(free_mb: int, status: str) -> None:
    line = examine_disk(free_mb * 1_000_000, Path("/srv"))
    assert line.status == status
    assert ("healer sandbox prune" in line.next_step) is (status == "fail")


def test_outside_of_a_repository_that_is_all_that_is_said(tmp_path: Path) -> None:
    (line,) = diagnose(tmp_path)
    assert (line.name, line.status) == ("git", "fail")


def test_a_wrong_configuration_ends_the_list(repository: Repository) -> None:
    root = Path(repository.root or "")
    (root / "healer.toml").write_text("targt = 'main'\n")
    lines = diagnose(root)
    assert [(line.name, line.status) for line in lines] == [("git", "pass"), ("config", "fail")]
    assert "did you mean target" in lines[1].detail


def test_a_state_database_that_is_away_is_told_without_its_password(
    repository: Repository,
) -> None:
    url = "postgresql://healer:geheim@127.0.0.1:9/healer?connect_timeout=2"
    line = examine_state(repository, Config(state=url))
    assert (line.name, line.status) == ("state", "fail")
    assert "healer:…@127.0.0.1:9" in line.detail
    assert "cannot be reached" in line.detail
    assert "geheim" not in line.detail
    assert examine_state(repository, Config(state="mysql://h/d")).status == "fail"
    assert examine_state(repository, Config()).detail.startswith("SQLite 3.")


def test_without_docker_the_rest_is_looked_at_all_the_same(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    lines = {line.name: line.status for line in diagnose(Path(repository.root or ""))}
    assert lines == {
        "git": "pass",
        "config": "pass",
        "state": "pass",
        "docker": "fail",
        "model": "note",
        "mail": "note",
        "disk": "pass",
    }


def test_the_forge_is_asked_once_where_fixes_are_pull_requests(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(examine_forge(repository, Config())) == []
    monkeypatch.delenv("HEALER_FORGE_TOKEN", raising=False)
    with scripted_forge("gitea") as forge:
        config = Config.model_validate({"push": "pr", "forge": forge.settings})
        (without,) = examine_forge(repository, config)
        assert (without.status, "HEALER_FORGE_TOKEN is not set" in without.detail) == ("note", True)
        monkeypatch.setenv("HEALER_FORGE_TOKEN", TOKEN)
        assert [each.status for each in examine_forge(repository, config)] == ["pass"]
        assert forge.calls == ["GET /repos/shop/jobs/pulls"]
