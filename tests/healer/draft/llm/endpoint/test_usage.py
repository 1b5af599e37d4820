"""What endpoints say that a call used, in every shape, and what is not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.usage import read_usage

BOTH = {"prompt_tokens": 10, "completion_tokens": 4}


@pytest.mark.parametrize(
    ("counts", "usage"),
    [
        (BOTH, (10, 4, 0, None)),
        (BOTH | {"total_tokens": 14}, (10, 4, 0, None)),
        (BOTH | {"total_tokens": 0}, (10, 4, 0, None)),
        (BOTH | {"total_tokens": 30}, (10, 20, 0, None)),
        (BOTH | {"prompt_tokens_details": {"cached_tokens": 8}}, (10, 4, 8, None)),
        (BOTH | {"prompt_tokens_details": None}, (10, 4, 0, None)),
        (BOTH | {"prompt_cache_hit_tokens": 7}, (10, 4, 7, None)),
        (BOTH | {"cost": 0.25}, (10, 4, 0, 0.25)),
        (BOTH | {"cost": 0}, (10, 4, 0, 0.0)),
        (BOTH | {"cost": float("nan")}, (10, 4, 0, None)),
        (BOTH | {"prompt_tokens": 0}, (None, 4, 0, None)),
        (BOTH | {"prompt_tokens": 10.0, "completion_tokens": 4.5}, (10, None, 0, None)),
        (BOTH | {"prompt_tokens": 10**30, "completion_tokens": 1e300}, (None, None, 0, None)),
        (BOTH | {"cost": 1e30}, (10, 4, 0, None)),
        (BOTH | {"cost": 0.01, "cost_details": {"upstream_inference_cost": 0.2}},
         (10, 4, 0, 0.01)),
        (BOTH | {"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.25}},
         (10, 4, 0, 0.26)),
        (BOTH | {"cost": 0.01, "is_byok": True, "cost_details": {"upstream_inference_cost": "x"}},
         (10, 4, 0, 0.01)),
        ({"prompt_tokens": -1, "completion_tokens": True}, (None, None, 0, None)),
        ({"completion_tokens": 4, "total_tokens": 30}, (None, 4, 0, None)),
        ({}, (None, None, 0, None)),
    ],
)  # fmt: skip
def test_each_shape_is_read(counts: dict[str, object], usage: tuple[object, ...]) -> None:
    assert tuple(read_usage(counts).values()) == usage


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
_NAMES = ("prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "cost")


@given(st.fixed_dictionaries(dict.fromkeys(_NAMES, _ANY)))
def test_nothing_is_read_as_less_than_nothing(counts: dict[str, object]) -> None:
    usage = read_usage(counts)
    assert (usage["tokens_in"] or 0) >= 0
    assert (usage["tokens_out"] or 0) >= 0
    assert usage["cached_tokens"] >= 0
    assert (usage["cost_usd"] or 0) >= 0
