"""The model drafter: which tier is asked, how often, and what becomes of its replies.

Belongs here: the course of one attempt. A provider that fails hands over to the next tier at
once; a reply that cannot be used is sent back once with the reason, then the next tier is asked;
a draft that was rejected by the judge counts as one of its tier's tries. Does not belong here:
paying (`calls`), reading (`reply`), showing (`context`).
"""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from healer.draft.from_memory import IncidentMemory, NoIncidentMemory
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.calls import Caller, CallResult, count_prompt
from healer.draft.llm.endpoint.client import ChatRequest
from healer.draft.llm.endpoint.pace import Clock, ModelBreakers
from healer.draft.llm.endpoint.settings import (
    Endpoint,
    ModelSettings,
    make_endpoint,
    make_endpoints,
)
from healer.draft.llm.endpoint.wire import Answer
from healer.draft.llm.investigate import Course, investigate
from healer.draft.llm.prompts.context import MOST_INCIDENTS, list_own_frames, make_sections
from healer.draft.llm.prompts.history import History, NoHistory
from healer.draft.llm.prompts.prompt import Section, ask_again, ask_for_draft
from healer.draft.llm.replies.check import CheckedReply, check_reply, choose_test_file
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.parse import parse_reply
from healer.draft.llm.replies.reply import ModelReply
from healer.draft.llm.tools import Tools, TryPatch
from healer.facts.draft import Case, Draft, Drafts, EarlierAttempt, Exchange, Source, total
from healer.redact import Redactor

ASKS = 2
"""A tier's replies that cannot be used, in one attempt, before the next tier is asked."""
_SHRINKS = 2
"""So often a prompt that is too long for a tier is halved."""


