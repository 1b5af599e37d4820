import pytest

from healer.nights.aggregates import find_total_changes
from healer.nights.sources import Inputs
from healer.nights.tables import Table


def read(night, names=("id", "price", "cost"), price=lambda value: value):
    rows = tuple(
        (n, price(10.5 + n * 1.25 + night / 4), 8.25 + n * 1.1 + night / 3)
        for n in range(5 + night)
    )
    return Inputs({("api", ""): Table(names, rows)})


def total(inputs, column, function=sum, times=1.0):
    values = next(iter(inputs.tables.values())).column(column)
    return Table(("total",), ((round(function(values) * times, 2),),))


def mean(values):
    return sum(values) / len(values)


def find(now, tonight, function=sum, times=1.0):
    nights = [read(night) for night in range(5)]
    then = [total(night, "price", function, times) for night in nights]
    return [detail for _, detail in find_total_changes(then, now, nights, tonight)]


@pytest.mark.parametrize(("function", "times"), [(sum, 1.0), (mean, 1.0), (sum, 1.2), (mean, 0.5)])
def test_a_total_of_the_same_field_or_of_its_new_name_is_silent(function, times):
    assert find(total(read(5), "price", function, times), read(5), function, times) == []
    renamed = read(5, names=("id", "unit_price", "cost"))
    assert find(total(renamed, "unit_price", function, times), renamed, function, times) == []


@pytest.mark.parametrize(("function", "times"), [(sum, 1.0), (mean, 1.0), (sum, 1.2)])
def test_a_total_of_the_neighbour_is_told(function, times):
    renamed = read(5, names=("id", "unit_price", "cost"))
    (detail,) = find(total(renamed, "cost", function, times), renamed, function, times)
    assert "of `cost`" in detail
    assert "of `price`" in detail


def test_a_total_of_nothing_that_was_read_is_told():
    (detail,) = find(Table(("total",), ((99.99,),)), read(5))
    assert "follows from no field that was read" in detail


def test_amounts_as_text_add_up_as_well():
    tonight = read(5, price=lambda value: f"{value:,.4f} EUR")
    assert find(total(read(5), "price"), tonight) == []


def test_a_number_that_never_was_a_total_says_nothing():
    nights = [read(night) for night in range(5)]
    then = [Table(("total",), ((night * 7.77 + 1,),)) for night in range(5)]
    assert not list(find_total_changes(then, Table(("total",), ((3.0,),)), nights, read(5)))


def test_a_number_that_is_always_the_same_says_nothing():
    nights = [Inputs({("api", ""): Table(("n",), ((5,), (7,)))})] * 5
    then = [Table(("total",), ((12,),))] * 5
    assert not list(find_total_changes(then, Table(("total",), ((3,),)), nights, nights[0]))


def test_tables_of_several_rows_are_not_asked():
    nights = [read(night) for night in range(5)]
    then = [Table(("total",), ((1.0,), (2.0,)))] * 5
    assert not list(find_total_changes(then, then[0], nights, read(5)))
