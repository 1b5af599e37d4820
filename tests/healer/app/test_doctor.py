"""Each thing that a repair needs is looked at, and what is missing is said with the next step."""

from pathlib import Path
from typing import Any

import pytest

from healer.app.diagnosis import Diagnosis
from healer.app.doctor import (
    diagnose,
    examine_expiries,
    examine_forge,
    examine_state,
    examine_target,
    examine_telemetry,
)
from healer.app.trust import trust
from healer.config import Config
from quarantine.repository import Repository
from tests.healer.survey.test_expiries import make_token
from tests.support.endpoint import ScriptedEndpoint
from tests.support.forge_server import TOKEN, scripted_forge
from tests.support.git import commit_files, git, make_repository


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


def test_a_job_that_the_target_does_not_have_is_named(repository: Repository) -> None:
    line = target(repository, job=[{"script": "a.py"}, {"script": "jobs/b.py"}])
    assert (line.status, "does not have: jobs/b.py" in line.detail) == ("note", True)
    assert target(repository, job=[{"script": "a.py"}]).status == "pass"


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


def test_outside_of_a_repository_that_is_all_that_is_said(tmp_path: Path) -> None:
    (line,) = diagnose(tmp_path)
    assert (line.name, line.status) == ("git", "fail")


def test_each_thing_is_said_before_the_next_is_looked_at(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    root = Path(repository.root or "")
    lines = diagnose(root)
    assert next(lines).name == "git"
    (root / "healer.toml").write_text("targt = 'main'\n")
    assert [line.name for line in lines] == ["config"]


def test_without_an_image_the_suite_is_not_run(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    *_, suite = diagnose(Path(repository.root or ""), with_suite=True)
    assert (suite.name, suite.status) == ("suite", "note")
    assert suite.detail == "not run: there is no sandbox to compare with (above)"


def test_a_wrong_configuration_ends_the_list(repository: Repository) -> None:
    root = Path(repository.root or "")
    (root / "healer.toml").write_text("targt = 'main'\n")
    lines = [*diagnose(root)]
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
    assert examine_state(repository, Config()).detail.startswith("SQLite 3.")


def test_without_docker_the_rest_is_looked_at_all_the_same(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    lines = {line.name: line.status for line in diagnose(Path(repository.root or ""))}
    assert lines == {
        "git": "pass",
        "trust": "pass",
        "config": "pass",
        "state": "pass",
        "docker": "fail",
        "model": "note",
        "mail": "note",
        "daemon": "note",
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


def test_nothing_is_asked_that_a_changed_configuration_names(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVATE_KEY", "a key of this machine")
    trust(repository, [])
    root = Path(repository.root or "")
    with ScriptedEndpoint([]) as server:
        (root / "healer.toml").write_text(
            f'[model]\ntiers = ["m"]\nbase_url = "{server.base_url}"\napi_key_env = "PRIVATE_KEY"\n'
        )
        lines = [*diagnose(root)]
        assert server.requests == []
    # Docker's own disk is another line where it is another disk.
    names = dict.fromkeys((line.name, line.status) for line in lines if line.name != "images")
    assert list(names) == [
        ("git", "pass"), ("trust", "fail"), ("daemon", "note"), ("disk", "pass"),
    ]  # fmt: skip
    assert "model.base_url" in lines[1].detail


@pytest.mark.parametrize(
    ("is_named", "is_here", "said"),
    [(False, True, []), (True, True, ["pass"]), (True, False, ["note"])],
)
def test_an_endpoint_that_nothing_can_tell_is_named(
    is_named: bool, is_here: bool, said: list[str]
) -> None:
    found = list(examine_telemetry(is_named, is_here=is_here))
    assert [each.status for each in found] == said
    assert all(each.next_step for each in found if each.status == "note")


@pytest.mark.parametrize(
    ("end", "status", "words"),
    [(5e8, "note", "ended on 1985"), (4e9, "pass", "is the first that ends, on 2096")],
)
def test_what_ends_is_told_before_it_does(
    tmp_path: Path, end: float, status: str, words: str
) -> None:
    (tmp_path / ".env").write_text(f"TOKEN={make_token(exp=end)}")
    (line,) = examine_expiries(tmp_path, 1.8e9)
    assert (line.name, line.status) == ("expiry", status)
    assert words in line.detail


def test_where_nothing_ends_nothing_is_said(tmp_path: Path) -> None:
    assert list(examine_expiries(tmp_path, 1.8e9)) == []
    assert list(examine_expiries(None, 1.8e9)) == []
