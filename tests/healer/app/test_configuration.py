"""The configuration that counts is the one on disk, or of the newest commit where there is none."""

from pathlib import Path

import pytest

from healer.app.configuration import read_configuration
from healer.config import Config, ConfigError
from quarantine.repository import Repository
from tests.support.git import git, make_repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.py": "x = 1\n", "healer.toml": "keep_days = 7\n"})


def test_the_working_trees_configuration_counts_before_it_is_committed(root: Path) -> None:
    (root / "healer.toml").write_text("keep_days = 9\n")
    assert read_configuration(Repository.open(root)).keep_days == 9


def test_without_a_file_every_key_has_its_default(root: Path) -> None:
    (root / "healer.toml").unlink()
    assert read_configuration(Repository.open(root)) == Config()


def test_a_bare_repository_has_that_of_its_newest_commit(root: Path) -> None:
    git(root.parent, "clone", "-q", "--bare", str(root), "bare.git")
    assert read_configuration(Repository.open(root.parent / "bare.git")).keep_days == 7


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keep_day = 7\n", "did you mean keep_days"),
        ("keep_days = 0\n", "keep_days"),
        ("keep_days = [\n", "healer.toml"),
        ('consolidate_at = "3am"\n', "03:30"),
    ],
)
def test_a_wrong_one_says_where_and_what_is_right(root: Path, text: str, says: str) -> None:
    (root / "healer.toml").write_text(text)
    with pytest.raises(ConfigError, match=says) as raised:
        read_configuration(Repository.open(root))
    assert "90s" not in str(raised.value)


def test_the_url_may_stand_in_a_variable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "healer.toml").write_text("state_env = 'HEALER_TEST_STATE'\n")
    with pytest.raises(ConfigError, match=r"HEALER_TEST_STATE.*not set"):
        read_configuration(Repository.open(root))
    monkeypatch.setenv("HEALER_TEST_STATE", "postgresql://u:p@h/d")
    assert read_configuration(Repository.open(root)).state == "postgresql://u:p@h/d"
