import pytest

from healer.nights.entities import find_entity_changes
from healer.nights.sources import (
    Case,
    Inputs,
    find_count_change,
    find_count_source,
    find_place_now,
    find_source_changes,
)
from healer.nights.tables import Table

ASKED, PLACE = ("id", "price", "cost"), ("api", "items")


def read(night, names=ASKED, rows=5, places=PLACE, change=None):
    """What the world says: ids that are new each night."""
    values = [[night * 10 + n, 20.5 + n + night / 4, 18.25 + n + night / 5] for n in range(rows)]
    table = Table(names, tuple(tuple(row) for row in (change(values) if change else values)))
    return Inputs({places: table})


def write(inputs, source="price", columns=("id", "price"), times=1.0):
    table = next(iter(inputs.tables.values()))
    values = [None if v is None else round(v * times, 2) for v in table.column(source)]
    return Table(columns, tuple(zip(table.column("id"), values, strict=True)))


def find(now, inputs, times=1.0):
    nights = [read(night) for night in range(5)]
    case = Case([write(night, times=times) for night in nights], now, nights, inputs)
    return [detail for _, detail in find_source_changes(case)]


def test_a_column_that_is_still_a_copy_of_its_field_is_silent():
    assert find(write(read(5)), read(5)) == []


def test_a_field_with_a_new_name_is_silent():
    tonight = read(5, names=("id", "unit_price", "cost"))
    assert find(write(tonight, "unit_price"), tonight) == []


def test_the_neighbour_is_told():
    tonight = read(5, names=("id", "unit_price", "cost"))
    (detail,) = find(write(tonight, "cost"), tonight)
    assert detail == (
        "column `price` holds what was read as `cost`; on 5 good nights it held `price`"
    )


MOVED = [("api", "data.items"), ("api/v2", "items")]


@pytest.mark.parametrize("place", MOVED)
def test_a_table_that_has_moved_is_the_same_and_its_neighbours_are_told(place):
    tonight = read(5, places=place)
    assert find(write(tonight), tonight) == []
    (detail,) = find(write(tonight, "cost"), tonight)
    assert detail.startswith("column `price` holds what was read as `cost`")


@pytest.mark.parametrize("place", MOVED)
def test_a_field_with_a_new_name_in_a_table_that_has_moved_is_silent(place):
    tonight = read(5, names=("id", "unit_price", "cost"), places=place)
    assert find(write(tonight, "unit_price"), tonight) == []
    assert len(find(write(tonight, "cost"), tonight)) == 1


def test_values_that_were_not_read_are_told():
    tonight = read(5, names=("id", "unit_price", "cost"))
    rows = [(k, 9.99) for k, _ in write(tonight, "unit_price").rows]
    (detail,) = find(Table(("id", "price"), tuple(rows)), tonight)
    assert "holds 9.99, which was not read" in detail


def test_values_in_other_rows_are_told():
    tonight = read(5)
    right = write(tonight)
    rows = tuple((k, right.rows[0][1]) for k, _ in right.rows)
    (detail,) = find(Table(("id", "price"), rows), tonight)
    assert "no longer holds `price` row by row" in detail


def test_a_value_where_the_field_has_none_is_made_up():
    def change(values):
        return [[k, None if n == 2 else price, cost] for n, (k, price, cost) in enumerate(values)]

    tonight = read(5, change=change)
    made_up = [(k, 0 if v is None else v) for k, v in write(tonight).rows]
    (detail,) = find(Table(("id", "price"), tuple(made_up)), tonight)
    assert detail == "column `price` is 0 where nothing was read; on 5 good nights never"
    assert find(write(tonight), tonight) == []


def test_numbers_that_are_scaled_or_rounded_on_every_night_follow_all_the_same():
    assert find(write(read(5), times=1.2), read(5), times=1.2) == []
    assert len(find(write(read(5), "cost", times=1.2), read(5), times=1.2)) == 1


def test_the_same_amount_in_other_characters_is_the_same():
    tonight = read(5, change=lambda values: [[k, f"{p:,.2f} EUR", c] for k, p, c in values])
    rows = tuple((k, float(v.split()[0])) for k, v, _ in tonight.tables[PLACE].rows)
    assert find(Table(("id", "price"), rows), tonight) == []


def test_a_column_that_followed_from_nothing_says_nothing():
    nights = [read(night) for night in range(5)]
    then = [Table(("id", "price"), tuple((n, night * 7.7) for n in range(5))) for night in range(5)]
    now = Table(("id", "price"), tuple((n, 3.3) for n in range(5)))
    assert not list(find_source_changes(Case(then, now, nights, read(5))))
    assert list(find_entity_changes(then, now))


def test_as_many_rows_are_written_as_were_read():
    nights = [read(night, rows=4 + night) for night in range(5)]
    then = [write(each) for each in nights]
    assert find_count_source(then, nights) == PLACE
    now = write(read(5, rows=7))
    assert not list(find_count_change(PLACE, now, read(5, rows=7), 5))
    ((kind, detail),) = find_count_change(PLACE, now, read(5, rows=8), 5)
    assert (kind, detail) == (
        "rows",
        "7 rows are written of 8 that were read; on 5 good nights all",
    )


def test_rows_that_were_filtered_on_good_nights_have_no_source():
    nights = [read(night, rows=4 + night) for night in range(5)]
    then = [Table(("id", "price"), write(each).rows[1:]) for each in nights]
    assert find_count_source(then, nights) is None


def test_a_list_that_lies_in_an_envelope_is_still_counted():
    nights = [read(night) for night in range(5)]
    inner = ("api", "data.items")
    envelope = Table(("id", "more"), ((7, False),))
    tonight = Inputs({PLACE: envelope, **read(5, places=inner).tables})
    assert find_place_now(PLACE, nights, tonight) == inner
    assert find_place_now(PLACE, nights, read(5)) == PLACE
    ((_, detail),) = find_count_change(inner, write(read(5, rows=4)), tonight, 5)
    assert detail.startswith("4 rows are written of 5 that were read")


@pytest.mark.parametrize(
    "others",
    [
        {},
        {("api", "data.items"): Table(ASKED, ()), ("api", "data.old"): Table(ASKED, ())},
        {("api", "errors"): Table(("code", "text"), ())},
        {("api", "errors"): Table(("id", "text", "at"), ())},
    ],
)
def test_where_it_lies_now_is_not_guessed_at(others):
    nights = [read(night) for night in range(5)]
    tonight = Inputs({PLACE: Table(("more",), ((False,),)), **others})
    assert find_place_now(PLACE, nights, tonight) == PLACE
