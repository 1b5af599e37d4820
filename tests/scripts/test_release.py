"""What a release consists of: versions from tags, a source distribution with all that git has, a
wheel with every file of the packages and what machines without a checkout need.

Belongs here: the two files. Does not belong here: what the wheel does where nothing else is
(`tests/docs/test_tutorial.py`).
"""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from stat import S_IXUSR

import pytest

from tests.support.build import HAS_BACKEND, ROOT, build
from tests.support.git import git

PACKAGES = ("healer/", "sandbox/", "quarantine/")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of what is here, with one commit and no tag."""
    folder = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A", "--force")
    git(folder, "commit", "-qm", "All")
    return folder


@pytest.fixture(scope="module")
def release(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both files of the version that is tagged."""
    git(source, "tag", "v9.2.0")
    out = tmp_path_factory.mktemp("dist")
    build(source, out)
    git(source, "tag", "-d", "v9.2.0")
    return out


def list_tracked(source: Path) -> set[str]:
    return set(git(source, "ls-files").split("\n")) - {""}


def test_the_version_is_the_tags(release: Path) -> None:
    names = sorted(path.name for path in release.iterdir() if path.suffix != "")
    assert [name for name in names if name.startswith("healer")] == [
        "healer-9.2.0-py3-none-any.whl",
        "healer-9.2.0.tar.gz",
    ]


def test_the_source_distribution_has_all_that_git_has(source: Path, release: Path) -> None:
    with tarfile.open(release / "healer-9.2.0.tar.gz") as archive:
        names = {each.name.partition("/")[2] for each in archive if each.isfile()}
    assert names - {"PKG-INFO"} == list_tracked(source)


def test_the_wheel_has_every_file_of_the_packages_and_no_other(source: Path, release: Path) -> None:
    with zipfile.ZipFile(release / "healer-9.2.0-py3-none-any.whl") as archive:
        names = {name for name in archive.namelist() if not name.startswith("healer-9.2.0.")}
        (notes,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        facts = message_from_bytes(archive.read(notes))
    assert names == {name for name in list_tracked(source) if name.startswith(PACKAGES)}
    assert (facts["License-Expression"], facts["Requires-Python"]) == ("MIT", ">=3.11")
    assert facts["Description-Content-Type"] == "text/markdown"


def test_units_forms_and_the_watchdog_come_along(source: Path, release: Path) -> None:
    start = "healer-9.2.0.data/data/share/healer/"
    with zipfile.ZipFile(release / "healer-9.2.0-py3-none-any.whl") as archive:
        modes = {
            each.filename.removeprefix(start): each.external_attr >> 16
            for each in archive.infolist()
            if each.filename.startswith(start)
        }
    folders = ("scripts/systemd/", "scripts/sidecar/")
    wanted = {n.removeprefix("scripts/") for n in list_tracked(source) if n.startswith(folders)}
    assert modes.keys() == wanted | {"watchdog"}
    assert modes["watchdog"] & S_IXUSR


def test_a_clone_without_tags_and_a_commit_after_one_have_a_version(
    source: Path, tmp_path: Path
) -> None:
    head = git(source, "rev-parse", "--short=7", "HEAD").strip()
    build(source, tmp_path / "none", "--wheel")
    (wheel,) = (tmp_path / "none").glob("*.whl")
    assert wheel.name.startswith(f"healer-0.1.dev1+g{head}")
    git(source, "tag", "v9.3.0", "HEAD")
    git(source, "commit", "-q", "--allow-empty", "-m", "One more")
    build(source, tmp_path / "after", "--wheel")
    (wheel,) = (tmp_path / "after").glob("*.whl")
    assert wheel.name.startswith("healer-9.3.1.dev1+g")
    git(source, "tag", "-d", "v9.3.0")


def test_files_without_git_are_built_and_a_source_distribution_knows_its_version(
    release: Path, tmp_path: Path
) -> None:
    # Python 3.11's first releases know no extraction filter.
    subprocess.run(["tar", "-xzf", release / "healer-9.2.0.tar.gz", "-C", tmp_path], check=True)
    build(tmp_path / "healer-9.2.0", tmp_path / "dist", "--wheel")
    assert [path.name for path in (tmp_path / "dist").glob("*.whl")] == [
        "healer-9.2.0-py3-none-any.whl"
    ]
    (tmp_path / "healer-9.2.0" / "PKG-INFO").unlink()  # as a runner gets an action's files
    build(tmp_path / "healer-9.2.0", tmp_path / "bare", "--wheel")
    assert [path.name for path in (tmp_path / "bare").glob("*.whl")] == [
        "healer-0.0-py3-none-any.whl"
    ]


@pytest.mark.skipif(not HAS_BACKEND, reason="run scripts/setup: hatchling is new")
def test_an_editable_install_is_a_path(source: Path, tmp_path: Path) -> None:
    code = "import sys, hatchling.build as b; print(b.build_editable(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / done.stdout.splitlines()[-1]) as archive:
        (path,) = [name for name in archive.namelist() if name.endswith(".pth")]
        assert archive.read(path).decode().strip() == str(source)


@pytest.mark.parametrize(
    ("files", "tag", "sentence"),
    [
        ({"x.py": ""}, "", "commit or stash first"),
        ({}, "", "no version is tagged here; type: git tag -a v0.2.0"),
        ({}, "v9.9.9", "CHANGELOG.md has no 9.9.9; type: .venv/bin/towncrier build"),
    ],
)
def test_only_a_tagged_commit_with_its_changelog_is_released(
    source: Path, files: dict[str, str], tag: str, sentence: str
) -> None:
    for name, text in files.items():
        (source / name).write_text(text)
    if tag:
        git(source, "tag", tag)
    done = subprocess.run(
        ["scripts/release"], cwd=source, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "HOME": str(source)},
    )  # fmt: skip
    for name in files:
        (source / name).unlink()
    if tag:
        git(source, "tag", "-d", tag)
    assert done.returncode == 2
    assert sentence in done.stderr
