"""A repair is found by as much of its id as makes it the only one."""

from pathlib import Path

import pytest

from healer.facts.errors import UsageError
from healer.ledger.store import Ledger
from healer.repair.lookup import find_row
from tests.support.ledger_rows import add_repair, request_of
from tests.support.old_version import ENDS
from tests.support.shop import shop


@pytest.mark.parametrize("prefix", ["3ac69304", "3ac", "3"])
def test_the_beginning_of_an_id_is_enough_where_no_other_begins_so(
    old_ledger: Ledger, prefix: str
) -> None:
    assert find_row(old_ledger, prefix).id == ENDS["protected"]


@pytest.mark.parametrize("prefix", ["zz", "3ac69304x", "AC6", "ac69304", "%", "_", "3ac6930%"])
def test_what_no_id_begins_with_is_refused_with_the_next_step(
    old_ledger: Ledger, prefix: str
) -> None:
    with pytest.raises(UsageError, match=r"there is no repair .*; list them with: healer log"):
        find_row(old_ledger, prefix)


def test_where_several_begin_so_they_are_named(old_ledger: Ledger) -> None:
    for number in range(9):
        add_repair(old_ledger, request=request_of(f"ffff{number}"))
    with pytest.raises(UsageError, match=r"may be any of .*; give more of the id") as refusal:
        find_row(old_ledger, "ffff")
    assert str(refusal.value).count(", ") == 4


def test_an_empty_word_is_no_id_even_where_only_one_repair_is(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        here.fix()
        with pytest.raises(UsageError, match="the id is empty; list repairs with: healer log"):
            find_row(here.services.ledger, "")


def test_a_whole_id_that_another_begins_with_is_not_guessed(old_ledger: Ledger) -> None:
    add_repair(old_ledger, request=request_of("3ac69304ff"))
    with pytest.raises(UsageError, match="3ac69304, 3ac69304ff"):
        find_row(old_ledger, "3ac69304")


def test_the_id_of_an_incident_means_its_newest_repair(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        here.decide("reject", here.fix().repair, "no")
        newest = here.services.ledger.repair(here.fix().repair)
        assert find_row(here.services.ledger, newest.incident[:6]).id == newest.id
