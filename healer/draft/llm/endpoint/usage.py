"""What an endpoint says that a call used: tokens, and at some what it costs.

Belongs here: the shapes of the `usage` object. All of it is read with suspicion: what is no count
or no amount is None. Does not belong here: prices (`prices`, `settings`).
"""

from collections.abc import Mapping
from typing import TypedDict

_MOST_TOKENS, _MOST_USD = 100_000_000, 10_000
"""Of one call; more is no count and no amount."""
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
        tokens_in=_read_count(counts.get("prompt_tokens")) or None,  # something was sent
        tokens_out=_read_tokens_out(counts),
        cached_tokens=_read_cached_tokens(counts),
        cost_usd=_read_whole_cost(counts),
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
    amount = _read_number(value, _MOST_TOKENS)
    return int(amount) if amount is not None and amount == int(amount) else None


def _read_whole_cost(counts: Counts) -> float | None:
    """With what the provider behind a router bills to a key of one's own, which OpenRouter's
    `cost` leaves out."""
    cost = _read_number(counts.get("cost"), _MOST_USD)
    details = counts.get("cost_details")
    if cost is None or counts.get("is_byok") is not True or not isinstance(details, dict):
        return cost
    return cost + (_read_number(details.get("upstream_inference_cost"), _MOST_USD) or 0.0)


def _read_number(value: object, most: int) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= most else None
