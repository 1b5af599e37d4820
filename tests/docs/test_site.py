"""docs/ as a site: each page stands in the nav, and the strict build finds nothing wrong."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.docs.fences import ROOT

SETTINGS = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
IS_INSTALLED = find_spec("zensical") is not None or "CI" in os.environ
needs_zensical = pytest.mark.skipif(not IS_INSTALLED, reason="run scripts/setup: zensical is new")


def list_pages(nav: object) -> Iterator[str]:
    """The files that a part of the nav names."""
    match nav:
        case str():
            yield nav
        case list():
            for part in nav:
                yield from list_pages(part)
        case dict():
            for part in nav.values():
                yield from list_pages(part)


def build(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder, text=True, check=False, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the site is made from."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    return tmp_path


def test_each_page_stands_in_the_nav_once() -> None:
    pages = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    assert sorted(list_pages(SETTINGS["nav"])) == pages


@needs_zensical
def test_the_strict_build_finds_nothing_wrong(folder: Path) -> None:
    done = build(folder)
    assert done.returncode == 0, done.stdout
    assert (folder / "site" / "index.html").is_file()
    assert (folder / "site" / "tutorial" / "index.html").is_file()


@needs_zensical
@pytest.mark.parametrize("link", ["[x](nowhere.md)", "[x](trial.md#nowhere)"])
def test_a_link_that_leads_nowhere_is_found(folder: Path, link: str) -> None:
    page = folder / "docs" / "trial.md"
    page.write_text(f"{page.read_text()}\n{link}\n")
    assert build(folder).returncode != 0
