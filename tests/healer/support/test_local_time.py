"""Moments are told in the zone that they are planned in, by its abbreviation."""

import pytest

from healer.support.local_time import format_local, to_local

SLOT = 1_700_000_000.0


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Vienna", "14 Nov 23:13 CET"),
        ("America/New_York", "14 Nov 17:13 EST"),
        ("Asia/Kathmandu", "15 Nov 03:58 +0545"),
        ("UTC", "14 Nov 22:13 UTC"),
        ("", "14 Nov 22:13 UTC"),
        ("Mars/Base", "14 Nov 22:13 UTC"),
        ("../etc/passwd", "14 Nov 22:13 UTC"),
        ("a\0b", "14 Nov 22:13 UTC"),
    ],
)
def test_a_moment_has_its_zones_abbreviation(zone: str, words: str) -> None:
    assert format_local(SLOT, zone) == words
    assert to_local(SLOT, zone).timestamp() == SLOT


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = 1_698_539_400.0  # 29 Oct 2023, 00:30 UTC
    vienna = "Europe/Vienna"
    assert format_local(first, vienna) == "29 Oct 02:30 CEST"
    assert format_local(first + 3_600, vienna) == "29 Oct 02:30 CET"
