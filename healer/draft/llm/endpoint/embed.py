"""Vectors for texts, from an endpoint's `/embeddings`, where one is configured.

Belongs here: one paid call for one text. Does not belong here: what vectors are good for
(`healer.memory`). A call that fails brings no vector and stops nothing: words are ranked without.
"""

import math
from collections.abc import Mapping

import openai

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.endpoint.budget import Budget, Denied
from healer.draft.llm.endpoint.settings import Endpoint, ModelSettings, endpoint
from healer.draft.llm.endpoint.wire import short
from healer.facts.draft import Exchange, Spent
from healer.redact import Redactor

_LONGEST = 8_000
"""Characters; embedding models cut off at some 8,000 tokens, and a failure is told in fewer."""


class Embedder:
    """Asks the model of `model.embedding`; remembers what it was asked. `close` it at the end."""

    def __init__(
        self,
        settings: ModelSettings,
        redactor: Redactor,
        budget: Budget,
        *,
        environment: Mapping[str, str],
    ) -> None:
        tier = settings.embedding
        self._endpoint = endpoint(tier, settings, environment) if tier else None
        self._redactor, self._budget = redactor, budget
        self._client: openai.OpenAI | None = None
        self._away = False
        self.exchanges: list[Exchange] = []
        """Every call made, for the repair's costs."""

    def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            self._client.close()

    def vector(self, repair: str, text: str) -> tuple[float, ...] | None:
        """The text's vector, or None; an endpoint that failed once is not asked again."""
        place = self._endpoint
        if place is None or self._away:
            return None
        asked = self._redactor.text(text)[:_LONGEST]
        worst = place.cost_usd(tokens.at_most(asked), 0)
        reserved = self._budget.reserve(repair, place.name, worst)
        if isinstance(reserved, Denied):
            return None
        found, counted, problem = self._asked(place, asked)
        self._away = found is None
        tokens_in = tokens.estimated(asked) if counted is None else counted
        known = counted is not None and place.usd_per_million_in is not None
        failed_free = found is None and not problem.startswith("no answer")
        spent = Spent() if failed_free else Spent(
            tokens_in=tokens_in,
            cost_usd=reserved.usd if found is None else place.cost_usd(tokens_in, 0),
            cost_known=known and found is not None,
        )  # fmt: skip
        self._budget.settle(
            reserved, spent.cost_usd, tokens_in=spent.tokens_in, estimated=not spent.cost_known
        )
        self.exchanges.append(
            Exchange(model=place.name, prompt=asked, reply="", problem=problem, spent=spent)
        )
        return found

    def _asked(
        self, place: Endpoint, text: str
    ) -> tuple[tuple[float, ...] | None, int | None, str]:
        """Vector, tokens by the endpoint's count, and why there is none."""
        if self._client is None:
            self._client = openai.OpenAI(
                base_url=place.base_url, api_key=place.api_key, max_retries=0,
                timeout=place.timeout_s,
            )  # fmt: skip
        try:
            reply = self._client.embeddings.create(
                model=place.model, input=text, encoding_format="float"
            )
            found = tuple(float(value) for value in reply.data[0].embedding)
            counted = reply.usage.prompt_tokens if reply.usage else None
        except openai.APIStatusError as error:
            return None, None, self._redactor.text(short(f"HTTP {error.status_code}: {error}"))
        except (openai.OpenAIError, ValueError, TypeError, AttributeError, IndexError) as error:
            return None, None, self._redactor.text(short(f"no answer: {error}"))
        if not found or not all(map(math.isfinite, found)):
            return None, counted, "no answer: the vector is empty or not finite"
        return found, counted, ""
