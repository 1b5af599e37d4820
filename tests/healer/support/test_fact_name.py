"""Any text has a name of its own that is fit for a file."""

import pytest

from healer.support.fact_name import name_fact


@pytest.mark.parametrize("name", ["../../etc", "\ud800", "a" * 10_000, "\x00", ""])
def test_any_text_is_a_name_of_its_own(name: str) -> None:
    assert name_fact(name).isalnum()
    assert name_fact(name) != name_fact(name + "x")
