"""Names that nothing outside a run can know."""

import re

from sandbox.inside.pytest_checks.sentinel_names import COPIES, PLAIN, SentinelNames


def test_no_names_are_the_default() -> None:
    assert SentinelNames() == ((), ())


def test_all_names_of_a_run_differ_and_look_like_tests() -> None:
    names = SentinelNames.choose()
    every = (*names.plain, *names.copies)
    assert (len(names.plain), len(names.copies)) == (PLAIN, COPIES)
    assert len(set(every)) == len(every)
    assert all(re.fullmatch(r"test_[0-9a-f]{6,10}", name) for name in every)


def test_no_run_can_guess_another_s() -> None:
    runs = [set(SentinelNames.choose().plain) for _ in range(20)]
    assert len(set().union(*runs)) == 20 * PLAIN
