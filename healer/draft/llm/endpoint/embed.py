"""Vectors for texts, from an endpoint's `/embeddings`, where one is configured.

Belongs here: one paid call for one text. Does not belong here: what vectors are good for
(`healer.memory`). A call that fails brings no vector and stops nothing: words are ranked without.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import openai

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.endpoint.budget import Budget, Denied, Reservation
from healer.draft.llm.endpoint.client import UNREADABLE, open_client
from healer.draft.llm.endpoint.settings import Endpoint, ModelSettings, make_endpoint
from healer.draft.llm.endpoint.usage import read_usage
from healer.draft.llm.endpoint.wire import shorten
from healer.facts.draft import Exchange, Spent
from healer.redact import Redactor
from healer.support.time_limit import run_within

_LONGEST = 8_000
"""Characters; embedding models cut off at some 8,000 tokens, and a failure is told in fewer."""

Vector = tuple[float, ...]


@dataclass(frozen=True)
class _Reply:
    """What the endpoint said."""

    vector: Vector | None = None
    tokens_in: int | None = None
    """By its own count; None where it gave none."""
    problem: str = ""
    """Why there is no vector."""
    maybe_billed: bool = True
    """False: it refused."""


class Embedder:
    """Asks the model of `model.embedding`; remembers what it was asked; a with-block."""

    def __init__(
        self,
        settings: ModelSettings,
        redactor: Redactor,
        budget: Budget,
        *,
        environment: Mapping[str, str],
    ) -> None:
        tier = settings.embedding
        self._endpoint = make_endpoint(tier, settings, environment) if tier else None
        self._redactor, self._budget = redactor, budget
        self._client: openai.OpenAI | None = None
        self._is_away = False
        self._exchanges: list[Exchange] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            self._client.close()

    def embed(self, repair: str, text: str) -> Vector | None:
        """The text's vector, or None; an endpoint that failed once is not asked again."""
        endpoint = self._endpoint
        if endpoint is None or self._is_away:
            return None
        text = self._redactor.text(text)[:_LONGEST]
        worst_usd = endpoint.cost_usd(tokens.overestimate(text), 0)
        has_price = endpoint.usd_per_million_in is not None
        reservation = self._budget.reserve(
            repair,
            endpoint.name,
            worst_usd,
            unpriced_tokens=0 if has_price else tokens.estimate(text),
        )
        if isinstance(reservation, Denied):
            return None
        reply = self._ask(endpoint, text)
        self._is_away = reply.vector is None
        cost = _compute_cost(endpoint, text, reply, reservation)
        self._budget.settle(
            reservation, cost.cost_usd, tokens_in=cost.tokens_in, is_estimate=not cost.cost_known
        )
        problem = self._redactor.text(reply.problem)
        self._exchanges.append(
            Exchange(
                model=endpoint.name,
                purpose="similar failures",
                prompt=text,
                reply="",
                problem=problem,
                spent=cost,
            )
        )
        return reply.vector

    def take_exchanges(self) -> list[Exchange]:
        """The calls made since they were taken last, for the repair's costs."""
        exchanges, self._exchanges = self._exchanges, []
        return exchanges

    def _ask(self, endpoint: Endpoint, text: str) -> _Reply:
        try:
            client = self._client = self._client or open_client(endpoint)
            reply = run_within(
                2 * endpoint.timeout_s,
                lambda: client.embeddings.create(
                    model=endpoint.model,
                    input=text,
                    encoding_format="float",
                    timeout=endpoint.timeout_s,
                ),
            )
            vector = tuple(float(value) for value in reply.data[0].embedding)
            tokens_in = read_usage(reply.usage.model_dump() if reply.usage else {})["tokens_in"]
        except openai.APIStatusError as error:
            problem = shorten(f"HTTP {error.status_code}: {error}")
            return _Reply(problem=problem, maybe_billed=False)
        except (*UNREADABLE, TimeoutError, AttributeError, IndexError) as error:
            return _Reply(problem=shorten(f"no answer: {error}"))
        if not vector or not all(map(math.isfinite, vector)):
            problem = "no answer: the vector is empty or not finite"
            return _Reply(tokens_in=tokens_in, problem=problem)
        return _Reply(vector, tokens_in)


def _compute_cost(endpoint: Endpoint, text: str, reply: _Reply, reservation: Reservation) -> Spent:
    if not reply.maybe_billed:
        return Spent()
    tokens_in = tokens.estimate(text) if reply.tokens_in is None else reply.tokens_in
    if reply.vector is None:
        return Spent(tokens_in=tokens_in, cost_usd=reservation.usd, cost_known=False)
    has_price = reply.tokens_in is not None and endpoint.usd_per_million_in is not None
    return Spent(
        tokens_in=tokens_in, cost_usd=endpoint.cost_usd(tokens_in, 0), cost_known=has_price
    )
