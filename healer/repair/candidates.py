"""From one round of drafts to attempts: each is quarantined, proved, and reviewed where it holds.

Belongs here: the steps of a candidate, one after the other or side by side, and the quarantine
branch that follows them. Does not belong here: how often is drafted and what ends a repair
(`workflow`), or what a step does (`propose`, `healer.evidence`).
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from healer.engine.workflows import step
from healer.evidence.gather import prove
from healer.evidence.model_review import ask_reviewer
from healer.evidence.own_test import CheckedDraft, check_own_test
from healer.facts.draft import Draft, Drafts, Review, total
from healer.facts.repair import Attempt, Baseline, Judged, QuarantinedPatch, Request
from healer.judge import Verdict, apply_objection
from healer.repair import propose
from healer.repair.leave_test import LeftTest, add_test, leave_test
from healer.repair.question import ask_question
from healer.repair.report_progress import ProgressReporter
from healer.repair.rivals import JudgedTogether, prove_together, strongest_first
from healer.services import Services
from quarantine.candidate import Candidate, quarantine_branch
from quarantine.git import NOBODY

CANDIDATES = 6
"""Of one round of drafting, how many are proved; more would be search, which is the drafter's."""
NO_CANDIDATE = Judged(verdict=Verdict(kind="forbidden", reasons=("there is no candidate",)))


class LeftBranch(NamedTuple):
    """What an earlier run of the same repair, which was cut short and is begun anew, left."""

    name: str
    commit: str
    is_ours: bool
    """False: somebody has committed there since."""


def find_left_branch(request: Request, services: Services) -> LeftBranch | None:
    """The quarantine branch of a repair that has not drafted anything yet; None: there is none."""
    name = quarantine_branch(request.script, request.repair)
    tip = services.repository.tip(name)
    if tip is None:
        return None
    commit = services.repository.objects.read_commit(tip)
    has_trailer = f"Healer-Repair: {request.repair}" in commit.message.splitlines()
    return LeftBranch(name, tip, is_ours=has_trailer and commit.author == NOBODY)


