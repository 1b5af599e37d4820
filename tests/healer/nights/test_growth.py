"""What a night added is told from what it found, where every night only added."""

import pytest

from healer.nights.growth import find_growth
from healer.nights.tables import Table


def table(*rows: int, columns: tuple[str, ...] = ("n",)) -> Table:
    return Table(columns, tuple((row,) for row in rows))


def test_what_each_night_added_is_what_it_did_not_find() -> None:
    growth = find_growth(
        [table(1, 2), table(1, 2, 2)], table(1, 2, 2, 5), [None, table(1, 2), table(1, 2, 2)]
    )
    assert growth is not None
    assert [each.rows for each in growth.then] == [((1,), (2,)), ((2,),)]
    assert (growth.now.rows, growth.losses) == (((5,),), 0)


def test_a_row_that_this_night_took_is_lost() -> None:
    growth = find_growth([table(1), table(1, 2)], table(3), [None, table(1), table(1, 2)])
    assert growth is not None
    assert (growth.now.rows, growth.losses) == (((3,),), 2)


@pytest.mark.parametrize(
    "found",
    [
        [None, None, None],  # nothing was ever found
        [None, table(9), table(1, 2)],  # a good night took a row
        [None, table(1, columns=("m",)), table(1, 2)],  # it had other columns
        [None, table(1)],  # not known of every night
    ],
)
def test_what_does_not_only_grow_is_no_ledger(found: list[Table | None]) -> None:
    assert find_growth([table(1), table(1, 2)], table(1, 2, 3), found) is None
