"""Mirrors used lately are there, within the limit; one in use, or with work in it, stays."""

import os
from pathlib import Path

import pytest

from healer.daemon.mirrors import BusyMirrorError, Mirrors, follow_target
from healer.failure import Failure
from healer.services.work import Work
from healer.watch.inbox import Inbox
from tests.support.git import git, make_repository


@pytest.fixture
def works(tmp_path: Path) -> list[Work]:
    works = []
    for name in ("a", "b", "c"):
        make_repository(tmp_path / name, {"x.py": f"{name} = 1\n"})
        git(tmp_path / name, "branch", "stable")
        works.append(Work("default", f"example.com/{name}", str(tmp_path / name)))
    return works


def use(mirrors: Mirrors, work: Work, at: int) -> Path:
    """At that moment."""
    with mirrors.open(work) as repository:
        folder = repository.git_dir
    os.utime(folder.with_suffix(".size"), (at, at))
    return folder


def test_a_mirror_is_one_processes_at_a_time(tmp_path: Path, works: list[Work]) -> None:
    one, two = (Mirrors(tmp_path / "m", 10**9) for _ in range(2))
    with one.open(works[0]), pytest.raises(BusyMirrorError, match="wait for its end"):
        two.open(works[0]).__enter__()
    with two.open(works[0]) as repository:
        assert repository.tree("HEAD").read("x.py") == b"a = 1\n"


def test_its_folder_may_be_named_from_here(
    tmp_path: Path, works: list[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert use(Mirrors(Path("m"), 10**9), works[0], 1).parent == tmp_path / "m"


def test_tenants_have_mirrors_of_their_own(tmp_path: Path, works: list[Work]) -> None:
    mirrors = Mirrors(tmp_path / "m", 10**9)
    with mirrors.open(works[0]) as one, mirrors.open(works[0]._replace(tenant="other")) as two:
        assert one.git_dir != two.git_dir


def test_the_one_used_the_longest_ago_goes_first(tmp_path: Path, works: list[Work]) -> None:
    mirrors = Mirrors(tmp_path / "m", 0)
    folders = [use(mirrors, work, at) for at, work in enumerate(works)]
    use(mirrors, works[0], 10)
    sizes = [int(each.with_suffix(".size").read_text()) for each in folders]
    assert Mirrors(tmp_path / "m", sum(sizes)).evict() == []
    assert Mirrors(tmp_path / "m", sum(sizes) - 1).evict() == [folders[1].stem]
    assert [each.exists() for each in folders] == [True, False, True]


def test_one_in_use_or_with_failures_to_handle_stays(tmp_path: Path, works: list[Work]) -> None:
    mirrors = Mirrors(tmp_path / "m", 0)
    kept, used, idle = (use(mirrors, work, at) for at, work in enumerate(works))
    Inbox(kept / "healer").put(
        Failure(id="", script="x.py", source="run", argv=("x",), exit_code=1, chain=())
    )
    with mirrors.open(works[1]):
        assert mirrors.evict() == [idle.stem]
    assert kept.exists()
    assert used.exists()


def test_what_a_repository_was_allowed_outlives_its_mirror(
    tmp_path: Path, works: list[Work]
) -> None:
    mirrors = Mirrors(tmp_path / "m", 0)
    for word in ("first", "second"):  # what is allowed later counts, too
        with mirrors.open(works[0]) as repository:
            trusted = repository.state_dir / "trusted.json"
            trusted.parent.mkdir(exist_ok=True)
            trusted.write_text(word)
        assert mirrors.evict()
        with mirrors.open(works[0]):
            assert trusted.read_text() == word


def test_it_is_called_the_same_for_ever(tmp_path: Path) -> None:
    assert Mirrors(tmp_path / "m", 0).name == Mirrors(tmp_path / "m", 9).name
    assert Mirrors(tmp_path / "m", 0).name != Mirrors(tmp_path / "n", 0).name


def test_a_configuration_may_name_another_target(tmp_path: Path, works: list[Work]) -> None:
    with Mirrors(tmp_path / "m", 10**9).open(works[0]) as repository:
        follow_target(repository, "main")
        assert repository.branch() == "main"
        follow_target(repository, "stable")
        assert repository.branch() == "stable"
