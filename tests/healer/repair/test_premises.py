"""A recorded failure speaks of today's code, or of code that was mended since."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.repair.premises import why_outdated
from tests.support.shop import FIXED, SCRIPT, Shop, commit, failed, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def test_a_failure_on_todays_commit_speaks_of_it(here: Shop) -> None:
    assert why_outdated(failed(here), here.services) == ""


def test_a_failure_from_before_the_fix_of_its_incident_does_not(here: Shop) -> None:
    before = failed(here)
    row = here.merged()
    assert row.incident == before.fingerprint
    assert f"repair {row.id} was merged since" in why_outdated(before, here.services)


def test_a_line_that_a_colleague_has_mended_speaks_of_nothing(here: Shop) -> None:
    before = failed(here)
    commit(here.folder, SCRIPT, FIXED)
    assert "its line is not in today's main any more" in why_outdated(before, here.services)


def test_a_commit_elsewhere_changes_nothing(here: Shop) -> None:
    before = failed(here)
    commit(here.folder, "README.md", "new\n")
    assert why_outdated(before, here.services) == ""


@pytest.mark.parametrize("facts", [{"commit": ""}, {"commit": "f" * 40}, {"dirty": True}])
def test_what_is_not_known_is_not_said_to_be_outdated(here: Shop, facts: dict[str, object]) -> None:
    before = failed(here, **facts)
    commit(here.folder, SCRIPT, FIXED)
    assert why_outdated(before, here.services) == ""