class Candidates:
    """The candidates of one repair. What it keeps, steps have given."""

    def __init__(self, request: Request, services: Services, progress: ProgressReporter) -> None:
        self._request, self._services, self._progress = request, services, progress
        self.baseline = Baseline()
        """What is known before anything is drafted."""
        self.attempts: list[Attempt] = []
        """The one that is shown, approved and merged is the last one with a candidate."""
        self._tip: str | None = None
        """The commit that the quarantine branch points to."""

    def try_drafts(self, number: int, drafts: Drafts) -> Iterator[Attempt]:
        """The attempts of one round, each as soon as it is judged."""
        if drafts.side_by_side:
            yield from self._side_by_side(number, drafts)
            return
        for index, draft in enumerate(drafts.candidates[:CANDIDATES]):
            label = f"{number}.{index + 1}"
            patch = self._quarantine(label, draft)
            judgement = NO_CANDIDATE
            if patch.candidate is not None:
                judgement = step(f"prove {label}", Judged, partial(self._prove, patch))
            attempt = self._judge(label, patch, judgement, drafts if index == 0 else None)
            self.attempts.append(attempt)
            yield attempt

    def review(self, patch: QuarantinedPatch, judgement: Judged) -> Review:
        """The reviewer's word on a fix that passed every check."""
        review = ask_reviewer(self._request, self.baseline, patch, judgement, self._services)
        if review.objection != "none":
            self._progress.show("review", "fail", review.reason)
        return review

    def add_review(self, attempt: Attempt, review: Review) -> Attempt:
        """The attempt with what another review of it cost, in the place of the one without."""
        costs = {
            "spent": total([attempt.spent, review.spent]),
            "exchanges": (*attempt.exchanges, *review.exchanges),
        }
        complete = attempt.model_copy(update=costs)
        self.attempts = [complete if each is attempt else each for each in self.attempts]
        return complete

    def with_all_exchanges(self, attempt: Attempt) -> Attempt:
        """The attempt with what every attempt of the repair was asked and answered."""
        exchanges = [exchange for each in self.attempts for exchange in each.exchanges]
        return attempt.model_copy(update={"exchanges": tuple(exchanges)})

    def _side_by_side(self, number: int, drafts: Drafts) -> list[Attempt]:
        """All candidates of one question, checked at the same time; the strongest first."""
        choice = drafts.candidates[:CANDIDATES]
        labels = [f"{number}.{index}" for index in range(1, len(choice) + 1)]
        patches = [self._quarantine(*pair) for pair in zip(labels, choice, strict=True)]
        ready = [patch for patch in patches if patch.candidate]
        prove_ready = partial(prove_together, ready, self._prove)
        together = iter(step(f"prove {number}", JudgedTogether, prove_ready).proved)
        attempts = [
            self._judge(
                label,
                patch,
                next(together) if patch.candidate else NO_CANDIDATE,
                drafts if place == 0 else None,
            )
            for place, (label, patch) in enumerate(zip(labels, patches, strict=True))
        ]
        by_strength = strongest_first(attempts)
        self.attempts += reversed(by_strength)
        if by_strength[0].candidate:
            self._choose(number, by_strength[0].candidate)
        return by_strength

    def try_pin(self, number: int, drafts: Drafts, attempt: Attempt) -> Attempt | None:
        """The round's pin of packages, proved beside an attempt that holds; the attempt stays the
        one that is shown, unless the pin is proved to be right. None where the round has none."""
        draft = next((each for each in drafts.candidates if each.pins), None)
        if draft is None or attempt.candidate is None:
            return None
        label = f"{number}.pin"
        patch = self._quarantine(label, draft)
        judgement = NO_CANDIDATE
        if patch.candidate is not None:
            judgement = step(f"prove {label}", Judged, partial(self._prove, patch))
        pin = self._judge(label, patch, judgement, None)
        self.attempts.append(pin)
        if not pin.verdict.strong:
            self.prefer(number, attempt, attempt)
        return pin

    def prefer(self, number: int, attempt: Attempt, better: Attempt) -> None:
        """From now on the attempt, as `better` has it, is the one that is shown and merged."""
        others = [each for each in self.attempts if each is not attempt]
        is_last = attempt is self.attempts[-1]
        self.attempts = [*others, better]
        if better.candidate and not is_last:
            self._choose(number, better.candidate)

    def leave_test(self, attempt: Attempt, rounds: Iterable[Drafts]) -> Attempt:
        """The attempt with a test of the recorded case in its commit, or with a question, where one
        can be written."""
        drafts = [draft for each in rounds for draft in each.candidates]
        outcome = step("leave test", LeftTest, partial(self._leave_test, attempt, drafts))
        if outcome.candidate:
            self._tip = outcome.candidate.commit
        complete = add_test(attempt, outcome)
        self.attempts = [complete if each is attempt else each for each in self.attempts]
        return complete

    def _leave_test(self, attempt: Attempt, drafts: Iterable[Draft]) -> LeftTest:
        outcome = leave_test(self._request, self.baseline, attempt, drafts, self._services)
        if outcome.test or outcome.why:
            detail = f"leaves {outcome.test.path}" if outcome.test else f"no test: {outcome.why}"
            self._progress.show("regression", "pass" if outcome.test else "skipped", detail)
        return outcome

    def _choose(self, number: int, candidate: Candidate) -> None:
        """The quarantine branch follows the choice among several candidates."""
        before, self._tip = self._tip, candidate.commit
        point = partial(propose.choose_candidate, candidate, before, self._services)
        step(f"choose {number}", Candidate, point)

    def _quarantine(self, label: str, draft: Draft) -> QuarantinedPatch:
        """The draft in quarantine, with its own test only where that tells fix from fault."""
        check = CheckedDraft(draft=draft)
        if draft.regression_test is not None:
            check_test = partial(check_own_test, self._request, draft, self._services)
            check = step(f"test {label}", CheckedDraft, check_test)
        write = partial(self._write, check.draft)
        patch = step(f"quarantine {label}", QuarantinedPatch, write)
        if patch.candidate:
            self._tip = patch.candidate.commit
        test = {"dropped": check.dropped, "reproduction": check.reproduction}
        return patch.model_copy(update=test)

    def _write(self, draft: Draft) -> QuarantinedPatch:
        failure = self.baseline.failure
        branch = find_left_branch(self._request, self._services) if self._tip is None else None
        if branch is not None and not branch.is_ours:
            sentence = f"somebody has committed to {branch.name}; merge or delete it"
            return QuarantinedPatch(draft=draft, refused=sentence)
        before = branch.commit if branch else self._tip
        patch = propose.quarantine(self._request, failure, draft, before, self._services)
        where = patch.candidate.branch if patch.candidate else patch.refused
        self._progress.show("quarantine", "fail" if patch.refused else "pass", where)
        return patch

    def _prove(self, patch: QuarantinedPatch) -> Judged:
        with self._progress.show_work("check", "the fix, in the sandbox"):
            judgement = prove(self._request, self.baseline, patch, self._services)
        self._progress.show_checks(judgement.verdict)
        return judgement

    def _judge(
        self, label: str, patch: QuarantinedPatch, judgement: Judged, drafts: Drafts | None
    ) -> Attempt:
        """The attempt with its verdict, after the reviewer's; `drafts` is what it cost to draft."""
        verdict, cost, exchanges = judgement.verdict, [], []
        if drafts is not None:
            cost, exchanges = [drafts.spent], [*drafts.exchanges]
        if patch.candidate is None:
            verdict = Verdict(kind="forbidden", reasons=(patch.refused,))
        elif verdict.kind == "fixed":
            review = step(f"review {label}", Review, partial(self.review, patch, judgement))
            verdict = apply_objection(verdict, review.objection, review.reason)
            cost.append(review.spent)
            exchanges += review.exchanges
        return Attempt(
            draft=patch.draft,
            candidate=patch.candidate,
            verdict=verdict,
            report=judgement.report,
            question=ask_question(verdict, judgement.evidence),
            findings=patch.findings,
            protected=patch.protected,
            protected_paths=patch.protected_paths,
            notify=patch.notify,
            reproduction=patch.reproduction,
            spent=total(cost),
            exchanges=tuple(exchanges),
        )
