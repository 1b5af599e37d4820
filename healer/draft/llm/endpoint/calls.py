"""One paid call: budget, breaker, patience, price.

Belongs here: everything around the wire that keeps a call from costing too much or hurting an
endpoint. Does not belong here: what is asked, and which endpoint is next.

A call whose endpoint may have worked in vain (time-out, cut reply) is settled at its worst case;
one that was refused costs nothing; one without usage is estimated. Both are marked.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.endpoint.breaker import Breakers
from healer.draft.llm.endpoint.budget import Budget, Denied, Reservation
from healer.draft.llm.endpoint.client import Ask, Client
from healer.draft.llm.endpoint.clock import Clock, SystemClock
from healer.draft.llm.endpoint.formats import Manners
from healer.draft.llm.endpoint.pace import Pace
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.wire import Answer, Failed
from healer.facts.draft import Exchange, ExhaustedBudget, Spent
from healer.redact import Redactor

TRIES = 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
"""An endpoint that asks for more patience is left alone so long, and the next one is called."""


@dataclass(frozen=True)
class Called:
    """What came of a call."""

    answer: Answer | None
    exchanges: tuple[Exchange, ...]
    """One for each time the endpoint was asked; the last belongs to `answer`."""
    problem: str = ""
    stopped_by_budget: bool = False
    exhausted_budget: ExhaustedBudget = ""


class Caller:
    """Makes calls. Safe for several threads; `close` it at the end."""

    def __init__(
        self,
        budget: Budget,
        redactor: Redactor,
        *,
        state: Path | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        breakers: Breakers | None = None,
    ) -> None:
        """`state` is the folder in which it is remembered how each endpoint wants to be asked;
        None keeps that in memory. `breakers` are those of the whole process, which outlive a
        repair; None: this caller's own."""
        self._client = Client(Manners(state / "endpoints.json" if state else None))
        self._pace = Pace(state / "pace.sqlite" if state else None)
        self._budget = budget
        self._redactor = redactor
        self._clock = clock or SystemClock()
        self._rng = rng or random.Random()  # noqa: S311  (only spreads waiting times)
        self._breakers = breakers or Breakers()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
        self._pace.close()

    def call(self, repair: str, endpoint: Endpoint, ask: Ask) -> Called:
        """Asks one endpoint, again where it failed in passing, within the budgets of `repair`."""
        exchanges: list[Exchange] = []
        problem = f"{endpoint.name} is left alone after its failures"
        for attempt in range(TRIES):
            if not self._breakers.allows(endpoint.base_url, self._clock.now()):
                break
            reservation = self._budget.reserve(repair, endpoint.name, worst_case_usd(endpoint, ask))
            if isinstance(reservation, Denied):
                return Called(
                    None,
                    tuple(exchanges),
                    reservation.reason,
                    stopped_by_budget=True,
                    exhausted_budget=reservation.budget,
                )
            outcome, exchange = self._once(endpoint, ask, reservation)
            exchanges.append(exchange)
            if isinstance(outcome, Answer):
                self._breakers.succeeded(endpoint.base_url)
                return Called(outcome, tuple(exchanges))
            problem = exchange.problem
            if not self._is_worth_waiting(endpoint, outcome, attempt):
                break
        return Called(None, tuple(exchanges), problem)

    def _once(
        self, endpoint: Endpoint, ask: Ask, reservation: Reservation
    ) -> tuple[Answer | Failed, Exchange]:
        self._wait_for_turn(endpoint)
        started = self._clock.now()
        outcome = self._client.complete(endpoint, ask)
        spent = _spent(endpoint, ask, outcome, reservation).model_copy(
            update={"seconds": max(self._clock.now() - started, 0.0)}
        )
        self._budget.settle(
            reservation,
            spent.cost_usd,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            estimated=not spent.cost_known,
        )
        return outcome, self._exchange(endpoint, ask, outcome, spent)

    def _wait_for_turn(self, endpoint: Endpoint) -> None:
        now = self._clock.now()
        wait_s = self._pace.wait_s(endpoint.base_url, endpoint.calls_per_minute, now)
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def _exchange(
        self, endpoint: Endpoint, ask: Ask, outcome: Answer | Failed, spent: Spent
    ) -> Exchange:
        if isinstance(outcome, Failed):
            reply, problem = outcome.received, self._redactor.text(_storable(outcome.message))
        else:
            reply, problem = outcome.text or outcome.refusal, ""
        return Exchange(
            model=endpoint.name,
            prompt="\n\n".join(f"[{part.role}]\n{part.content}" for part in ask.messages),
            reply=_storable(reply),
            problem=problem,
            spent=spent,
        )

    def _is_worth_waiting(self, endpoint: Endpoint, failed: Failed, attempt: int) -> bool:
        """Waits as the endpoint asks, or longer each time; False where the next one is better."""
        now = self._clock.now()
        wait_s = failed.retry_after_s
        if wait_s is not None and wait_s > LONGEST_PAUSE_S:
            self._breakers.pause(endpoint.base_url, now + wait_s)
            return False
        self._breakers.failed(endpoint.base_url, now)
        if not failed.transient or attempt + 1 == TRIES:
            return False
        if wait_s is None:
            longest = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S)
            wait_s = longest * (0.5 + self._rng.random() / 2)
        self._clock.sleep(wait_s)
        return True


def worst_case_usd(endpoint: Endpoint, ask: Ask) -> float:
    """What a call costs at most: every byte of the prompt a token, and the longest reply."""
    texts = [message.content for message in ask.messages]
    return endpoint.cost_usd(
        tokens.at_most(*texts, str(ask.schema), ask.shape), endpoint.max_output_tokens
    )


def _spent(
    endpoint: Endpoint, ask: Ask, outcome: Answer | Failed, reservation: Reservation
) -> Spent:
    prompt = sum(tokens.estimated(message.content) for message in ask.messages)
    if isinstance(outcome, Failed):
        if not outcome.maybe_billed:
            return Spent()
        received = tokens.estimated(outcome.received)
        return Spent(
            tokens_in=prompt, tokens_out=received, cost_usd=reservation.usd, cost_known=False
        )
    counted = outcome.tokens_in is not None and outcome.tokens_out is not None
    tokens_in = prompt if outcome.tokens_in is None else outcome.tokens_in
    written = tokens.estimated(outcome.text) if outcome.tokens_out is None else outcome.tokens_out
    return Spent(
        tokens_in=tokens_in,
        tokens_out=written,
        cost_usd=endpoint.cost_usd(tokens_in, written),
        cost_known=counted and endpoint.prices_known,
    )


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
