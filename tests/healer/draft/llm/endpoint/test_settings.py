"""The [model] section, and which endpoints it comes to."""

import pytest

from healer.draft.llm.endpoint.settings import ModelSettings, make_endpoints


def test_a_tier_may_have_its_own_endpoint_key_and_prices() -> None:
    settings = ModelSettings.model_validate(
        {
            "base_url": "http://a/v1",
            "api_key_env": "A",
            "timeout_s": 9,
            "tiers": [
                "small",
                {"model": "large", "base_url": "http://b/v1", "api_key_env": "B"},
                {"model": "large", "usd_per_million_in": 1, "usd_per_million_out": 2},
            ],
        }
    )
    small, large, other = make_endpoints(settings, {"A": "key-a", "B": "key-b"})
    assert (small.base_url, small.api_key, small.timeout_s) == ("http://a/v1", "key-a", 9)
    assert (large.base_url, large.api_key) == ("http://b/v1", "key-b")
    assert (other.name, other.model) == ("large@a", "large")
    assert other.cost_usd(1_000_000, 500_000) == 2.0
    assert not large.prices_known
    assert settings.key_names == ("A", "B")


def test_the_base_url_may_come_from_the_environment() -> None:
    settings = ModelSettings.model_validate({"tiers": ["m"]})
    assert make_endpoints(settings, {"OPENAI_BASE_URL": "http://x/v1"})[0].base_url == "http://x/v1"
    assert make_endpoints(settings, {})[0].base_url == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    "wrong", [{"tiers": [""]}, {"budget_usd_per_day": -1}, {"candidates": 0}, {"tier": ["m"]}]
)
def test_wrong_settings_are_errors(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="ModelSettings"):
        ModelSettings.model_validate(wrong)
