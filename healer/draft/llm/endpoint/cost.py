"""What one call costs: at most, before it is made, and what it came to.

Belongs here: money and tokens of one call, by the endpoint's own counts where these can be true,
and by ours where not. Does not belong here: prices (`prices`, `settings`), budgets (`budget`).
"""

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.endpoint.budget import Reservation
from healer.draft.llm.endpoint.dialect import ChatRequest
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.wire import Answer, CallFailure
from healer.facts.draft import Spent


def count_prompt(request: ChatRequest) -> int:
    """About so many tokens are sent."""
    return sum(tokens.estimate(message.text) for message in request.messages)


def worst_case_usd(endpoint: Endpoint, request: ChatRequest) -> float:
    """What a call costs at most: every byte of the prompt a token, and the longest reply."""
    texts = [message.text for message in request.messages]
    tokens_in = tokens.overestimate(*texts, *request.overhead)
    return endpoint.cost_usd(tokens_in, endpoint.max_output_tokens)


def count_unpriced(endpoint: Endpoint, request: ChatRequest) -> int:
    """The tokens of a call at most, where no price limits it; else 0."""
    return 0 if endpoint.prices_known else count_prompt(request) + endpoint.max_output_tokens


def compute_cost(
    endpoint: Endpoint,
    request: ChatRequest,
    outcome: Answer | CallFailure,
    reservation: Reservation,
) -> Spent:
    prompt_tokens = count_prompt(request)
    if isinstance(outcome, CallFailure):
        if not outcome.maybe_billed:
            return Spent()
        return Spent(
            tokens_in=prompt_tokens,
            tokens_out=tokens.estimate(outcome.received),
            cost_usd=reservation.usd,
            cost_known=False,
        )
    tokens_in, tokens_out = outcome.tokens_in, outcome.tokens_out
    if tokens_out == 0 and (outcome.text or outcome.calls):
        tokens_out = None  # some proxies count nothing, and say so with noughts
    has_usage = tokens_in is not None and tokens_out is not None
    tokens_in = prompt_tokens if tokens_in is None else tokens_in
    if tokens_out is None:
        texts = [outcome.text, *(call.arguments for call in outcome.calls)]
        tokens_out = sum(map(tokens.estimate, texts))
    return Spent(
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_usd=_find_cost(endpoint, outcome, tokens_in, tokens_out),
        cost_known=(has_usage and endpoint.prices_known) or outcome.cost_usd is not None,
    )


def _find_cost(endpoint: Endpoint, answer: Answer, tokens_in: int, tokens_out: int) -> float:
    """By the configured prices; where there are none by the endpoint's own bill, and failing that
    by the kept table."""
    has_own_prices = endpoint.prices_known and not endpoint.has_listed_prices
    if answer.cost_usd is not None and not has_own_prices:
        return answer.cost_usd
    return endpoint.cost_usd(tokens_in, tokens_out, cached_tokens=answer.cached_tokens)
