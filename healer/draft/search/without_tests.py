"""Which edits may be drafted where only a failing command speaks for them.

Belongs here: that list. Does not belong here: how likely an edit is (`ranking`).

Without a test, whatever keeps a script from failing passes: the failing call left out, another
value put in its place. Such drafts cost a person more than they give. What stays are edits after
which the script still computes what it did, with a comparison, a bound, an order or a closely
related function changed.
"""

from healer.draft.search.operators.mutation import operator_of
from healer.draft.search.variant_maker import AND, REVERT, RULE

KEPT_OPERATORS = frozenset({
    RULE, REVERT, "compare", "off-by-one", "swap-arguments", "swap-elements", "swap-operands",
    "swap-statements", "indent", "dedent",
})  # fmt: skip
KEPT_SHAPES = frozenset({
    "constant/int+1", "constant/int-1", "boolean/and to or", "boolean/or to and", "slice/bounds",
    "slice/index to slice", "function/twin", "attribute/twin", "binary// to //", "kind/add return",
})  # fmt: skip


def keeps_intent(shape: str) -> bool:
    """A single edit of a kind that takes nothing out and puts nothing else in."""
    if AND in shape:
        return False
    return shape in KEPT_SHAPES or operator_of(shape) in KEPT_OPERATORS
