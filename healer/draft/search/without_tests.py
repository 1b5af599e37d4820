"""Which edits may be drafted where only a failing command speaks for them.

Belongs here: that list. Does not belong here: how likely an edit is (`ranking`).

Without a test, whatever keeps a script from failing passes: the failing call left out, another
value put in its place. Such drafts cost a person more than they give. What stays are edits after
which the script still computes what it did, with a comparison, a bound, an order or a closely
related function changed.
"""

from healer.draft.search.variant_maker import AND

KEPT = (
    "rule", "revert", "compare", "off-by-one", "constant/int+1", "constant/int-1",
    "boolean/and to", "boolean/or to", "swap-arguments", "swap-elements", "swap-operands",
    "swap-statements", "slice/bounds", "slice/index to slice", "function/twin", "attribute/twin",
    "binary// to //", "kind/add return", "indent", "dedent",
)  # fmt: skip


def keeps_intent(shape: str) -> bool:
    """A single edit of a kind that takes nothing out and puts nothing else in."""
    return AND not in shape and shape.startswith(KEPT)