class ModelDrafter:
    """Drafts fixes by asking models; a with-block. Safe for several threads."""

    name = "model"

    def __init__(
        self,
        settings: ModelSettings,
        redactor: Redactor,
        budget: Budget,
        *,
        environment: Mapping[str, str],
        state: Path | None = None,
        clock: Clock | None = None,
        history: History | None = None,
        memory: IncidentMemory | None = None,
        try_patch: TryPatch | None = None,
        rng: random.Random | None = None,
        breakers: ModelBreakers | None = None,
    ) -> None:
        """`environment` holds the API keys; `state` is the folder in which it is remembered how
        each endpoint wants to be asked (None: in memory); `try_patch` is the investigating
        tier's sandbox."""
        self._settings = settings
        self._redactor = redactor
        self._endpoints = make_endpoints(settings, environment)
        tier = settings.investigator
        self._investigator = make_endpoint(tier, settings, environment) if tier else None
        self._history = history or NoHistory()
        self._memory = memory or NoIncidentMemory()
        self._try_patch = try_patch
        self._caller = Caller(
            budget, redactor, state=state, clock=clock, rng=rng, breakers=breakers
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._caller.close()

    def draft(self, case: Case, source: Source) -> Drafts:
        """Candidates of the tier whose turn it is, or the reason for none."""
        if not self._endpoints and self._investigator is None:
            return Drafts(reason="no model is configured; name one in model.tiers")
        tiers = self._tiers_in_turn(case.attempts)
        if not tiers:
            return self._investigate(case, source)
        sections, exchanges = self._gather(case, source)
        count = self._settings.candidates
        with ThreadPoolExecutor(count) as pool:
            futures = [pool.submit(self._ask, case, source, tiers, sections) for _ in range(count)]
            courses = [Course(exchanges=[*exchanges]), *(future.result() for future in futures)]
        return self._make_drafts(courses, case, source)

    def _tiers_in_turn(self, attempts: Sequence[EarlierAttempt]) -> tuple[Endpoint, ...]:
        """The tiers from the one whose turn it is; none when the attempts are used up."""
        names = [endpoint.name for endpoint in self._endpoints]
        drafters = [attempt.draft.drafter for attempt in attempts if attempt.draft.drafter in names]
        candidates = self._settings.candidates
        most = self._settings.max_attempts - (self._investigator is not None)
        if len(drafters) >= most * candidates:
            return ()
        for index, tier in enumerate(self._endpoints):
            is_past = any(name in drafters for name in names[index + 1 :])
            if not is_past and drafters.count(tier.name) < tier.tries * candidates:
                return self._endpoints[index:]
        return ()

    def _gather(self, case: Case, source: Source) -> tuple[list[Section], tuple[Exchange, ...]]:
        """The sections of the prompt, and the calls that the memory made for them."""
        frame = next(iter(list_own_frames(case)), None)
        change = self._history.last_change(case.base, frame.file, frame.line) if frame else ""
        similar = self._memory.find_similar(case.repair, case.failure, MOST_INCIDENTS)
        sections = make_sections(
            case,
            source,
            self._redactor.fresh(),
            recent_change=change,
            incidents=similar.incidents,
        )
        return sections, similar.exchanges

    def _investigate(self, case: Case, source: Source) -> Drafts:
        """The last attempt of a repair, by the investigating tier, once."""
        drafters = [attempt.draft.drafter for attempt in case.attempts]
        name = f"{self._investigator.name} (investigating)" if self._investigator else ""
        if self._investigator is None or name in drafters:
            return Drafts(reason="all tries of all model tiers are used")
        sections, exchanges = self._gather(case, source)
        course = investigate(
            self._caller,
            self._investigator,
            sections,
            Tools(case, source, self._redactor, self._history, self._try_patch),
            max_tokens=self._investigator.max_prompt_tokens,
        )
        course.exchanges = [*exchanges, *course.exchanges]
        course.drafter, course.problem = name, self._redactor.text(course.problem)
        return self._make_drafts([course], case, source)

    def _ask(
        self, case: Case, source: Source, tiers: Sequence[Endpoint], sections: Sequence[Section]
    ) -> Course:
        """One candidate's way through the tiers."""
        course = Course()
        for tier in tiers:
            first, result = self._ask_first(case, tier, sections, course)
            for asks in range(1, ASKS + 1):
                if course.stopped_by_budget:
                    return course
                if result.answer is None:
                    break
                outcome = _read(result.answer, case, source)
                if isinstance(outcome, CheckedReply):
                    course.checked, course.drafter = outcome, tier.name
                    return course
                self._note_problem(course, outcome.message)
                if result.answer.refusal or asks == ASKS:
                    break
                again = ask_again(first, result.answer.text, course.problem)
                result = self._caller.call(case.repair, tier, again)
                course.add(result)
        return course

    def _ask_first(
        self, case: Case, tier: Endpoint, sections: Sequence[Section], course: Course
    ) -> tuple[ChatRequest, CallResult]:
        """The first question to a tier, shorter where it is too long for its context."""
        max_tokens = tier.max_prompt_tokens
        for shrinks in range(_SHRINKS + 1):
            request = ask_for_draft(sections, max_tokens)
            result = self._caller.call(case.repair, tier, request)
            if result.refusal != "too_long" or shrinks == _SHRINKS:
                break
            course.exchanges += result.exchanges
            max_tokens = min(max_tokens, count_prompt(request)) // 2
        course.add(result)
        return request, result

    def _note_problem(self, course: Course, problem: str) -> None:
        course.problem = self._redactor.text(problem)
        course.exchanges[-1] = course.exchanges[-1].model_copy(update={"problem": course.problem})

    def _make_drafts(self, courses: Sequence[Course], case: Case, source: Source) -> Drafts:
        exchanges = tuple(exchange for course in courses for exchange in course.exchanges)
        costs = {"exchanges": exchanges, "spent": total(e.spent for e in exchanges)}
        replies = [course.checked.reply for course in courses if course.checked]
        way_out = next((reply for reply in replies if reply.refusal), None)
        candidates = self._choose_candidates(courses, case, source)
        if candidates:
            drafts = Drafts(
                candidates=tuple(_doubt_draft(draft, way_out) for draft in candidates),
                side_by_side=len(candidates) > 1,
            )
        elif way_out:
            reason = self._redactor.text(way_out.cause)
            drafts = Drafts(refusal=way_out.refusal, reason=reason)
        else:
            drafts = _explain_nothing(courses)
        return drafts.model_copy(update=costs)

    def _choose_candidates(
        self, courses: Sequence[Course], case: Case, source: Source
    ) -> list[Draft]:
        """Drafts that come to the same change are one, the first; the most confident leads."""
        by_change = {
            course.checked.fingerprint: self._make_draft(course, course.checked.reply, case, source)
            for course in reversed(courses)
            if course.checked and not course.checked.reply.refusal
        }
        return sorted(by_change.values(), key=lambda draft: -draft.confidence)

    def _make_draft(self, course: Course, reply: ModelReply, case: Case, source: Source) -> Draft:
        return Draft(
            drafter=course.drafter,
            edits=reply.edits,
            cause=self._redactor.text(reply.cause),
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


def _read(answer: Answer, case: Case, source: Source) -> CheckedReply | Problem:
    if answer.refusal:
        return Problem(f"the model declined: {answer.refusal}")
    reply = parse_reply(answer.text)
    is_whole = isinstance(reply, ModelReply) and reply.is_closed
    if answer.finish_reason == "length" and not is_whole:
        return Problem("the reply was cut off at the limit of its length; answer shorter")
    return check_reply(reply, case, source) if isinstance(reply, ModelReply) else reply
