"""One paid call: budget, breaker, patience.

Belongs here: everything around the wire that keeps a call from costing too much or hurting an
endpoint. Does not belong here: what is asked, which endpoint is next, and what a call costs
(`cost`).

A call whose endpoint may have worked in vain (time-out, cut reply) is settled at its worst case;
one that was refused costs nothing; one without usage is estimated. Both are marked.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from healer.draft.llm.endpoint.budget import Budget, Denied, Reservation
from healer.draft.llm.endpoint.client import Client
from healer.draft.llm.endpoint.cost import (
    compute_cost,
    count_prompt,
    count_unpriced,
    worst_case_usd,
)
from healer.draft.llm.endpoint.dialect import ChatRequest, Dialect
from healer.draft.llm.endpoint.dialect_memory import DialectMemory
from healer.draft.llm.endpoint.edit_habit import EditHabit
from healer.draft.llm.endpoint.pace import Clock, ModelBreakers, Pace, SystemClock
from healer.draft.llm.endpoint.prices import fill_prices
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.wire import Answer, CallFailure, Refusal
from healer.draft.llm.replies.jsontext import drop_thinking
from healer.facts.draft import Exchange, ExhaustedBudget, Spent
from healer.redact import Redactor
from healer.support.circuit_breaker import CircuitBreaker

TRIES = 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
"""An endpoint that asks for more patience is left alone so long, and the next one is called."""
_MORE_OUTPUT = 4
"""So many times the limit is given, once, to a model that used all of it and said nothing: it
thinks before it speaks, and both count."""
_MOST_OUTPUT = 32_768
_FEWEST_COUNTED = 0.5
"""Of the tokens that we estimate; an endpoint that counts fewer has cut the prompt."""
_SHORTEST_CHECKED = 2_000
"""Tokens from which on an estimate is good enough to say so."""


@dataclass(frozen=True)
class CallResult:
    """What came of a call."""

    answer: Answer | None
    exchanges: tuple[Exchange, ...]
    """One for each time the endpoint was asked; the last belongs to `answer`."""
    problem: str = ""
    stopped_by_budget: bool = False
    exhausted_budget: ExhaustedBudget = ""
    refusal: Refusal = ""
    """Not empty: the same call will be refused again; `problem` says what helps."""


class Caller:
    """Makes calls; a with-block. Safe for several threads."""

    def __init__(
        self,
        budget: Budget,
        redactor: Redactor,
        *,
        state: Path | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        breakers: ModelBreakers | None = None,
    ) -> None:
        """`state` is the folder in which it is remembered how each endpoint wants to be asked;
        None keeps that in memory. Turns are booked where the money is, if that is shared.
        `breakers` are the process's; None: this caller's own."""
        self._memory = DialectMemory(state / "endpoints.json" if state else None)
        self._client = Client(self._memory)
        self._pace = Pace(budget.tables or (state / "pace.sqlite" if state else None))
        self._budget = budget
        self._redactor = redactor
        self._clock = clock or SystemClock()
        self._rng = rng or random.Random()  # noqa: S311  (only spreads waiting times)
        self._breakers = breakers or ModelBreakers()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
        self._pace.close()

    def fit(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with limits that fit what was learnt of it."""
        return self._client.fit(endpoint)

    def learn_edits(
        self, endpoint: Endpoint, learn: Callable[[EditHabit], EditHabit] = lambda habit: habit
    ) -> EditHabit:
        """In which form it is asked for edits, after what a reply has taught."""
        return self._memory.learn_edits(endpoint, learn)

    def forget(self, endpoint: Endpoint) -> None:
        """How it wants to be asked is found out anew."""
        self._client.forget(endpoint)

    def learn_context(self, endpoint: Endpoint) -> Dialect:
        """All that is known of how it wants to be asked, with the context that it tells."""
        return self._client.learn_context(endpoint)

    def call(self, repair: str, endpoint: Endpoint, request: ChatRequest) -> CallResult:
        """Asks one endpoint, again where it failed in passing, within the budgets of `repair`."""
        exchanges: list[Exchange] = []
        endpoint = fill_prices(self._client.fit(endpoint))
        breaker = self._breakers.breaker_of(endpoint.base_url, endpoint.model)
        problem = f"{endpoint.name} is left alone for now, after: {breaker.reason}"
        refusal: Refusal = ""
        has_grown = False
        for attempt in range(TRIES):
            if not breaker.allow_request(self._clock.now()):
                break
            reservation = self._budget.reserve(
                repair,
                endpoint.name,
                worst_case_usd(endpoint, request),
                unpriced_tokens=count_unpriced(endpoint, request),
            )
            if isinstance(reservation, Denied):
                return CallResult(
                    None,
                    tuple(exchanges),
                    reservation.reason,
                    stopped_by_budget=True,
                    exhausted_budget=reservation.budget,
                )
            outcome, exchange = self._ask(endpoint, request, reservation)
            exchanges.append(exchange)
            if isinstance(outcome, Answer):
                breaker.record_success()
                longer = None if has_grown else self._give_room(endpoint, outcome)
                if longer is not None and attempt + 1 < TRIES:
                    endpoint, has_grown = longer, True
                    continue
                if has_grown and has_said_something(outcome):
                    self._client.grow_limit(endpoint, endpoint.max_output_tokens)
                return CallResult(outcome, tuple(exchanges), refusal=_find_cut(request, outcome))
            problem, refusal = exchange.problem, outcome.refusal
            if outcome.is_rate_limit:
                problem = self._redactor.text(explain_rate_limit(endpoint, outcome, problem))
            if not self._wait_after(outcome, breaker, attempt, problem):
                break
        if refusal:
            problem = self._redactor.text(explain_refusal(endpoint, refusal, problem))
        return CallResult(None, tuple(exchanges), problem, refusal=refusal)

    def _give_room(self, endpoint: Endpoint, answer: Answer) -> Endpoint | None:
        """The endpoint with a higher limit, where it used all of its own and said nothing."""
        if answer.finish_reason != "length" or has_said_something(answer):
            return None
        limit = min(endpoint.max_output_tokens * _MORE_OUTPUT, _MOST_OUTPUT)
        longer = self._client.limit_output(endpoint.model_copy(update={"max_output_tokens": limit}))
        return longer if longer.max_output_tokens > endpoint.max_output_tokens else None

    def _ask(
        self, endpoint: Endpoint, request: ChatRequest, reservation: Reservation
    ) -> tuple[Answer | CallFailure, Exchange]:
        self._wait_for_turn(endpoint)
        start_s = self._clock.now()
        outcome = self._client.complete(endpoint, request)
        seconds = max(self._clock.now() - start_s, 0.0)
        cost = compute_cost(endpoint, request, outcome, reservation)
        cost = cost.model_copy(update={"seconds": seconds})
        self._budget.settle(
            reservation,
            cost.cost_usd,
            tokens_in=cost.tokens_in,
            tokens_out=cost.tokens_out,
            is_estimate=not cost.cost_known,
        )
        return outcome, self._record(endpoint, request, outcome, cost)

    def _wait_for_turn(self, endpoint: Endpoint) -> None:
        now = self._clock.now()
        wait_s = self._pace.book(endpoint.base_url, endpoint.calls_per_minute, now)
        if wait_s > 0:
            self._clock.sleep(wait_s)

    def _record(
        self, endpoint: Endpoint, request: ChatRequest, outcome: Answer | CallFailure, cost: Spent
    ) -> Exchange:
        if isinstance(outcome, CallFailure):
            reply, problem = outcome.received, self._redactor.text(_to_storable(outcome.message))
        else:
            calls = "\n".join(f"{call.name} {call.arguments}" for call in outcome.calls)
            reply, problem = outcome.text or outcome.refusal or calls, ""
        return Exchange(
            model=endpoint.name,
            purpose=request.purpose,
            prompt="\n\n".join(f"[{part.role}]\n{part.text}" for part in request.messages),
            reply=_to_storable(reply),
            problem=problem,
            spent=cost,
        )

    def _wait_after(
        self, failure: CallFailure, breaker: CircuitBreaker, attempt: int, problem: str
    ) -> bool:
        """Waits as the endpoint asks, or longer each time; False where the next one is better."""
        now = self._clock.now()
        wait_s = failure.retry_after_s
        if wait_s is not None and wait_s > LONGEST_PAUSE_S:
            breaker.pause_until(now + wait_s, problem)
            return False
        if not failure.refusal:  # what is asked next may well be answered
            breaker.record_failure(now, problem)
        if not failure.transient or attempt + 1 == TRIES:
            return False
        if wait_s is None:
            longest_s = min(FIRST_PAUSE_S * 2**attempt, LONGEST_PAUSE_S)
            wait_s = longest_s * (0.5 + self._rng.random() / 2)
        self._clock.sleep(wait_s)
        return True


