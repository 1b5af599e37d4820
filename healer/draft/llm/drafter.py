"""The model drafter: which tier is asked, how often, and what becomes of its replies.

Belongs here: the course of one attempt. A provider that fails hands over to the next tier at
once; a reply that cannot be used is sent back once with the reason, then the next tier is asked;
a draft that was rejected by the judge counts as one of its tier's tries. Does not belong here:
paying (`calls`), reading (`reply`), showing (`context`).
"""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from healer.draft.llm.endpoint.breaker import Breakers
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.client import Ask
from healer.draft.llm.endpoint.clock import Clock
from healer.draft.llm.endpoint.settings import Endpoint, ModelSettings, endpoint, endpoints
from healer.draft.llm.endpoint.wire import Answer
from healer.draft.llm.investigate import investigate
from healer.draft.llm.prompts.background import History, Memory, NoHistory, NoMemory
from healer.draft.llm.prompts.context import MOST_INCIDENTS, own_frames, sections
from healer.draft.llm.prompts.prompt import again, draft_ask
from healer.draft.llm.prompts.sections import Section
from healer.draft.llm.replies.check import Checked, check, usable_test
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.reply import Parsed, parse
from healer.draft.llm.tools import Tools, TryPatch
from healer.facts.draft import (
    Case,
    Draft,
    Drafts,
    EarlierAttempt,
    Exchange,
    ExhaustedBudget,
    Source,
    total,
)
from healer.redact import Redactor

ASKS = 2
"""A tier's replies that cannot be used, in one attempt, before the next tier is asked."""


@dataclass
class _Course:
    """What one candidate's way through the tiers has brought so far."""

    exchanges: list[Exchange] = field(default_factory=list)
    checked: Checked | None = None
    drafter: str = ""
    problem: str = ""
    answered: bool = False
    stopped_by_budget: bool = False
    exhausted_budget: ExhaustedBudget = ""


