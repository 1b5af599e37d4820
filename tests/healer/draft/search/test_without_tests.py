"""Which edits are drafted where only a failing command speaks for them."""

import pytest

from healer.draft.search.variant_maker import AND
from healer.draft.search.without_tests import keeps_intent


@pytest.mark.parametrize(
    ("shape", "keeps"),
    [
        ("binary// to //", True),
        ("binary// to *", False),
        ("compare/< to <=", True),
        ("compare/moved bound", True),
        ("boolean/or to and", True),
        ("boolean/drop or", False),
        ("off-by-one/index+", True),
        ("constant/int+1", True),
        ("constant/int to 0", False),
        ("swap-arguments/", True),
        ("drop-argument/", False),
        ("slice/bounds", True),
        ("slice/new", False),
        ("function/twin", True),
        ("function/known", False),
        ("kind/add return", True),
        ("kind/end loop", False),
        ("kind/return to yield", False),
        ("indent/", True),
        ("insert/copy Expr", False),
        ("delete/Expr", False),
        ("guard/top", False),
        ("rule/number-from-outside", True),
        ("revert/0123456789ab", True),
        (f"compare/< to <={AND}off-by-one/index+", False),
    ],
)
def test_an_edit_that_only_a_command_speaks_for_keeps_the_intent(shape: str, keeps: bool) -> None:
    assert keeps_intent(shape) is keeps
