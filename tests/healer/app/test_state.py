"""State is found from a checkout, from a folder in it, and without one."""

from pathlib import Path

import psycopg
import pytest

from healer.app.configuration import read_configuration
from healer.app.state import database_url, make_state_dir, open_ledger, open_ledger_of
from healer.app.trust import TrustError, read_trusted_configuration, trust_first_use
from healer.config import Config, ConfigError
from quarantine.repository import Repository
from tests.support import postgres
from tests.support.git import git, make_repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.py": "x = 1\n", "healer.toml": "keep_days = 7\n"})


def test_the_state_folder_is_made_once_and_for_its_owner_alone(root: Path) -> None:
    repository = Repository.open(root)
    state_dir = make_state_dir(repository)
    (state_dir / "kept").touch()
    assert make_state_dir(repository) == state_dir == root / ".git" / "healer"
    assert state_dir.stat().st_mode & 0o777 == 0o700
    assert (state_dir / "kept").exists()


def test_worktrees_share_the_state_of_their_repository(root: Path) -> None:
    git(root, "worktree", "add", "-q", "--detach", "../side")
    side = Repository.open(root.parent / "side")
    assert make_state_dir(side) == make_state_dir(Repository.open(root))


def test_the_ledger_is_in_the_state_folder_and_found_from_a_folder_inside(root: Path) -> None:
    (root / "scripts").mkdir()
    with open_ledger_of(root / "scripts") as ledger:
        assert ledger.repairs() == ()
    assert (root / ".git/healer/ledger.sqlite").exists()


def test_a_ledger_on_a_server_that_is_not_there_is_an_error_of_the_database(root: Path) -> None:
    config = Config(state="postgresql://healer@127.0.0.1:9/healer?connect_timeout=1")
    with pytest.raises(psycopg.OperationalError):
        open_ledger(Repository.open(root), config)


@pytest.mark.parametrize("text", ["state = '{url}'\n", "state_env = 'HEALER_TEST_STATE'\n"])
def test_a_database_that_came_later_is_never_spoken_to_without_the_owners_word(
    root: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    repository = Repository.open(root)
    trust_first_use(repository, read_trusted_configuration(repository), lambda note: None)
    url = "postgresql://healer@127.0.0.1:9/healer?connect_timeout=1"
    monkeypatch.setenv("HEALER_TEST_STATE", url)
    (root / "healer.toml").write_text(text.format(url=url))
    with pytest.raises(TrustError, match=r"state.*next: healer trust"), open_ledger_of(root):
        pass


@pytest.mark.parametrize(
    ("state", "url"),
    [
        (
            "postgresql://u:p@h:5/d?sslmode=require",
            "postgresql+psycopg://u:p@h:5/d?sslmode=require",
        ),
        ("postgres://h/d", "postgresql+psycopg://h/d"),
        ("postgresql:///d", "postgresql+psycopg:///d"),
    ],
)
def test_a_url_names_the_driver(state: str, url: str) -> None:
    assert database_url(state) == url


@pytest.mark.parametrize(
    "state",
    [
        "",
        "sqlite",
        "sqlite:///x",
        "mysql://h/d",
        "postgresql",
        "postgresql:h",
        "PostgreSQL://h",
        "://",
    ],
)
def test_another_scheme_is_refused_with_what_is_allowed(state: str) -> None:
    with pytest.raises(ConfigError, match='must be "sqlite" or a postgresql:// URL'):
        database_url(state)


@pytest.mark.parametrize("state", ["mysql://u:geheim@h/d", "postgresql://u:ge@h:heim@h:x/d"])
def test_a_wrong_url_is_refused_without_its_password(state: str) -> None:
    with pytest.raises(ConfigError) as caught:
        database_url(state)
    assert "u:…@h" in str(caught.value)
    assert "heim" not in str(caught.value)


@pytest.mark.skipif(not postgres.is_installed(), reason="PostgreSQL is not installed")
def test_who_only_looks_makes_nothing_in_a_shared_database(root: Path) -> None:
    with postgres.server() as url, psycopg.connect(url, autocommit=True) as database:
        (root / "healer.toml").write_text(f"state = '{url}'\n")
        schemas = "select count(*) from information_schema.schemata"
        before = database.execute(schemas).fetchone()
        with open_ledger_of(root) as ledger:
            assert ledger.repairs() == ()
        assert database.execute(schemas).fetchone() == before
        repository = Repository.open(root)
        open_ledger(repository, read_configuration(repository)).close()
        assert database.execute(schemas).fetchone() != before
        role = "create role reader login; grant usage on schema {0} to reader; "
        role += "grant select on all tables in schema {0} to reader"
        database.execute(role.format("healer").encode())
        reading = url.replace("healer@", "reader@")
        (root / "healer.toml").write_text(f"state = '{reading}'\n")
        with open_ledger_of(root) as ledger:
            assert ledger.repairs() == ()
