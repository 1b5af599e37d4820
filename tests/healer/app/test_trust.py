"""What healer.toml does here is allowed once per change, outside the repository's files."""

from pathlib import Path

import pytest

from healer.app.configuration import read_configuration
from healer.app.trust import (
    TrustError,
    find_untrusted,
    list_trusted,
    read_trusted_configuration,
    trust,
    trust_first_use,
)
from healer.facts.progress import Progress
from quarantine.repository import Repository
from tests.support.git import make_repository

MODEL = '[model]\nbase_url = "https://models.example/v1"\n'
JOB = '[[job]]\nscript = "sync.py"\nevery = "1h"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.open(make_repository(tmp_path / "shop", {"sync.py": "x = 1\n"}))


def write(repository: Repository, text: str) -> None:
    assert repository.root
    (repository.root / "healer.toml").write_text(text)


def read(repository: Repository) -> list[str]:
    """Begins to work there, as `build_services` does; gives what is said."""
    notes: list[Progress] = []
    trust_first_use(repository, read_trusted_configuration(repository), notes.append)
    return [note.detail for note in notes]


def test_the_first_use_allows_what_is_there_and_says_so(repository: Repository) -> None:
    write(repository, MODEL)
    (note,) = read(repository)
    assert "allowed model.base_url; `healer trust` shows" in note
    assert read(repository) == []


def test_reading_alone_writes_nothing(repository: Repository) -> None:
    write(repository, MODEL)
    read_trusted_configuration(repository)
    assert list_trusted(repository) == {}


def test_what_comes_later_is_refused_until_it_is_allowed(repository: Repository) -> None:
    write(repository, MODEL)
    read(repository)
    write(repository, MODEL + JOB)
    with pytest.raises(
        TrustError, match=r"job sync.py = python sync.py \(every 1h\).*healer trust"
    ):
        read(repository)
    trust(repository, find_untrusted(repository, read_configuration(repository)))
    assert read(repository) == []


def test_a_first_use_without_any_is_one_too(repository: Repository) -> None:
    assert read(repository) == []
    write(repository, JOB)
    with pytest.raises(TrustError):
        read(repository)


def test_a_changed_value_is_a_change_and_the_old_one_stays_allowed(repository: Repository) -> None:
    write(repository, MODEL)
    read(repository)
    write(repository, MODEL.replace("models", "thief"))
    with pytest.raises(TrustError, match=r"thief\.example"):
        read(repository)
    write(repository, MODEL)
    assert read(repository) == []


def test_what_was_taken_out_asks_nobody(repository: Repository) -> None:
    write(repository, MODEL)
    read(repository)
    write(repository, "")
    assert read(repository) == []


def test_the_list_is_the_owner_s_alone(repository: Repository) -> None:
    write(repository, MODEL)
    read(repository)
    path = repository.state_dir / "trusted.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list_trusted(repository) == {"model.base_url": ["https://models.example/v1"]}


def test_a_list_that_cannot_be_read_allows_nothing(repository: Repository) -> None:
    read(repository)
    (repository.state_dir / "trusted.json").write_text("{")
    with pytest.raises(TrustError, match=r"trusted\.json.*remove it"):
        read(repository)


def test_another_clone_has_another_list(repository: Repository, tmp_path: Path) -> None:
    write(repository, MODEL)
    read(repository)
    other = Repository.open(make_repository(tmp_path / "other", {"sync.py": "x = 1\n"}))
    assert list_trusted(other) == {}
