"""The investigating tier: reason, act, observe, at most MOST_STEPS times.

Belongs here: the loop, and when it ends. It is asked last, when all tiers have failed with what
they were shown. Does not belong here: the tools (`tools`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from healer.draft.llm.endpoint.calls import Caller, CallResult
from healer.draft.llm.endpoint.client import ChatRequest, Message
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.prompts.prompt import (
    EXAMPLE,
    INSTRUCTIONS,
    Section,
    fit_sections,
    join_sections,
)
from healer.draft.llm.replies.check import CheckedReply
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.schema import TOOL_CALL
from healer.draft.llm.tools import OUTPUT_TOKENS, ToolCall, Tools, parse_tool_call
from healer.facts.draft import Exchange, ExhaustedBudget

MOST_STEPS = 12
MOST_REPEATS = 3
"""Tool calls that were made before; so many end the investigation."""
_LONGEST_ECHO = 4_000

_INVESTIGATE = (
    INSTRUCTIONS
    + f"""
You may look around first. Each reply is one JSON object with thought (one sentence), action, \
path, text, first_line, last_line and answer; fields not needed are "", 0 or empty. action:
- read_file: path, first_line, last_line. search_text: text, found literally in all files. \
find_symbol: text, a function's or class's name. line_history: path, first_line, last_line.
- try_patch: answer with edits; they are checked in a sandbox and not kept.
- finish: answer, as described above.
There are at most {MOST_STEPS} steps; finish in time."""
)
_EXAMPLE = (
    '{"thought": "…", "action": "read_file", "path": "a.py", "text": "", "first_line": 1, '
    f'"last_line": 40, "answer": {EXAMPLE}}}'
)


@dataclass
class Course:
    """What a way through one or several models has brought so far."""

    exchanges: list[Exchange] = field(default_factory=list)
    checked: CheckedReply | None = None
    drafter: str = ""
    """The model whose reply it is."""
    problem: str = ""
    """Why there is none."""
    has_answer: bool = False
    """Some endpoint answered, whatever it said."""
    may_recover: bool = False
    """Some endpoint did not answer now, and may do so later."""
    refusals: list[str] = field(default_factory=list)
    """What endpoints will go on refusing until a person does something, one sentence each."""
    stopped_by_budget: bool = False
    exhausted_budget: ExhaustedBudget = ""

    def add(self, result: CallResult) -> None:
        """What one call has brought."""
        self.exchanges += result.exchanges
        self.stopped_by_budget = result.stopped_by_budget
        self.exhausted_budget = result.exhausted_budget
        if result.answer is not None:
            self.has_answer = True
            return
        self.problem = result.problem
        if result.refusal:
            self.refusals.append(result.problem)
        elif not result.stopped_by_budget:
            self.may_recover = True


@dataclass
class _Memory:
    """The tool calls that were made."""

    steps: dict[str, int] = field(default_factory=dict)
    """The step in which each was first made."""
    repeats: int = 0


def investigate(
    caller: Caller,
    endpoint: Endpoint,
    sections: Sequence[Section],
    tools: Tools,
    *,
    max_tokens: int,
) -> Course:
    """Lets one model look around until it answers, goes round in circles, or has no steps left."""
    user = join_sections(fit_sections(sections, max_tokens))
    messages = (Message("system", _INVESTIGATE), Message("user", user))
    request = ChatRequest(messages, TOOL_CALL, _EXAMPLE)
    course, memory = Course(problem=f"no answer within {MOST_STEPS} steps"), _Memory()
    for step in range(1, MOST_STEPS + 1):
        result = caller.call(tools.repair, endpoint, request)
        course.add(result)
        if result.answer is None:
            return course
        if result.answer.refusal:
            course.problem = f"the model declined: {result.answer.refusal}"
            return course
        observation = _take_step(parse_tool_call(result.answer.text), step, tools, memory)
        if isinstance(observation, CheckedReply):
            course.checked, course.problem = observation, ""
            return course
        if memory.repeats >= MOST_REPEATS:
            course.problem = "the investigation went round in circles"
            return course
        news = f"Step {step} of {MOST_STEPS}: {observation}"
        request = _continue(request, result.answer.text, news)
    return course


def _take_step(
    call: ToolCall | Problem, step: int, tools: Tools, memory: _Memory
) -> CheckedReply | str:
    """The answer where this was the last step; else what the model is told of it."""
    outcome: ToolCall | Problem | CheckedReply = call
    if isinstance(call, ToolCall) and call.action == "finish":
        outcome = tools.finish(call.answer)
    if isinstance(outcome, CheckedReply):
        return outcome
    if isinstance(outcome, Problem):
        return tools.redact(f"this step cannot be taken: {outcome.message}")
    if outcome.key in memory.steps:
        memory.repeats += 1
        return f"you have this already, from step {memory.steps[outcome.key]}"
    memory.steps[outcome.key] = step
    output = Section(f"what {outcome.action} brought", tools.use(outcome), OUTPUT_TOKENS, 0)
    return join_sections(fit_sections([output], OUTPUT_TOKENS))


def _continue(request: ChatRequest, reply: str, news: str) -> ChatRequest:
    more = (Message("assistant", reply[:_LONGEST_ECHO]), Message("user", news))
    return replace(request, messages=(*request.messages, *more))
