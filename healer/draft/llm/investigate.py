"""The investigating tier: reason, act, observe, at most MOST_STEPS times.

Belongs here: the loop, and when it ends. It is asked last, when all tiers have failed with what
they were shown. Does not belong here: the tools (`tools`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from healer.draft.llm.course import Course
from healer.draft.llm.endpoint.calls import Caller
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

MOST_STEPS = 12
MOST_REPEATS = 3
"""Tool calls that were made before; so many end the investigation."""
MOST_UNUSABLE = 2
"""Replies in a row without any step in them: they end it."""
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
class _Memory:
    """The tool calls that were made."""

    steps: dict[str, int] = field(default_factory=dict)
    """The step in which each was first made."""
    repeats: int = 0
    unusable: int = 0
    """Replies one after the other that hold no step."""


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
        if memory.unusable >= MOST_UNUSABLE:
            course.problem = f"the investigation ended: {observation}"
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
    is_unreadable = isinstance(outcome, Problem) and outcome.is_unreadable
    memory.unusable = memory.unusable + 1 if is_unreadable else 0
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
