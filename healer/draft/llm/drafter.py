"""The model drafter: which tier is asked, how often, and what becomes of its replies.

Belongs here: the course of one attempt. A provider that fails hands over to the next tier at
once; a reply that cannot be used is sent back once with the reason, then the next tier is asked, as
it is where a model says that it cannot tell; where no tier has a fix, the investigating tier looks
around. Each is told what the ones before it said. A draft that was rejected by the judge counts as
one of its tier's tries. Does not belong here: one way through the tiers (`asking`), and what is
made of several (`course`).
"""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from math import ceil
from pathlib import Path
from typing import Self

from healer.draft.from_memory import IncidentMemory, NoIncidentMemory
from healer.draft.llm.asking import UNCLEAR, Asking, MakeSections, show_answers
from healer.draft.llm.course import Course, make_drafts
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.draft_counts import choose_candidates
from healer.draft.llm.endpoint.pace import Clock, ModelBreakers
from healer.draft.llm.endpoint.settings import (
    Endpoint,
    ModelSettings,
    make_endpoint,
    make_endpoints,
)
from healer.draft.llm.investigate import investigate
from healer.draft.llm.prompts.context import MOST_INCIDENTS, list_own_frames, make_sections
from healer.draft.llm.prompts.history import History, NoHistory
from healer.draft.llm.prompts.prompt import Section
from healer.draft.llm.tools import Experiments, Tools
from healer.facts.draft import Case, Drafts, EarlierAttempt, Exchange, Purpose, Source
from healer.redact import Redactor

