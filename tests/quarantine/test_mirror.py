"""A mirror has what the remote has, and keeps what was made in it."""

from pathlib import Path

import pytest

from quarantine.errors import RepositoryError
from quarantine.mirror import follow_branch, update_mirror
from quarantine.remote import canonical_url, without_password
from tests.support.git import commit_files, git, make_repository


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    make_repository(tmp_path / "first", {"a.py": "x = 1\n"})
    git(tmp_path, "clone", "-q", "--bare", "first", "origin.git")
    git(tmp_path / "first", "remote", "add", "origin", str(tmp_path / "origin.git"))
    return tmp_path / "origin.git"


def push(remote: Path, text: str, branch: str = "main") -> str:
    work = remote.parent / "first"
    commit_files(work, {"a.py": text})
    git(work, "push", "-q", "-f", "origin", f"HEAD:{branch}")
    return git(work, "rev-parse", "HEAD")


def test_it_has_the_default_branch_and_follows_it(remote: Path, tmp_path: Path) -> None:
    mirror = update_mirror(tmp_path / "m" / "one.git", str(remote))
    assert mirror.root is None
    assert mirror.branch() == "main"
    assert mirror.tree("HEAD").read("a.py") == b"x = 1\n"
    tip = push(remote, "x = 2\n")
    assert update_mirror(tmp_path / "m" / "one.git", str(remote)).tip("main") == tip


def test_it_follows_a_branch_that_was_written_anew(remote: Path, tmp_path: Path) -> None:
    push(remote, "x = 2\n")
    update_mirror(tmp_path / "m", str(remote))
    git(remote.parent / "first", "reset", "-q", "--hard", "HEAD~1")
    tip = push(remote, "x = 3\n")
    assert update_mirror(tmp_path / "m", str(remote)).tip("main") == tip


def test_what_was_made_in_it_stays_and_what_went_there_goes(remote: Path, tmp_path: Path) -> None:
    push(remote, "x = 2\n", "other")
    mirror = update_mirror(tmp_path / "m", str(remote))
    assert mirror.ref("refs/remotes/origin/other")
    git(tmp_path / "m", "branch", "quarantine/a-1", "main")
    git(remote, "branch", "-q", "-D", "other")
    mirror = update_mirror(tmp_path / "m", str(remote))
    assert mirror.tip("quarantine/a-1")
    assert mirror.ref("refs/remotes/origin/other") is None


def test_another_branch_is_followed_where_the_configuration_says_so(
    remote: Path, tmp_path: Path
) -> None:
    tip = push(remote, "x = 2\n", "stable")
    mirror = update_mirror(tmp_path / "m", str(remote))
    follow_branch(mirror, "stable")
    assert (mirror.branch(), mirror.tip("stable")) == ("stable", tip)
    with pytest.raises(RepositoryError, match="gone"):
        follow_branch(mirror, "gone")


def test_one_whose_making_was_cut_short_is_completed(remote: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "m")
    assert update_mirror(tmp_path / "m", str(remote)).tip("main")


def test_a_remote_that_is_away_is_an_error_and_loses_nothing(remote: Path, tmp_path: Path) -> None:
    update_mirror(tmp_path / "m", str(remote))
    with pytest.raises(RepositoryError, match="nowhere"):
        update_mirror(tmp_path / "m", str(tmp_path / "nowhere.git"))
    assert update_mirror(tmp_path / "m", str(remote)).tip("main")


def test_a_url_that_is_a_command_runs_none(remote: Path, tmp_path: Path) -> None:
    del remote
    mark = tmp_path / "mark"
    for url in (f"ext::touch {mark}", f"--upload-pack=touch {mark}"):
        with pytest.raises(RepositoryError):
            update_mirror(tmp_path / "m", url)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://ada:s3cret@example.com/shop/jobs", "https://ada@example.com/shop/jobs"),
        ("https://example.com/a@b:c/d", "https://example.com/a@b:c/d"),
        ("git@example.com:shop/jobs.git", "git@example.com:shop/jobs.git"),
        ("/srv/git/jobs.git", "/srv/git/jobs.git"),
    ],
)
def test_a_url_for_others_has_no_password_and_names_the_same(url: str, clean: str) -> None:
    assert without_password(url) == clean
    assert canonical_url(url, "h") == canonical_url(clean, "h")
