"""The constants that somebody may have written in place of one."""

import pytest

from healer.judge.other_constants import find_other_constants


@pytest.mark.parametrize(
    ("value", "others"),
    [
        (True, ("False",)),
        (3, ("4", "2")),
        (0.5, ("1.5", "-0.5")),
        ("net", ("'net?'",)),
        (b"net", ("b'net?'",)),
        ("utf-8", ("'latin-1'",)),
        ("Latin1", ("'cp1252'",)),
        ("ignore", ("'strict'", "'replace'")),
        ("%d/%m/%Y", ("'%m/%d/%Y'",)),
        (None, ()),
    ],
)
def test_a_constant_has_others_of_its_kind(value: object, others: tuple[str, ...]) -> None:
    assert find_other_constants(value) == others