AGAIN = " (again)"
"""After the name of a model that gives a second opinion on its own draft."""


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
        experiments: Experiments | None = None,
        rng: random.Random | None = None,
        breakers: ModelBreakers | None = None,
    ) -> None:
        """`environment` holds the API keys; `state` is the folder in which it is remembered how
        each endpoint wants to be asked (None: in memory); `experiments` are the investigating
        tier's sandbox."""
        self._settings = settings
        self._redactor = redactor
        self._endpoints = make_endpoints(settings, environment)
        tier = settings.investigator
        self._investigator = make_endpoint(tier, settings, environment) if tier else None
        self._history = history or NoHistory()
        self._memory = memory or NoIncidentMemory()
        self._experiments = experiments
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
        if case.missing:
            return self._draft_again(case, source)
        tiers = self._tiers_in_turn(case.attempts)
        return self._ask_tiers(case, source, tiers) if tiers else self._investigate(case, source)

    def _ask_tiers(
        self, case: Case, source: Source, tiers: Sequence[Endpoint], *, is_again: bool = False
    ) -> Drafts:
        """Candidates of these tiers; of several every other one is shown all in another order, as
        who `is_again` asked is."""
        sections, exchanges = self._gather(case, source)
        count = choose_candidates(self._settings, tiers[0])
        purpose = _name_purpose(case)
        asking = Asking(self._caller, self._redactor, case, source, sections, purpose)
        with ThreadPoolExecutor(count) as pool:
            orders = [bool((number + is_again) % 2) for number in range(count)]
            askings = [replace(asking, is_reversed=is_reversed) for is_reversed in orders]
            futures = [pool.submit(each.ask, tiers) for each in askings]
            courses = [Course(exchanges=[*exchanges]), *(future.result() for future in futures)]
        if self._needs_investigation(case, courses):
            answers = [answer for course in courses for answer in course.answers]
            courses.append(self._look_around(case, source, sections, answers))
        return make_drafts(courses, case, source, self._redactor)

    def _draft_again(self, case: Case, source: Source) -> Drafts:
        """A second opinion: by a model that has no fix among those that pass every check, the
        tiers after theirs first, then the others, then the investigator; where there is no other,
        by the same one, once."""
        drafters = [each.draft.drafter for each in case.attempts if each.verdict == "fixed"]
        names = [endpoint.name for endpoint in self._endpoints]
        if len(set(drafters)) > self._settings.most_opinions:
            return Drafts(reason="as many other models were asked as model.second_opinions allows")
        last = max((names.index(name) for name in drafters if name in names), default=-1)
        tiers = (*self._endpoints[last + 1 :], *self._endpoints[: max(last, 0)])
        tiers = tuple(tier for tier in tiers if tier.name not in drafters)
        if tiers:
            return self._ask_tiers(case, source, tiers)
        if self._investigator is not None and self._investigator.name not in drafters:
            return self._investigate(case, source)
        if not self._endpoints or any(name.endswith(AGAIN) for name in drafters):
            return Drafts(reason="no other model is configured that could give a second opinion")
        drafts = self._ask_tiers(case, source, self._endpoints[-1:], is_again=True)
        name = f"{self._endpoints[-1].name}{AGAIN}"
        candidates = [draft.model_copy(update={"drafter": name}) for draft in drafts.candidates]
        return drafts.model_copy(update={"candidates": tuple(candidates)})

    def _needs_investigation(self, case: Case, courses: Sequence[Course]) -> bool:
        """Whether no tier has a fix, nor says that there is none to make, and one may look."""
        replies = [course.checked.reply for course in courses if course.checked]
        is_answered = any(reply.refusal != UNCLEAR for reply in replies)
        is_open = any(course.has_answer for course in courses) and not is_answered
        has_money = not any(course.stopped_by_budget for course in courses)
        return is_open and has_money and self._may_investigate(case)

    def _may_investigate(self, case: Case) -> bool:
        drafters = [attempt.draft.drafter for attempt in case.attempts]
        return self._investigator is not None and self._investigator_name not in drafters

    @property
    def _investigator_name(self) -> str:
        return f"{self._investigator.name} (investigating)" if self._investigator else ""

    def _tiers_in_turn(self, attempts: Sequence[EarlierAttempt]) -> tuple[Endpoint, ...]:
        """The tiers from the one whose turn it is; none when the attempts are used up."""
        names = [endpoint.name for endpoint in self._endpoints]
        drafters = [attempt.draft.drafter for attempt in attempts if attempt.draft.drafter in names]
        counts = {each.name: choose_candidates(self._settings, each) for each in self._endpoints}
        rounds = sum(ceil(drafters.count(name) / count) for name, count in counts.items())
        if rounds >= self._settings.max_attempts - (self._investigator is not None):
            return ()
        for index, tier in enumerate(self._endpoints):
            is_past = any(name in drafters for name in names[index + 1 :])
            if not is_past and drafters.count(tier.name) < tier.tries * counts[tier.name]:
                return self._endpoints[index:]
        return ()

    def _gather(self, case: Case, source: Source) -> tuple[MakeSections, tuple[Exchange, ...]]:
        """What makes the sections of the prompt, and the calls that the memory made for them."""
        frame = next(iter(list_own_frames(case)), None)
        change = self._history.last_change(case.base, frame.file, frame.line) if frame else ""
        similar = self._memory.find_similar(case.repair, case.failure, MOST_INCIDENTS)

        @cache
        def make(max_tokens: int) -> list[Section]:
            return make_sections(
                case,
                source,
                self._redactor.fresh(),
                recent_change=change,
                incidents=similar.incidents,
                max_tokens=max_tokens,
                share_data=self._settings.share_data,
            )

        return make, similar.exchanges

    def _investigate(self, case: Case, source: Source) -> Drafts:
        """The last attempt of a repair, by the investigating tier, once."""
        if not self._may_investigate(case):
            return Drafts(reason="all tries of all model tiers are used")
        sections, exchanges = self._gather(case, source)
        course = self._look_around(case, source, sections, ())
        course.exchanges = [*exchanges, *course.exchanges]
        return make_drafts([course], case, source, self._redactor)

    def _look_around(
        self, case: Case, source: Source, sections: MakeSections, answers: Sequence[str]
    ) -> Course:
        if self._investigator is None:
            raise ValueError("no model.investigator is configured")
        max_tokens = self._caller.fit(self._investigator).max_prompt_tokens
        course = investigate(
            self._caller,
            self._investigator,
            [*sections(max_tokens), *show_answers(answers, self._redactor)],
            Tools(case, source, self._redactor, self._history, self._experiments),
            max_tokens=max_tokens,
            purpose=_name_purpose(case, "investigation"),
        )
        course.drafter = self._investigator_name
        course.problem = self._redactor.text(course.problem)
        return course


def _name_purpose(case: Case, purpose: Purpose = "draft") -> Purpose:
    """What a draft is for: whoever drafts after a fix that passes every check is asked for it."""
    return "second opinion" if case.missing else purpose