def has_said_something(answer: Answer) -> bool:
    """Whether there is more in it than what the model thought."""
    return bool(answer.calls) or (not answer.is_reasoning and bool(drop_thinking(answer.text)))


def _find_cut(request: ChatRequest, answer: Answer) -> Refusal:
    """`too_long` where the endpoint counts far fewer tokens than it was sent: some cut a prompt
    that is longer than their context, say nothing, and answer what is left."""
    sent_tokens = count_prompt(request)
    tokens_in = answer.tokens_in
    if (
        not tokens_in
        or sent_tokens < _SHORTEST_CHECKED
        or tokens_in >= _FEWEST_COUNTED * sent_tokens
    ):
        return ""
    return "too_long"


def explain_refusal(endpoint: Endpoint, refusal: Refusal, problem: str) -> str:
    """What was refused and what helps, with the endpoint's own words at the end."""
    model, where = endpoint.model, endpoint.base_url
    name = endpoint.api_key_env or "the key's variable"
    sentences: dict[Refusal, str] = {
        "key": f"{where} refuses the key for {model}; set {name} to a key that is valid there",
        "payment": f"{where} wants to be paid before {model} answers; "
        "look at the account's credit and limits there",
        "access": f"{where} does not let this key use {model}; "
        "give the key that right there, or name another model in [model] tiers",
        "model": f"{where} knows no model {model}, or is the wrong address; "
        "look at [model] tiers and base_url",
        "too_long": f"the prompt is too long for {model} at {where}; "
        "set max_prompt_tokens of its tier to what its context holds",
        "form": f"{where} refuses what {model} is asked; see what it says, then look at the tier's "
        "reasoning_effort, extra_body, max_output_tokens and base_url",
    }
    return f"{sentences[refusal]} ({problem})"


def explain_rate_limit(endpoint: Endpoint, failure: CallFailure, problem: str) -> str:
    """That it was asked too often, and what helps, with the endpoint's own words at the end."""
    wait_s = failure.retry_after_s
    again = f", and wants to be left alone for {wait_s:.0f} s" if wait_s else ""
    return (
        f"{endpoint.base_url} limits how often {endpoint.model} is asked{again}; if that comes "
        f"often, lower [model] calls_per_minute, or raise the limit there ({problem})"
    )


def _to_storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
