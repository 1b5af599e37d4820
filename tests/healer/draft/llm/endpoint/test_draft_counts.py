"""Two drafts side by side where the budget pays for them in every attempt, else one."""

from typing import Any

import pytest

from healer.draft.llm.endpoint.draft_counts import choose_candidates
from healer.draft.llm.endpoint.settings import ModelSettings, make_endpoints

CHEAP = {"usd_per_million_in": 0.15, "usd_per_million_out": 0.6}
DEAR = {"usd_per_million_in": 3.0, "usd_per_million_out": 15.0}
FREE = {"usd_per_million_in": 0.0, "usd_per_million_out": 0.0}


@pytest.mark.parametrize(
    ("prices", "more", "count"),
    [
        (CHEAP, {}, 2),
        (CHEAP, {"budget_usd_per_repair": 0.05}, 1),
        (CHEAP, {"budget_usd_per_repair": 0.0}, 1),
        (CHEAP, {"max_attempts": 40}, 1),
        (CHEAP, {"max_prompt_tokens": 200_000}, 1),
        (DEAR, {}, 1),
        (DEAR, {"budget_usd_per_repair": 5.0}, 2),
        (DEAR, {"candidates": 3}, 3),
        (CHEAP, {"candidates": 1}, 1),
        (FREE, {}, 1),
        ({}, {}, 1),
    ],
)
def test_the_budget_says_how_many(prices: dict[str, float], more: Any, count: int) -> None:
    tier = {"model": "small", "base_url": "http://127.0.0.1:9/v1", **prices}
    settings = ModelSettings.model_validate({"tiers": [tier], **more})
    (endpoint,) = make_endpoints(settings, {})
    assert choose_candidates(settings, endpoint) == count


def test_the_worst_case_of_all_attempts_stays_within_half_of_the_budget() -> None:
    settings = ModelSettings.model_validate({"tiers": [{"model": "small", **CHEAP}]})
    (endpoint,) = make_endpoints(settings, {})
    most = endpoint.cost_usd(settings.max_prompt_tokens, settings.max_output_tokens)
    count = choose_candidates(settings, endpoint)
    assert count * settings.max_attempts * most <= settings.budget_usd_per_repair / 2
