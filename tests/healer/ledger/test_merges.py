"""Healer's merges prove right, or no further one is made without a person."""

import pytest

from healer.ledger.merges import NO_MERGES, MergeCount


@pytest.mark.parametrize(
    ("merged", "reverted", "is_too_wrong"),
    [
        (0, 0, False), (500, 0, False),
        (1, 1, False), (3, 1, False),  # one alone says little of the others
        (2, 2, True), (199, 2, True), (200, 2, False), (201, 2, False),
        (299, 3, True), (300, 3, False), (10_000, 100, False), (10_000, 101, True),
    ],
)  # fmt: skip
def test_more_than_one_in_a_hundred_and_more_than_one_is_too_wrong(
    merged: int, reverted: int, is_too_wrong: bool
) -> None:
    assert MergeCount(merged, reverted).is_too_wrong is is_too_wrong


def test_it_says_what_was_counted_and_where_the_limit_is() -> None:
    assert MergeCount(40, 2).describe() == (
        "2 of the 40 fixes that were merged in 30 days were taken out again, more than 1 %"
    )
    assert not NO_MERGES.is_too_wrong
