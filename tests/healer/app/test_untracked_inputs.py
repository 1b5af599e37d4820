"""What a run has beside the commit's files: what is asked for, and what a build left."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from healer.app import untracked_inputs
from healer.app.untracked_inputs import find_built_files, inputs_reader
from healer.config import Config
from quarantine.repository import Repository
from sandbox import SandboxError
from tests.support.git import git, make_repository

TRACKED = {
    ".gitignore": "_version.py\n*.so\n*_pb2.py\n*.mo\nlocal.py\nscratch.py\n.venv/\n",
    "src/shop/__init__.py": "from shop._version import __version__\nfrom . import fast\n",
    "src/shop/wire.py": "def read():\n    import shop.order_pb2\n",
    "src/shop/maybe.py": "try:\n    from shop import local\nexcept ImportError:\n    pass\n",
    "src/shop/broken.py": "from scratch import (\n",
    "src/shop/locale/de/shop.po": 'msgid ""\n',
}
BUILT = (
    "src/shop/_version.py",
    "src/shop/fast.cpython-311-x86_64-linux-gnu.so",
    "src/shop/locale/de/shop.mo",
    "src/shop/order_pb2.py",
)
NOT_NEEDED = (
    "src/shop/local.py",
    "src/shop/scratch.py",
    "src/shop/locale/de/other.mo",
    ".venv/lib/_version.py",
    "src/shop/untracked.py",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", TRACKED)


def configured(*include: str) -> Config:
    return Config.model_validate({"sandbox": {"include": include}})


def reader(root: Path, *include: str) -> Callable[[], dict[str, bytes]]:
    return inputs_reader(Repository.open(root), configured(*include))


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())


def test_inputs_are_the_untracked_files_of_the_patterns_as_they_are_then(root: Path) -> None:
    read = reader(root, "data/**", "*.cfg")
    assert read() == {}
    (root / "data/deep").mkdir(parents=True)
    (root / "data/rows.csv").write_bytes(b"1\n")
    (root / "data/deep/more.bin").write_bytes(b"\0")
    (root / "app.cfg").write_bytes(b"x")
    (root / "other.txt").write_bytes(b"no")
    assert read() == {"data/rows.csv": b"1\n", "data/deep/more.bin": b"\0", "app.cfg": b"x"}
    (root / "app.cfg").write_bytes(b"y")
    assert read()["app.cfg"] == b"y"


def test_what_is_tracked_is_no_input_and_neither_is_gits_own_folder(root: Path) -> None:
    (root / "src/shop/wire.py").write_text("changed here, and in no commit\n")
    write(root, "notes.txt")
    assert reader(root, "**", ".git/*")() == {"notes.txt": b"notes.txt"}


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("/data/*",), {"data/rows.csv", "data/old.csv"}),
        (("data/",), {"data/rows.csv", "data/old.csv", "data/deep/more.csv"}),
        (("data/**.csv",), {"data/rows.csv", "data/old.csv"}),
        (("data/**", "!data/old.csv"), {"data/rows.csv", "data/deep/more.csv"}),
        (("!data/old.csv", "data/*"), {"data/rows.csv", "data/old.csv"}),
        (("/etc/*",), set()),
        (("data/pipe",), set()),
    ],
)
def test_a_pattern_is_read_as_in_gitignore_and_stays_in_the_repository(
    root: Path, patterns: tuple[str, ...], names: set[str]
) -> None:
    write(root, "data/rows.csv", "data/old.csv", "data/deep/more.csv", "etc.csv")
    os.mkfifo(root / "data/pipe")
    assert set(reader(root, *patterns)()) == names


def test_a_committed_link_leads_to_no_file_of_the_machine_and_the_owner_s_own_does(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/rows.csv").write_text("1\n")
    (root / "mine").symlink_to(tmp_path / "srv")
    (root / "loop").symlink_to(root / "loop")
    assert set(reader(root, "mine/*", "loop", "loop/*")()) == {"mine/rows.csv"}
    git(root, "add", "mine")
    git(root, "commit", "-qm", "a link")
    assert reader(root, "mine/*")() == {}


def test_more_than_a_sandbox_holds_is_refused_before_it_is_read(root: Path) -> None:
    write(root, "data/small.bin")
    with (root / "data/huge.bin").open("wb") as file:
        file.truncate(20 << 30)
    with pytest.raises(SandboxError, match=r"20480 MiB, 20480 of them data/huge.bin.*include less"):
        reader(root, "data/*")()
    assert set(reader(root, "data/*", "!data/huge.bin")()) == {"data/small.bin"}


def test_a_bare_repository_has_no_inputs(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", "shop", "bare.git")
    bare = Repository.open(tmp_path / "bare.git")
    assert inputs_reader(bare, configured("**"))() == {}
    assert find_built_files(bare) == ()


def test_what_a_build_left_and_the_sources_import_is_an_input(root: Path) -> None:
    write(root, *BUILT, *NOT_NEEDED)
    assert find_built_files(Repository.open(root)) == BUILT
    assert set(reader(root)()) == set(BUILT)


def test_a_link_is_not_followed_to_what_lies_elsewhere(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("TOKEN = 1\n")
    (root / "src/shop/_version.py").symlink_to(tmp_path / "secret.py")
    assert find_built_files(Repository.open(root)) == ()


def test_too_much_is_left_where_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, *BUILT)
    monkeypatch.setattr(untracked_inputs, "MAX_BYTES", 100)
    assert find_built_files(Repository.open(root)) == ()
