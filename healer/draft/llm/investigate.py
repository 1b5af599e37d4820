"""The investigating tier: reason, act, observe, at most MOST_STEPS times.

Belongs here: the loop, and when it ends. It is asked last, when all tiers have failed with what
they were shown. Its steps are native tool calls, several at once too, where the endpoint has them;
else JSON. Does not belong here: the tools (`tools`), and how calls are sent (`endpoint.dialect`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from healer.draft.llm.course import Course
from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.dialect import ChatRequest, Message
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.tool_calls import MOST_CALLS, Call
from healer.draft.llm.endpoint.wire import Answer
from healer.draft.llm.prompts.forms import EXAMPLE, INSTRUCTIONS
from healer.draft.llm.prompts.prompt import Section, fit_sections, join_sections
from healer.draft.llm.replies.check import CheckedReply
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.schema import TOOL_CALL
from healer.draft.llm.tools import OUTPUT_TOKENS, TOOLS, ToolCall, Tools, read_steps
from healer.facts.draft import Purpose

MOST_STEPS = 12
MOST_REPEATS = 3
"""Tool calls that were made before; so many end the investigation."""
MOST_UNUSABLE = 2
"""Replies in a row without any step in them: they end it."""
_LONGEST_ECHO = 4_000
_EXPERIMENTS = ("run", "query", "try_patch")
_MOST_EXPERIMENTS = 3
"""Of one reply; each costs a container."""

_INVESTIGATE = (
    INSTRUCTIONS
    + f"""
You may look around first with the tools, several at once too, in at most {MOST_STEPS} replies; \
look before you guess, try your patch, then finish."""
)
_MANUAL = """\
Each reply is one JSON object with thought (one sentence), action, path, text, first_line, \
last_line and answer; fields not needed are "", 0 or empty. action:
- read_file: path, first_line, last_line. search_text: text, found literally in all files. \
find_symbol: text, a function's or class's name. line_history: path, first_line, last_line.
- run: text, a command for the sandbox. query: path, first_line, and in text an expression whose \
values there are told while the failing command or test runs. Both on the code with the edits of \
answer, if it has any.
- try_patch: answer with edits; they are checked in the sandbox and not kept.
- finish: answer, as described above."""
_EXAMPLE = (
    '{"thought": "…", "action": "read_file", "path": "a.py", "text": "", "first_line": 1, '
    f'"last_line": 40, "answer": {EXAMPLE}}}'
)


@dataclass
class _Memory:
    """The tool calls that were made."""

    steps: dict[str, int] = field(default_factory=dict)
    """The reply in which each was first made."""
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
    purpose: Purpose = "investigation",
) -> Course:
    """Lets one model look around until it answers, goes round in circles, or has no steps left."""
    user = join_sections(fit_sections(sections, max_tokens))
    messages = (Message("system", _INVESTIGATE), Message("user", user))
    request = ChatRequest(messages, TOOL_CALL, _EXAMPLE, TOOLS, _MANUAL, purpose)
    course, memory = Course(problem=f"no answer within {MOST_STEPS} steps"), _Memory()
    for step in range(1, MOST_STEPS + 1):
        result = caller.call(tools.repair, endpoint, request)
        course.add(result)
        if result.answer is None:
            return course
        if result.answer.refusal:
            course.problem = f"the model declined: {result.answer.refusal}"
            return course
        observations = _take_steps(result.answer, step, tools, memory)
        if isinstance(observations, CheckedReply):
            course.checked, course.problem = observations, ""
            return course
        if memory.repeats >= MOST_REPEATS:
            course.problem = "the investigation went round in circles"
            return course
        if memory.unusable >= MOST_UNUSABLE:
            course.problem = f"the investigation ended: {observations[-1][1]}"
            return course
        request = _continue(request, result.answer, observations, step)
    return course


def _take_steps(
    answer: Answer, step: int, tools: Tools, memory: _Memory
) -> CheckedReply | list[tuple[Call | None, str]]:
    """The answer where one of the steps was the last; else what the model is told of each."""
    observations: list[tuple[Call | None, str]] = []
    experiments, steps = 0, read_steps(answer)
    is_unusable = all(isinstance(each, Problem) and each.is_unreadable for _, each in steps)
    memory.unusable = memory.unusable + 1 if is_unusable else 0
    for number, (call, outcome) in enumerate(steps):
        is_experiment = isinstance(outcome, ToolCall) and outcome.action in _EXPERIMENTS
        experiments += is_experiment
        if number >= MOST_CALLS or (is_experiment and experiments > _MOST_EXPERIMENTS):
            observations.append((call, "not done: too many calls at once; ask again"))
            continue
        observation = _take_step(outcome, step, tools, memory)
        if isinstance(observation, CheckedReply):
            return observation
        observations.append((call, observation))
    return observations


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


def _continue(
    request: ChatRequest,
    answer: Answer,
    observations: Sequence[tuple[Call | None, str]],
    step: int,
) -> ChatRequest:
    """The chat with what the model said and what came of it: a message for each native call."""
    calls = tuple(call for call, _ in observations if call)
    head = f"Step {step} of {MOST_STEPS}: "
    echo = Message("assistant", answer.text[:_LONGEST_ECHO] if not calls else "", calls)
    news = [
        Message("tool", head + text, call_id=call.id) if call else Message("user", head + text)
        for call, text in observations
    ]
    if not calls and len(news) > 1:
        news = [Message("user", "\n\n".join(message.content for message in news))]
    return replace(request, messages=(*request.messages, echo, *news))
