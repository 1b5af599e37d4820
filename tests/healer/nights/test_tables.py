import pytest

from healer.nights.tables import MOST_ROWS, Table, make_table


def test_rows_of_unlike_keys_become_one_table():
    table = make_table([{"a": 1}, {"b": "x", "a": ""}])
    assert table.columns == ("a", "b")
    assert table.rows == ((1, None), (None, "x"))


def test_a_column_is_asked_for_by_name():
    table = Table(("a", "b"), ((1, 2), (3, 4)))
    assert table.column("b") == [2, 4]
    with pytest.raises(ValueError, match="not in tuple"):
        table.column("c")


def test_a_table_is_bounded():
    assert len(make_table({"n": n} for n in range(MOST_ROWS + 5)).rows) == MOST_ROWS
