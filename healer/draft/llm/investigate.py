"""The investigating tier: reason, act, observe, at most MOST_STEPS times.

Belongs here: the loop, and when it ends. It is asked last, when all tiers have failed with what
they were shown. Does not belong here: the tools (`tools`).
"""

from dataclasses import dataclass, field

from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.client import Ask, Message
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.prompts.prompt import SHAPE, SYSTEM
from healer.draft.llm.prompts.sections import Section, joined, within
from healer.draft.llm.replies.check import Checked
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.schema import STEP
from healer.draft.llm.tools import OUTPUT_TOKENS, Step, Tools, step_of
from healer.facts.draft import Exchange, ExhaustedBudget

MOST_STEPS = 12
MOST_REPEATS = 3
"""Steps that were taken before; so many end the investigation."""

_INSTRUCTIONS = (
    SYSTEM
    + f"""
You may look around first. Each reply is one JSON object with thought (one sentence), action, \
path, text, first_line, last_line and answer; fields not needed are "", 0 or empty. action:
- read_file: path, first_line, last_line. search_text: text, found literally in all files. \
find_symbol: text, a function's or class's name. line_history: path, first_line, last_line.
- try_patch: answer with edits; they are checked in a sandbox and not kept.
- finish: answer, as described above.
There are at most {MOST_STEPS} steps; finish in time."""
)
_SHAPE = (
    '{"thought": "…", "action": "read_file", "path": "a.py", "text": "", "first_line": 1, '
    f'"last_line": 40, "answer": {SHAPE}}}'
)


@dataclass
class Investigation:
    """How an investigation ended."""

    exchanges: list[Exchange] = field(default_factory=list)
    checked: Checked | None = None
    problem: str = ""
    answered: bool = False
    stopped_by_budget: bool = False
    exhausted_budget: ExhaustedBudget = ""
    seen: dict[str, int] = field(default_factory=dict)
    """The step that each different step was first taken in."""
    repeats: int = 0


def investigate(
    caller: Caller, endpoint: Endpoint, sections: list[Section], tools: Tools, *, max_tokens: int
) -> Investigation:
    """Lets one model look around until it answers, goes round in circles, or has no steps left."""
    first = joined(within(sections, max_tokens))
    ask = Ask((Message("system", _INSTRUCTIONS), Message("user", first)), STEP, _SHAPE)
    course = Investigation(problem=f"no answer within {MOST_STEPS} steps")
    for number in range(1, MOST_STEPS + 1):
        called = caller.call(tools.repair, endpoint, ask)
        course.exchanges += called.exchanges
        course.stopped_by_budget = called.stopped_by_budget
        course.exhausted_budget = called.exhausted_budget
        if called.answer is None:
            course.problem = called.problem
            return course
        course.answered = True
        if called.answer.refusal:
            course.problem = f"the model declined: {called.answer.refusal}"
            return course
        said = _taken(step_of(called.answer.text), number, tools, course)
        if course.checked is not None:
            return course
        if course.repeats >= MOST_REPEATS:
            course.problem = "the investigation went round in circles"
            return course
        ask = _next(ask, called.answer.text, f"Step {number} of {MOST_STEPS}: {said}")
    return course


def _taken(step: Step | Problem, number: int, tools: Tools, course: Investigation) -> str:
    """Takes one step; what the model is told of it."""
    if isinstance(step, Step) and step.action == "finish":
        outcome = tools.finish(step.answer or {})
        if isinstance(outcome, Checked):
            course.checked, course.problem = outcome, ""
            return ""
        step = outcome
    if isinstance(step, Problem):
        return tools.redacted(f"this step cannot be taken: {step.message}")
    if step.key in course.seen:
        course.repeats += 1
        return f"you have this already, from step {course.seen[step.key]}"
    course.seen[step.key] = number
    brought = Section(f"what {step.action} brought", tools.use(step), OUTPUT_TOKENS, 0)
    return joined(within([brought], OUTPUT_TOKENS))


def _next(ask: Ask, reply: str, said: str) -> Ask:
    messages = (*ask.messages, Message("assistant", reply[:4_000]), Message("user", said))
    return Ask(messages, ask.schema, ask.shape)
