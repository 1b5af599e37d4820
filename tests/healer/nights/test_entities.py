import pytest

from healer.nights.entities import (
    find_entity_changes,
    find_key,
    find_row_changes,
    list_steady_columns,
    measure_overlap,
)
from healer.nights.tables import Table


def make_table(*rows, columns=("id", "name", "value")):
    return Table(columns, rows)


def make_nights(count=5, rows=6, move=0.1):
    return [
        make_table(*((n, f"n{n}", 10.5 + n + move * ((night * 3 + n) % 5)) for n in range(rows)))
        for night in range(count)
    ]


def change(table, row, value):
    rows = [(*r[:2], value) if n == row else r for n, r in enumerate(table.rows)]
    return make_table(*rows)


def kinds_of(then, now):
    return [kind for kind, _ in find_entity_changes(then, now)]


def test_the_key_is_what_names_a_row_on_every_night():
    assert find_key(make_nights()) == ("id",)


def test_a_key_of_two_columns():
    columns = ("shop", "day", "sum")
    night = make_table(("a", 1, 2.5), ("a", 2, 2.5), ("b", 1, 2.5), columns=columns)
    assert find_key([night] * 3) == ("shop", "day")


def test_numbers_with_fractions_and_empty_cells_name_nothing():
    assert find_key([make_table((None, None, 1.5), (2, "b", 2.5))] * 3) == ()


def test_of_several_keys_the_one_that_comes_again():
    nights = [make_table(*((night * 10 + n, f"n{n}", 1.5) for n in range(4))) for night in range(3)]
    assert find_key(nights) == ("name",)
    assert measure_overlap([[("a",)], [("b",)]]) == 0.0


def test_days_that_leave_are_no_things():
    nights = [
        make_table(*((f"2026-11-{10 + night + n}", "x", 1.5) for n in range(5)))
        for night in range(5)
    ]
    assert find_key(nights) == ()


@pytest.mark.parametrize("value", [1250.0, 0.105, 99.5, -12.5])
def test_a_value_does_not_leap(value):
    nights = make_nights()
    assert kinds_of(nights[:-1], change(nights[-1], 2, value)) == ["values"]


def test_a_value_moves_as_it_did():
    nights = make_nights(6)
    assert kinds_of(nights[:-1], nights[-1]) == []


def test_what_never_changed_does_not():
    nights = make_nights(move=0)
    assert kinds_of(nights, nights[-1]) == []
    assert kinds_of(nights, change(nights[-1], 0, 11.0)) == ["values"]


def test_a_name_that_belongs_to_a_thing_stays_with_it():
    nights = make_nights()
    rows = [(r[0], nights[-1].rows[(n + 1) % 6][1], r[2]) for n, r in enumerate(nights[-1].rows)]
    assert "values" in kinds_of(nights[:-1], make_table(*rows))


def test_all_together_do_not_move_one_way():
    nights = [
        make_table(*((n, f"n{n}", 100 + n + (1 if (n + night) % 2 else -1)) for n in range(8)))
        for night in range(5)
    ]
    shift = make_table(*((k, name, value + 4) for k, name, value in nights[3].rows))
    assert kinds_of(nights, shift) == ["values"]


def test_a_counter_does_not_fall():
    nights = [
        make_table(*((n, f"n{n}", 1000 + 10 * night) for n in range(6))) for night in range(5)
    ]
    assert kinds_of(nights, change(nights[-1], 3, 1035)) == ["values"]


def test_values_of_the_night_before_are_stale():
    nights = make_nights()
    assert kinds_of(nights, nights[-1]) == ["values"]


def test_a_thing_that_was_always_there_is_missed():
    nights = make_nights(6)
    assert kinds_of(nights[:-1], make_table(*nights[-1].rows[1:])) == ["entities"]


def test_things_come_and_go_where_they_always_did():
    nights = [
        make_table(*((n, f"n{n}", 1.5) for n in range(night, night + 8))) for night in range(6)
    ]
    assert kinds_of(nights[:-1], nights[-1]) == []
    assert kinds_of(nights[:-1], make_table(*nights[-1].rows[4:])) == ["entities"]


@pytest.mark.parametrize(
    ("counts", "count", "is_usual"),
    [
        ((7, 7, 7), 7, True),
        ((7, 7, 7), 6, False),
        ((7, 8, 9), 10, True),
        ((7, 9, 8), 6, True),
        ((7, 9, 8), 2, False),
        ((7, 9, 8), 30, False),
        ((0, 3, 0), 0, True),
        ((3, 4, 5), 0, False),
    ],
)
def test_rows_are_as_many_as_they_were(counts, count, is_usual):
    def table(n):
        return make_table(*((i, f"n{i}", 1.5) for i in range(n)))

    findings = list(find_row_changes([table(n) for n in counts], table(count), is_counted=False))
    assert (not findings) is is_usual


def test_a_thing_is_there_once():
    nights = make_nights()
    twice = make_table(*nights[-1].rows, nights[-1].rows[0])
    kinds = [kind for kind, _ in find_row_changes(nights, twice, is_counted=True)]
    assert kinds == ["twice"]


def test_a_column_is_steady_where_most_things_have_what_they_had():
    nights = make_nights(move=0)
    window = [make_table(*nights[0].rows[1:], (7 + n, f"n{7 + n}", 900.5)) for n in range(3)]
    assert list_steady_columns(nights, window[0]) == {"id", "name", "value"}
    assert list_steady_columns(make_nights(), change(make_nights(6)[-1], 0, 3.5)) == {"id", "name"}
    news = make_table(*((100 + n, f"m{n}", 1.5) for n in range(6)))
    assert list_steady_columns(nights, news) == frozenset()
