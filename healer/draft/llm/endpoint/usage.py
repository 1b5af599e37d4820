"""What an endpoint says that a call used: tokens, and at some what it costs.

Belongs here: the shapes of the `usage` object. All of it is read with suspicion: what is no count
or no amount is None. Does not belong here: prices (`prices`, `settings`).
"""

import math
from collections.abc import Mapping
from typing import TypedDict

Counts = Mapping[str, object]
"""A `usage` object, of which nothing is known yet."""


class Usage(TypedDict):
    """The fields of an answer that say what it used."""

    tokens_in: int | None
    tokens_out: int | None
    cached_tokens: int
    cost_usd: float | None


def read_usage(counts: Counts) -> Usage:
    """The counts of a `usage` object."""
    return Usage(
        tokens_in=_read_count(counts.get("prompt_tokens")),
        tokens_out=_read_tokens_out(counts),
        cached_tokens=_read_cached_tokens(counts),
        cost_usd=_read_cost(counts.get("cost")),
    )


def _read_tokens_out(counts: Counts) -> int | None:
    """Some count thinking only in the total."""
    tokens_in, tokens_out, both = (
        _read_count(counts.get(name))
        for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    if tokens_in is None or tokens_out is None or both is None:
        return tokens_out
    return max(tokens_out, both - tokens_in)


def _read_cached_tokens(counts: Counts) -> int:
    details = counts.get("prompt_tokens_details")
    cached_tokens = details.get("cached_tokens") if isinstance(details, dict) else None
    values = (cached_tokens, counts.get("prompt_cache_hit_tokens"))
    return next(filter(None, map(_read_count, values)), 0)


def _read_count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count and isinstance(value, int) else None


def _read_cost(value: object) -> float | None:
    is_amount = isinstance(value, int | float) and not isinstance(value, bool)
    amount = float(value) if is_amount and isinstance(value, int | float) else -1.0
    return amount if 0 <= amount < math.inf else None
