"""`healer trial` on a repository's own past: the fix is found again, and nothing has changed."""

import json
from pathlib import Path

import pytest

from tests.healer.app.conftest import is_unchanged
from tests.support.command_line import run_command
from tests.support.git import commit_files, make_repository

BROKEN = '''"""Prices."""


def total(rows):
    """The sum of all prices."""
    price = 0
    for row in rows:
        price += row["pice"]
    return price
'''
TEST = """from prices import total


def test_nothing():
    assert total([]) == 0
"""
MORE = """

def test_all():
    assert total([{"price": 1}, {"price": 2}]) == 3


def test_one():
    assert total([{"price": 5}]) == 5
"""


@pytest.mark.docker
def test_the_past_is_repaired_in_a_copy_and_held_against_what_people_did(tmp_path: Path) -> None:
    folder = make_repository(
        tmp_path / "shop", {"prices.py": BROKEN, "test_prices.py": TEST, "conftest.py": ""}
    )
    files = {"prices.py": BROKEN.replace("pice", "price"), "test_prices.py": TEST + MORE}
    commit_files(folder, files, "Spell it right")
    page = tmp_path / "trial.html"
    with is_unchanged(folder):
        answer = run_command(
            "trial", "--json", "--drafter", "rules", "--html", str(page), cwd=folder
        )
    assert answer.error is None
    document = json.loads(answer.out)
    (case,) = document["cases"]
    assert (case["end"], case["likeness"]["kind"]) == ("merged", "same")
    assert document["scripts"][0]["right"] == 1
    assert "Spell it right" in page.read_text()
