"""One paid call brings a vector; one that fails brings none, and stops nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.embed import Embedder
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.redact import Redactor
from tests.support.endpoint import Reply, ScriptedEndpoint, error

PRICED = {"model": "vectors", "usd_per_million_in": 2.0}


@contextmanager
def embedding(
    reply: Reply | None = None, tier: Any = PRICED, budget_usd: float = 1.0
) -> Iterator[tuple[Embedder, ScriptedEndpoint, Budget]]:
    with ScriptedEndpoint() as endpoint:
        endpoint.embedding = reply
        settings = ModelSettings.model_validate({"base_url": endpoint.base_url, "embedding": tier})
        with (
            Budget(None, usd_per_repair=budget_usd, usd_per_day=9) as budget,
            Embedder(settings, Redactor(), budget, environment={}) as embedder,
        ):
            yield embedder, endpoint, budget


def test_texts_with_the_same_words_have_near_vectors() -> None:
    with embedding() as (embedder, _, _):
        one, same, other = (embedder.embed("r", t) for t in ("a b c", "c b a", "x y z"))
    assert one is not None
    assert one == same != other
    assert len(one) == 64


def test_a_call_is_paid_and_recorded_and_taken_once() -> None:
    with embedding() as (embedder, _, budget):
        embedder.embed("r", "KeyError: total")
        (exchange,) = embedder.take_exchanges()
        assert exchange.purpose == "similar failures"
        assert embedder.take_exchanges() == []
        (entry,) = budget.entries()
    assert (exchange.model, exchange.prompt, exchange.problem) == ("vectors", "KeyError: total", "")
    assert exchange.spent.cost_known
    assert exchange.spent.cost_usd == pytest.approx(exchange.spent.tokens_in * 2e-6)
    assert (entry.settled, entry.estimated, entry.tokens_in) == (
        True, False, exchange.spent.tokens_in
    )  # fmt: skip


def test_a_secret_does_not_reach_the_endpoint() -> None:
    with embedding() as (embedder, endpoint, _):
        embedder.embed("r", "password=hunter2hunter2 " + "x" * 20_000)
    sent = endpoint.requests[0].body["input"]
    assert "hunter2" not in sent
    assert len(sent) <= 8_000


@pytest.mark.parametrize(
    ("reply", "cost_usd", "says"),
    [
        (error(404, "no such model"), 0.0, "HTTP 404"),
        (error(500, "oops"), 0.0, "HTTP 500"),
        (Reply(body="{}"), 1e-6, "no answer"),
        (Reply(body="<html>"), 1e-6, "no answer"),
        (Reply(body=json.dumps({"data": [{"embedding": []}]})), 1e-6, "empty or not finite"),
        (Reply(body='{"data": [{"embedding": [1.0, NaN]}]}'), 1e-6, "empty or not finite"),
        (Reply(body=json.dumps({"data": [{"embedding": ["x"]}]})), 1e-6, "no answer"),
    ],
)
def test_an_endpoint_that_fails_brings_no_vector_and_is_not_asked_again(
    reply: Reply, cost_usd: float, says: str
) -> None:
    with embedding(reply) as (embedder, endpoint, budget):
        assert embedder.embed("r", "a") is None
        assert embedder.embed("r", "b") is None
        assert len(endpoint.requests) == 1
        (exchange,) = embedder.take_exchanges()
        assert says in exchange.problem
        assert (exchange.spent.cost_usd > 0) == (cost_usd > 0)
        assert exchange.spent.cost_known == (not cost_usd)
        assert sum(entry.usd for entry in budget.entries()) == pytest.approx(
            exchange.spent.cost_usd
        )


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    with embedding(tier="vectors") as (embedder, _, _):
        assert embedder.embed("r", "a") is not None
        (exchange,) = embedder.take_exchanges()
    assert not exchange.spent.cost_known


def test_past_the_budget_no_call_is_made() -> None:
    with embedding(budget_usd=0.0) as (embedder, endpoint, _):
        assert embedder.embed("r", "a") is None
        assert embedder.take_exchanges() == []
    assert endpoint.requests == []


def test_where_no_model_is_set_there_are_no_vectors() -> None:
    with embedding(tier=None) as (embedder, endpoint, _):
        assert embedder.embed("r", "a") is None
    assert endpoint.requests == []


def test_a_model_without_a_price_is_limited_by_its_tokens() -> None:
    settings = ModelSettings.model_validate({"base_url": "http://127.0.0.1:1/v1", "embedding": "m"})
    with (
        Budget(None, usd_per_repair=1, usd_per_day=1, tokens_per_repair=3) as budget,
        Embedder(settings, Redactor(), budget, environment={}) as embedder,
    ):
        assert embedder.embed("r", "many words in this text") is None
        assert embedder.take_exchanges() == []


@pytest.mark.parametrize("count", [-5, 10**30, 0, True])
def test_a_count_that_cannot_be_true_is_not_believed(count: object) -> None:
    data = [{"object": "embedding", "index": 0, "embedding": [0.5, 0.5]}]
    body = json.dumps({"data": data, "usage": {"prompt_tokens": count, "total_tokens": count}})
    with embedding(Reply(body=body)) as (embedder, _, budget):
        assert embedder.embed("r", "KeyError: total") == (0.5, 0.5)
        (entry,) = budget.entries()
    assert 0 < entry.tokens_in < 20
    assert entry.estimated
