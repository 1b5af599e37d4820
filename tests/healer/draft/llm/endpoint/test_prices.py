"""Prices that nobody configured: of models sold at known addresses, and of no others."""

import pytest

from healer.draft.llm.endpoint.prices import fill_prices, find_prices
from healer.draft.llm.endpoint.settings import Endpoint, ModelSettings, make_endpoints

OPENAI = "https://api.openai.com/v1"


def endpoint(base_url: str, **tier: object) -> Endpoint:
    settings = {"base_url": base_url, "tiers": [{"model": "gpt-4o-mini", **tier}]}
    return make_endpoints(ModelSettings.model_validate(settings), {})[0]


def test_a_model_at_the_address_where_it_is_sold_has_its_price() -> None:
    prices = find_prices("gpt-4o-mini", OPENAI)
    assert prices is not None
    assert 0 < prices.cached < prices.prompt < prices.reply < 10


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("gpt-4o-mini", "http://localhost:11434/v1"),
        ("gpt-4o-mini", "http://127.0.0.1:8000/v1"),
        ("gpt-4o-mini", "http://[::1]:8000/v1"),
        ("gpt-4o-mini", "http://gateway:8000/v1"),
        ("gpt-4o-mini", "http://[::1"),
        ("gpt-4o-mini", "https://models.shop.example/v1"),
        ("no-such-model-anywhere", OPENAI),
        ("gpt-4o-mini", ""),
    ],
)
def test_a_name_alone_or_an_address_alone_has_no_price(model: str, base_url: str) -> None:
    assert find_prices(model, base_url) is None


def test_configured_prices_stay_and_missing_ones_are_filled_in() -> None:
    own = endpoint(OPENAI, usd_per_million_in=1, usd_per_million_out=2)
    assert fill_prices(own) is own
    filled = fill_prices(endpoint(OPENAI))
    assert filled.prices_known
    assert filled.has_listed_prices
    assert not fill_prices(endpoint("http://localhost/v1")).prices_known


def test_cached_tokens_cost_less_where_their_price_is_known() -> None:
    filled = fill_prices(endpoint(OPENAI))
    assert filled.cost_usd(1_000, 0, cached_tokens=1_000) < filled.cost_usd(1_000, 0)
    assert filled.cost_usd(1_000, 0, cached_tokens=9_000) == filled.cost_usd(
        1_000, 0, cached_tokens=1_000
    )
    own = endpoint(OPENAI, usd_per_million_in=1, usd_per_million_out=2)
    assert own.cost_usd(1_000, 0, cached_tokens=1_000) == own.cost_usd(1_000, 0)
