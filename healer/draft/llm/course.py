"""What a way through one or several models has brought, and what several of them come to.

Belongs here: the sum of calls, and from it candidates, a way out, or the reason for neither. Does
not belong here: asking (`drafter`, `investigate`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from healer.draft.llm.endpoint.calls import CallResult
from healer.draft.llm.replies.check import CheckedReply, choose_test_file
from healer.draft.llm.replies.reply import ModelReply
from healer.facts.draft import Case, Draft, Drafts, Exchange, ExhaustedBudget, Source, total
from healer.redact import Redactor


@dataclass
class Course:
    """What a way through one or several models has brought so far."""

    exchanges: list[Exchange] = field(default_factory=list)
    checked: CheckedReply | None = None
    drafter: str = ""
    """The model whose reply it is."""
    problem: str = ""
    """Why there is none."""
    unclear: ModelReply | None = None
    """A model's word that it is unclear what is right; a fix by another is doubted for it."""
    answers: list[str] = field(default_factory=list)
    """What models said that had no fix, for those that are asked after them."""
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


def make_drafts(
    courses: Sequence[Course], case: Case, source: Source, redactor: Redactor
) -> Drafts:
    """Candidates of all courses, the most confident first; else a way out, or why there is none."""
    exchanges = tuple(exchange for course in courses for exchange in course.exchanges)
    costs = {"exchanges": exchanges, "spent": total(e.spent for e in exchanges)}
    replies = [course.checked.reply for course in courses if course.checked]
    replies += [course.unclear for course in courses if course.unclear]
    way_out = next((reply for reply in replies if reply.refusal), None)
    candidates = _choose_candidates(courses, case, source, redactor)
    if candidates:
        drafts = Drafts(
            candidates=tuple(_doubt_draft(draft, way_out) for draft in candidates),
            side_by_side=len(candidates) > 1,
        )
    elif way_out:
        reason = redactor.text(way_out.cause)
        drafts = Drafts(refusal=way_out.refusal, reason=reason)
    else:
        drafts = _explain_nothing(courses)
    return drafts.model_copy(update=costs)


def _choose_candidates(
    courses: Sequence[Course], case: Case, source: Source, redactor: Redactor
) -> list[Draft]:
    """Drafts that come to the same change are one, the first; the most confident leads."""
    by_change = {}
    for course in reversed(courses):
        if course.checked and not course.checked.reply.refusal:
            draft = _make_draft(course, course.checked.reply, case, source, redactor)
            by_change[course.checked.fingerprint] = draft
    return sorted(by_change.values(), key=lambda draft: -draft.confidence)


def _make_draft(
    course: Course, reply: ModelReply, case: Case, source: Source, redactor: Redactor
) -> Draft:
    return Draft(
        drafter=course.drafter,
        edits=reply.edits,
        cause=redactor.text(reply.cause),
        category=reply.category,
        confidence=reply.confidence,
        regression_test=choose_test_file(reply.regression_test, case, source),
    )


def _explain_nothing(courses: Sequence[Course]) -> Drafts:
    stopped_by_budget = any(course.stopped_by_budget for course in courses)
    refusals = dict.fromkeys(sentence for course in courses for sentence in course.refusals)
    problem = next((course.problem for course in courses if course.problem), "")
    return Drafts(
        reason="; ".join([*refusals, *({problem} - refusals.keys() - {""})]),
        stopped_by_budget=stopped_by_budget,
        exhausted_budget=next((c.exhausted_budget for c in courses if c.exhausted_budget), ""),
        unavailable=not stopped_by_budget
        and not any(course.has_answer for course in courses)
        and any(course.may_recover for course in courses),
    )


def _doubt_draft(draft: Draft, way_out: ModelReply | None) -> Draft:
    """Replies to one question that disagree on whether to fix at all are weak evidence."""
    if way_out is None:
        return draft
    reason = f"another reply to the same question was {way_out.refusal.replace('_', ' ')}"
    return draft.model_copy(update={"doubt": f"{reason}; a person has to choose"})
