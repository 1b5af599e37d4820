"""What a fragment of the changelog must be, and that the fragments fit together."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.checks.fragments import find_malformed

ROOT = Path(__file__).parents[3]


def faults(root: Path, name: str, text: str) -> list[str]:
    (root / "changelog.d").mkdir()
    (root / "changelog.d" / name).write_text(text)
    return [problem.text for problem in find_malformed(root)]


@pytest.mark.parametrize(
    "name", ["+some-words.fixed.md", "12.added.md", "+a.changed.md", "README.md"]
)
def test_a_good_fragment_is_taken(tmp_path: Path, name: str) -> None:
    assert faults(tmp_path, name, "A mail that was lost is sent.\n") == []


@pytest.mark.parametrize(
    "name",
    [
        "some-words.fixed.md", "+some words.fixed.md", "+some-words.md", "+some-words.fix.md",
        "+some-words.fixed.txt", "+Some.fixed.md", "12a.fixed.md", ".fixed.md", "+-.fixed.md",
    ],
)  # fmt: skip
def test_a_misnamed_one_is_refused(tmp_path: Path, name: str) -> None:
    (fault,) = faults(tmp_path, name, "A mail that was lost is sent.\n")
    assert "is not named like" in fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("A mail is sent", "full stop"),
        ("A mail is sent.", "full stop"),
        ("A mail is sent.\n\n", "full stop"),
        ("- A mail is sent.\n", "begins with a mark"),
        ("# A mail is sent.\n", "begins with a mark"),
        ("a" * 299 + ".\n", "has 301 characters"),
    ],
)
def test_a_malformed_text_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    assert any(fault in item for item in faults(tmp_path, "+a.fixed.md", text))


def test_ours_fit_together() -> None:
    towncrier = Path(sys.executable).with_name("towncrier")
    build = subprocess.run(
        [towncrier, "build", "--draft", "--version", "9.9.9", "--date", "2030-01-02"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "## 9.9.9 (2030-01-02)" in build.stdout
    for path in (ROOT / "changelog.d").glob("*.*.md"):
        assert path.read_text().split()[0] in build.stdout
