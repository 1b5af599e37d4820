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


def test_a_key_is_used_without_the_line_end_that_a_file_gave_it() -> None:
    settings = ModelSettings.model_validate({"tiers": ["m"]})
    keys = ("sk-x\n", " sk-x ", "sk-x")
    ready = [make_endpoints(settings, {"OPENAI_API_KEY": key})[0].api_key for key in keys]
    assert ready == ["sk-x"] * 3


@pytest.mark.parametrize(
    "wrong", [{"tiers": [""]}, {"budget_usd_per_day": -1}, {"candidates": 0}, {"tier": ["m"]}]
)
def test_wrong_settings_are_errors(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="ModelSettings"):
        ModelSettings.model_validate(wrong)


def test_a_model_may_be_named_alone_or_in_a_table() -> None:
    settings = ModelSettings.model_validate({"tiers": ["m", {"model": "m"}], "reviewer": "n"})
    assert settings.tiers[0] == settings.tiers[1]
    assert settings.reviewer is not None
    assert settings.reviewer.model == "n"


def test_without_tiers_there_is_no_endpoint_and_no_error() -> None:
    assert make_endpoints(ModelSettings(), {}) == ()


def test_one_model_at_two_endpoints_has_two_names_and_twice_at_one_has_one() -> None:
    tiers = [
        {"model": "m", "base_url": "http://a/v1"},
        {"model": "m", "base_url": "http://b:8080/v1"},
        {"model": "m", "base_url": "http://b:8080/v1", "timeout_s": 1},
    ]
    endpoints = make_endpoints(ModelSettings.model_validate({"tiers": tiers}), {})
    assert [endpoint.name for endpoint in endpoints] == ["m", "m@b:8080"]
    assert [endpoint.model for endpoint in endpoints] == ["m", "m"]


def test_every_key_that_may_be_a_secret_is_named() -> None:
    settings = ModelSettings.model_validate(
        {
            "api_key_env": "A",
            "tiers": ["m", {"model": "n", "api_key_env": "C"}],
            "embedding": {"model": "v", "api_key_env": "B"},
        }
    )
    assert settings.key_names == ("A", "B", "C")


def test_a_key_is_not_shown_where_an_endpoint_is() -> None:
    settings = ModelSettings.model_validate({"tiers": ["m"], "api_key_env": "KEY"})
    (endpoint,) = make_endpoints(settings, {"KEY": "s3cret"})
    assert endpoint.api_key == "s3cret"
    assert "s3cret" not in repr(endpoint)
    assert make_endpoints(settings, {})[0].api_key == "none"


@pytest.mark.parametrize(
    ("prices", "known", "usd"),
    [
        ({}, False, 0.0),
        ({"usd_per_million_in": 1}, False, 2.0),
        ({"usd_per_million_in": 1, "usd_per_million_out": 3}, True, 5.0),
        ({"usd_per_million_in": 0, "usd_per_million_out": 0}, True, 0.0),
    ],
)
def test_a_cost_is_known_where_both_prices_are(
    prices: dict[str, float], known: bool, usd: float
) -> None:
    settings = ModelSettings.model_validate({"tiers": [{"model": "m", **prices}]})
    (endpoint,) = make_endpoints(settings, {})
    assert endpoint.prices_known == known
    assert endpoint.cost_usd(2_000_000, 1_000_000) == usd


def test_a_tiers_own_limits_go_before_those_of_the_section() -> None:
    settings = ModelSettings.model_validate(
        {"timeout_s": 9, "calls_per_minute": 3,
         "tiers": ["m", {"model": "n", "timeout_s": 1, "calls_per_minute": 2, "tries": 5}]}
    )  # fmt: skip
    first, second = make_endpoints(settings, {})
    assert (first.timeout_s, first.calls_per_minute, first.tries) == (9, 3, 2)
    assert (second.timeout_s, second.calls_per_minute, second.tries) == (1, 2, 5)
