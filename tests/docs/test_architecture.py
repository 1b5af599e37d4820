"""docs/architecture.md agrees with the contracts and with the tree."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.docs.fences import PAGES, ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
PACKAGES = ("healer", "sandbox", "quarantine")


def folders() -> set[str]:
    """Every folder of the product that holds Python code, as git has it."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *PACKAGES],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    existing = (path for path in files if path.endswith(".py") and (ROOT / path).exists())
    return {f"{Path(path).parent.as_posix()}/" for path in existing}


def test_the_list_of_folders_is_the_tree() -> None:
    table = PAGE.partition("## The folders")[2]
    listed = re.findall(r"^\| `([^`]+)` \| (\S.*) \|$", table, re.MULTILINE)
    assert {name for name, _ in listed} == folders()
    assert len(listed) == len(folders())


def test_the_drawing_is_the_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    drawing = PAGE.partition("```text\nhealer\n")[2].partition("\n\n")[0]
    lines = [re.split(r" {3,}", line.strip())[0] for line in drawing.splitlines()]
    assert [line for line in lines if line != "----"] == layers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    named = re.findall(
        r"`((?:healer|sandbox|quarantine|tests|scripts|docs|benchmarks|examples|changelog\.d)/"
        r"[\w./@-]*)`",
        text,
    )
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [name for name in linked if not (page.parent / name).exists()]
    assert missing == []
