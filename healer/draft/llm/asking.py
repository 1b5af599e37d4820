"""One candidate's way through the tiers: to the first fix, or to what the last one said.

Belongs here: asking a tier, shorter where its context is too small, and once more where its reply
cannot be used, in the form in which it writes edits that apply. Does not belong here: whose turn it
is (`drafter`), paying (`calls`), reading (`replies`), showing (`prompts`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from healer.draft.llm.course import Course
from healer.draft.llm.endpoint.calls import Caller, CallResult
from healer.draft.llm.endpoint.cost import count_prompt
from healer.draft.llm.endpoint.dialect import ChatRequest
from healer.draft.llm.endpoint.edit_habit import EditHabit
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.wire import Answer
from healer.draft.llm.prompts.prompt import Section, ask_again, ask_for_draft
from healer.draft.llm.replies.check import CheckedReply, check_reply
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.parse import parse_reply
from healer.draft.llm.replies.reply import ModelReply, Refusal
from healer.draft.llm.replies.schema import EditForm
from healer.facts.draft import Case, Purpose, Source
from healer.redact import Redactor

ASKS = 2
"""A tier's replies that cannot be used, in one attempt, before the next tier is asked."""
UNCLEAR: Refusal = "needs_person"
"""A way out that another model, or one that may look around, need not take."""
_SHRINKS = 2
"""So often a prompt that is too long for a tier is halved."""
_SAID_TOKENS = 300
"""Of what other models said of the same question."""
MakeSections = Callable[[int], Sequence[Section]]
"""The sections of a prompt of at most so many tokens."""


@dataclass(frozen=True)
class Asking:
    """What is asked about one failure. Safe for several threads."""

    caller: Caller
    redactor: Redactor
    case: Case
    source: Source
    sections: MakeSections
    purpose: Purpose = "draft"
    is_reversed: bool = False
    """What is shown stands in the other order, so that a draft is no copy of the one beside it."""

    def ask(self, tiers: Sequence[Endpoint]) -> Course:
        """Through these tiers, in this order."""
        course = Course()
        for tier in tiers:
            first, result = self._ask_first(tier, course)
            request = first
            for asks in range(1, ASKS + 1):
                if course.stopped_by_budget:
                    return course
                if result.answer is None:
                    break
                outcome = self._read(result.answer, request, tier)
                if isinstance(outcome, CheckedReply):
                    course.checked, course.drafter = outcome, tier.name
                    if outcome.reply.refusal != UNCLEAR:
                        return course
                    course.unclear = outcome.reply
                    course.answers.append(f"{tier.name}: unclear: {outcome.reply.cause}")
                    break
                self._note_problem(course, outcome.message)
                course.answers.append(f"{tier.name}: no usable reply: {outcome.message}")
                if result.answer.refusal or asks == ASKS:
                    break
                form = self._choose_retry(tier, request, outcome)
                request = ask_again(first, result.answer.text, course.problem, form)
                result = self.caller.call(self.case.repair, tier, request)
                course.add(result)
        return course

    def _ask_first(self, tier: Endpoint, course: Course) -> tuple[ChatRequest, CallResult]:
        """The first question to a tier, shorter where it is too long for its context."""
        max_tokens = self.caller.fit(tier).max_prompt_tokens
        form = self.caller.learn_edits(tier).form
        for shrinks in range(_SHRINKS + 1):
            parts = [*self.sections(max_tokens), *show_answers(course.answers, self.redactor)]
            parts = parts[::-1] if self.is_reversed else parts
            request = ask_for_draft(parts, max_tokens, form, self.purpose)
            result = self.caller.call(self.case.repair, tier, request)
            if result.refusal != "too_long" or shrinks == _SHRINKS:
                break
            course.exchanges += result.exchanges
            max_tokens = min(max_tokens, count_prompt(request)) // 2
        course.add(result)
        return request, result

    def _read(self, answer: Answer, request: ChatRequest, tier: Endpoint) -> CheckedReply | Problem:
        """The draft in an answer; of its form is learnt whether it applied."""
        outcome = read_draft(answer, self.case, self.source, request.form)
        learn: Callable[[EditHabit], EditHabit] | None = None
        if isinstance(outcome, CheckedReply) and outcome.reply.edits:
            form = outcome.reply.form or request.form
            learn = partial(EditHabit.after_hit, question=request.form, reply=form)
        elif isinstance(outcome, Problem) and outcome.fault:
            learn = partial(EditHabit.after_miss, question=request.form)
        if learn is not None:
            self.caller.learn_edits(tier, learn)
        return outcome

    def _choose_retry(self, tier: Endpoint, request: ChatRequest, problem: Problem) -> EditForm:
        habit = self.caller.learn_edits(tier)
        return habit.choose_retry(request.form, is_readable=problem.fault != "form")

    def _note_problem(self, course: Course, problem: str) -> None:
        course.problem = self.redactor.text(problem)
        course.exchanges[-1] = course.exchanges[-1].model_copy(update={"problem": course.problem})


def show_answers(answers: Sequence[str], redactor: Redactor) -> list[Section]:
    """What the models before this one said, as data."""
    text = redactor.text("\n".join(answers))
    return [Section("What other models said", text, _SAID_TOKENS, 4)] if answers else []


def read_draft(
    answer: Answer, case: Case, source: Source, form: EditForm = "json"
) -> CheckedReply | Problem:
    """The draft in an answer to a question that asked for edits in a form, or why there is none."""
    if answer.refusal:
        return Problem(f"the model declined: {answer.refusal}")
    reply = parse_reply(answer.text, form)
    is_whole = isinstance(reply, ModelReply) and reply.is_closed
    if answer.finish_reason == "length" and not is_whole:
        return Problem("the reply was cut off at the limit of its length; answer shorter")
    return check_reply(reply, case, source) if isinstance(reply, ModelReply) else reply
