"""Each test is in one portion, and those that wait for containers are never the last ones."""

from tests.support.portions import spread


def numbers(start: int, count: int) -> list[list[int]]:
    return [[number] for number in range(start, start + count)]


def test_every_portion_is_there_once_and_in_its_order() -> None:
    waits, others = numbers(0, 7), numbers(100, 31)
    portions = spread(waits, others)
    assert sorted(portions) == [*waits, *others]
    assert [each for each in portions if each in waits] == waits
    assert [each for each in portions if each in others] == others


def test_what_waits_is_spread_and_ends_before_the_rest() -> None:
    waits, others = numbers(0, 10), numbers(100, 100)
    places = [at for at, each in enumerate(spread(waits, others)) if each in waits]
    assert places == list(range(0, 90, 9))


def test_with_few_others_what_waits_comes_first() -> None:
    assert spread(numbers(0, 3), numbers(9, 1)) == [[0], [9], [1], [2]]
    assert spread([], numbers(9, 2)) == [[9], [10]]
    assert spread(numbers(0, 2), []) == [[0], [1]]