class ModelDrafter:
    """Drafts fixes by asking models. Safe for several threads; `close` it at the end."""

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
        memory: Memory | None = None,
        try_patch: TryPatch | None = None,
        rng: random.Random | None = None,
        breakers: Breakers | None = None,
    ) -> None:
        """`environment` holds the API keys; `state` is the folder in which it is remembered how
        each endpoint wants to be asked (None: in memory); `try_patch` is the investigating
        tier's sandbox."""
        self._settings = settings
        self._redactor = redactor
        self._endpoints = endpoints(settings, environment)
        tier = settings.investigator
        self._investigator = endpoint(tier, settings, environment) if tier else None
        self._history = history or NoHistory()
        self._memory = memory or NoMemory()
        self._try_patch = try_patch
        self._caller = Caller(
            budget, redactor, state=state, clock=clock, rng=rng, breakers=breakers
        )

    def close(self) -> None:
        """Closes the connections."""
        self._caller.close()

    def draft(self, case: Case, source: Source) -> Drafts:
        """Candidates of the tier whose turn it is, or the reason for none."""
        if not self._endpoints and self._investigator is None:
            return Drafts(reason="no model is configured; name one in model.tiers")
        tiers = self._tiers_left(case.attempts)
        if not tiers:
            return self._investigated(case, source)
        shown, recalled = self._shown(case, source)
        ask = draft_ask(shown, self._settings.max_prompt_tokens)
        count = self._settings.candidates
        with ThreadPoolExecutor(count) as pool:
            futures = [pool.submit(self._candidate, case, source, tiers, ask) for _ in range(count)]
            courses = [_Course(exchanges=[*recalled]), *(future.result() for future in futures)]
        return self._drafts(courses, case, source)

    def _tiers_left(self, attempts: Sequence[EarlierAttempt]) -> tuple[Endpoint, ...]:
        """The tiers from the one whose turn it is; none when the attempts are used up."""
        names = [endpoint.name for endpoint in self._endpoints]
        used = [attempt.draft.drafter for attempt in attempts if attempt.draft.drafter in names]
        candidates = self._settings.candidates
        most = self._settings.max_attempts - (self._investigator is not None)
        if len(used) >= most * candidates:
            return ()
        for index, tier in enumerate(self._endpoints):
            later = any(name in used for name in names[index + 1 :])
            if not later and used.count(tier.name) < tier.tries * candidates:
                return self._endpoints[index:]
        return ()

    def _shown(self, case: Case, source: Source) -> tuple[list[Section], tuple[Exchange, ...]]:
        """The sections of the prompt, and the calls that the memory made for them."""
        frame = next(iter(own_frames(case)), None)
        change = (
            self._history.last_change(case.base, frame.file, frame.line)
            if frame is not None
            else ""
        )
        recalled = self._memory.similar(case.repair, case.failure, MOST_INCIDENTS)
        shown = sections(
            case,
            source,
            self._redactor.fresh(),
            recent_change=change,
            incidents=recalled.incidents,
        )
        return shown, recalled.exchanges

    def _investigated(self, case: Case, source: Source) -> Drafts:
        """The last attempt of a repair, by the investigating tier, once."""
        used = [attempt.draft.drafter for attempt in case.attempts]
        name = f"{self._investigator.name} (investigating)" if self._investigator else ""
        if self._investigator is None or name in used:
            return Drafts(reason="all tries of all model tiers are used")
        shown, recalled = self._shown(case, source)
        found = investigate(
            self._caller,
            self._investigator,
            shown,
            Tools(case, source, self._redactor, self._history, self._try_patch),
            max_tokens=self._settings.max_prompt_tokens,
        )
        course = _Course(
            exchanges=[*recalled, *found.exchanges],
            checked=found.checked,
            drafter=name,
            problem=self._redactor.text(found.problem),
            answered=found.answered,
            stopped_by_budget=found.stopped_by_budget,
            exhausted_budget=found.exhausted_budget,
        )
        return self._drafts([course], case, source)

    def _candidate(
        self, case: Case, source: Source, tiers: Sequence[Endpoint], first: Ask
    ) -> _Course:
        course = _Course()
        for tier in tiers:
            ask = first
            for _ in range(ASKS):
                called = self._caller.call(case.repair, tier, ask)
                course.exchanges += called.exchanges
                if called.stopped_by_budget:
                    course.problem, course.stopped_by_budget = called.problem, True
                    course.exhausted_budget = called.exhausted_budget
                    return course
                if called.answer is None:
                    course.problem = called.problem
                    break
                course.answered = True
                outcome = _judged(called.answer, case, source)
                if isinstance(outcome, Checked):
                    course.checked, course.drafter = outcome, tier.name
                    return course
                self._note(course, outcome.message)
                if called.answer.refusal:
                    break
                ask = again(first, called.answer.text, course.problem)
        return course

    def _note(self, course: _Course, problem: str) -> None:
        course.problem = self._redactor.text(problem)
        course.exchanges[-1] = course.exchanges[-1].model_copy(update={"problem": course.problem})

    def _drafts(self, courses: Sequence[_Course], case: Case, source: Source) -> Drafts:
        exchanges = tuple(exchange for course in courses for exchange in course.exchanges)
        spent = total(exchange.spent for exchange in exchanges)
        found = {
            course.checked.fingerprint: self._draft(course, course.checked.parsed, case, source)
            for course in reversed(courses)
            if course.checked and not course.checked.parsed.refusal
        }
        way_out = next(
            (c.checked.parsed for c in courses if c.checked and c.checked.parsed.refusal), None
        )
        candidates = sorted(found.values(), key=lambda draft: -draft.confidence)
        if candidates:
            return Drafts(
                candidates=tuple(_doubted(draft, way_out) for draft in candidates),
                side_by_side=len(candidates) > 1,
                spent=spent,
                exchanges=exchanges,
            )
        if way_out:
            return Drafts(
                refusal=way_out.refusal,
                reason=self._redactor.text(way_out.cause),
                spent=spent,
                exchanges=exchanges,
            )
        return Drafts(
            reason=next((course.problem for course in courses if course.problem), ""),
            stopped_by_budget=any(course.stopped_by_budget for course in courses),
            exhausted_budget=next((c.exhausted_budget for c in courses if c.exhausted_budget), ""),
            unavailable=not any(course.answered for course in courses)
            and not any(course.stopped_by_budget for course in courses),
            spent=spent,
            exchanges=exchanges,
        )

    def _draft(self, course: _Course, parsed: Parsed, case: Case, source: Source) -> Draft:
        return Draft(
            drafter=course.drafter,
            edits=parsed.edits,
            cause=self._redactor.text(parsed.cause),
            category=parsed.category,
            confidence=parsed.confidence,
            regression_test=usable_test(parsed.regression_test, case, source),
        )


def _doubted(draft: Draft, way_out: Parsed | None) -> Draft:
    """Replies to one question that disagree on whether to fix at all are weak evidence."""
    if way_out is None:
        return draft
    said = f"another reply to the same question was {way_out.refusal.replace('_', ' ')}"
    return draft.model_copy(update={"doubt": f"{said}; a person has to choose"})


def _judged(answer: Answer, case: Case, source: Source) -> Checked | Problem:
    if answer.refusal:
        return Problem(f"the model declined: {answer.refusal}")
    parsed = parse(answer.text)
    if isinstance(parsed, Problem):
        if answer.finish_reason == "length":
            return Problem("the reply was cut off at the limit of its length; answer shorter")
        return parsed
    return check(parsed, case, source)
