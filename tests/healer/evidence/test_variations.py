"""What a fix brought is varied, and what it left as it was is not."""

import pytest

from healer.evidence.hunks import find_hunks
from healer.evidence.variations import vary_fix

HEAD = "def f(a, b, rows):\n    return "


def variations(base: str, fix: str) -> set[str]:
    """What the function gives in each of them."""
    found = vary_fix("job.py", base, fix, find_hunks(base, fix))
    return {each.content.rpartition("return ")[2].strip() for each in found}


@pytest.mark.parametrize(
    ("base", "fix", "is_varied"),
    [
        ("rows.replace(a, bb)", "rows.replace(a, b)", False),
        ("rows.relpace(a, b)", "rows.replace(a, b)", True),
        ("rwos[1:]", "rows[1:]", False),
        ("rows.first", "rows[1:]", True),
    ],
)
def test_a_call_or_a_part_is_varied_where_the_fix_brought_its_method_or_its_place(
    base: str, fix: str, *, is_varied: bool
) -> None:
    texts = variations(f"{HEAD}{base}\n", f"{HEAD}{fix}\n")
    others = {"rows.replace(a, b, 1)", "__import__('re').split(r'\\W', rows, maxsplit=1)[-1]"}
    assert bool(others & texts) is is_varied


@pytest.mark.parametrize(
    ("base", "is_varied"),
    [
        ("{**rows, 'k': a[bb]}", False),
        ("{**rows}", True),
    ],
)
def test_the_items_of_a_dict_change_places_where_the_fix_brought_one(
    base: str, *, is_varied: bool
) -> None:
    texts = variations(f"{HEAD}{base}\n", f"{HEAD}{{**rows, 'k': a[b]}}\n")
    assert ("{'k': a[b], **(rows)}" in texts) is is_varied
