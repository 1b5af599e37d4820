"""What one model at one endpoint is like, learnt by one small call.

Belongs here: the probing question, and what its answer tells. Does not belong here: how an endpoint
is asked (`client`, which keeps what was learnt), and what `healer doctor` says of it.
"""

from dataclasses import dataclass, field

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.dialect import ChatRequest, Dialect, Message
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.tool_calls import Tool
from healer.facts.draft import Spent, total

_REPAIR = "doctor"
"""In the books of spending, in place of a repair."""
_TIMEOUT_S = 30.0
_READY = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
_SYSTEM = "Somebody checks whether you answer. Give the word yes, and nothing else."
_THINKING = 3
"""So many times the tokens of its words, and MORE, a model has used that thought before."""
_MORE_TOKENS = 40


@dataclass(frozen=True)
class Profile:
    """What the call has shown."""

    endpoint: Endpoint
    dialect: Dialect
    """How it wants to be asked; its context too, where the endpoint says that."""
    problem: str = ""
    """Why it did not answer; empty where it did."""
    is_passing: bool = False
    """The problem may be over later, or is the budget's: the configuration may well be right."""
    calls_tools: bool = False
    """It has called the tool that was offered; False too where none was."""
    is_thinking: bool = False
    cost: Spent = field(default_factory=Spent)


def probe(caller: Caller, endpoint: Endpoint, *, with_tools: bool = False) -> Profile:
    """Asks once, from the strictest dialect on, whatever was learnt before; `with_tools` as an
    investigator is asked."""
    quick = endpoint.model_copy(update={"timeout_s": min(endpoint.timeout_s, _TIMEOUT_S)})
    caller.forget(endpoint)
    tools = (Tool("ready", "Takes the word.", _READY),) if with_tools else ()
    request = ChatRequest(
        (Message("system", _SYSTEM), Message("user", "Ready?")),
        _READY,
        '{"word": "yes"}',
        tools,
        'Answer with {"word": "yes"}.' if with_tools else "",
    )
    result = caller.call(_REPAIR, quick, request)
    dialect, answer = caller.learn_context(endpoint), result.answer
    cost = total(exchange.spent for exchange in result.exchanges)
    if answer is None:
        is_passing = not result.refusal
        return Profile(endpoint, dialect, result.problem, is_passing, cost=cost)
    words = tokens.estimate(answer.text) + sum(tokens.estimate(c.arguments) for c in answer.calls)
    return Profile(
        endpoint,
        dialect,
        calls_tools=bool(answer.calls) and with_tools,
        is_thinking=(answer.tokens_out or 0) > _THINKING * words + _MORE_TOKENS,
        cost=cost,
    )
