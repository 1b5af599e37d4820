"""The line that a failure follows: examine, draft, quarantine, prove, land, tell, close.

Belongs here: the order of the steps and what ends a repair. Does not belong here: what a step
does (`examine`, `steps`, `prove`, `tell`). Every step is checkpointed; between two steps this
function only decides from their results, so that it decides the same after a crash.
"""

import time
from collections.abc import Iterator
from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import StepFailed, step, workflow
from healer.evidence.baseline import examine
from healer.evidence.gather import prove
from healer.evidence.model_review import ask_reviewer, reads_the_same
from healer.evidence.own_test import CheckedDraft, check_own_test
from healer.facts.draft import Draft, Drafter, Drafts, Review, total
from healer.facts.progress import Progress
from healer.facts.repair import (
    Attempt,
    Baseline,
    Judged,
    Outcome,
    QuarantinedPatch,
    Request,
    Result,
)
from healer.judge import Verdict, apply_objection
from healer.repair import propose
from healer.repair.close import close
from healer.repair.land import Landing, land
from healer.repair.rivals import Agreement, Together, agreement, prove_all, strongest_first
from healer.services import Services, current_services
from quarantine.candidate import Candidate

CANDIDATES = 6
"""Of one round of drafting, how many are proved; more would be search, which is the drafter's."""
LANDINGS = 3
"""How often a moved tip is followed before a person is asked."""

NO_ENDPOINT = "healer doctor says whether the endpoint answers; then the same command again"
NO_CANDIDATE = Judged(verdict=Verdict(kind="forbidden", reasons=("there is no candidate",)))


@workflow("repair", Request, Result)
def repair(request: Request) -> Result:
    """Follows one repair to its end."""
    line = RepairWorkflow(request, current_services())
    try:
        return line.follow()
    except StepFailed as failed:
        if failed.is_news:
            line.stopped(failed.__cause__)
        raise


class RepairWorkflow:
    """One repair under way. Its attributes hold only what steps have given."""

    def __init__(self, request: Request, services: Services) -> None:
        self.request, self.services = request, services
        self.attempts: list[Attempt] = []
        self.rounds: list[Drafts] = []
        self.tip: str | None = None
        """The commit that the quarantine branch points to."""
        self.examined = Baseline()
        self._shown_at = time.monotonic()

    def follow(self) -> Result:
        """From failure to outcome."""
        self.examined = step("examine", Baseline, self._examine)
        ending = self._ending_before_drafting() or self._heal()
        return step("close", Result, partial(self._close, ending))

    def _examine(self) -> Baseline:
        self._show("baseline", "running")
        found = examine(self.request, self.services)
        self._show("baseline", "pass", found.reason or _what_failed(found))
        return found

    def _close(self, ending: Outcome) -> Result:
        result = close(
            self.request, self.examined, self.attempts, ending, self.services, rounds=self.rounds
        )
        said = f"{result.outcome}: {result.reason}"
        self._show("outcome", "note", said, result.seconds, result.cost_usd)
        return result

    def _ending_before_drafting(self) -> Outcome | None:
        examined = self.examined
        if examined.healthy:
            return Outcome(outcome="healthy", reason=examined.reason)
        if examined.stop is not None:
            return Outcome(
                outcome=examined.stop, reason=examined.reason, next_step=examined.next_step
            )
        return None

    def _heal(self) -> Outcome:
        """Drafts and proves until something holds, or nothing is left to try."""
        reason = "no attempt was allowed"
        for number in range(1, self.request.attempts + 1):
            drafts = self._drafts(number)
            self.rounds.append(drafts)
            if drafts.stopped_by_budget:
                said = f"stopped by budget: {drafts.reason}"
                return Outcome(outcome="gave_up", reason=said, stopped_by_budget=True)
            if drafts.refusal:
                said = drafts.refusal.replace("_", " ")
                return Outcome(outcome="escalated", reason=f"{said}: {drafts.reason}")
            if not drafts.candidates:
                tried = f"no draft passed; the last: {reason}; " if self.attempts else ""
                step_now = NO_ENDPOINT if drafts.unavailable else ""
                return Outcome(outcome="gave_up", reason=tried + drafts.reason, next_step=step_now)
            for attempt in self._attempts(number, drafts):
                if attempt.verdict.kind == "unjudged":
                    return Outcome(outcome="unjudged", reason=attempt.verdict.sentence)
                if attempt.verdict.kind == "fixed":
                    return self._conclude(attempt, self._doubt(number, drafts, attempt))
                reason = attempt.verdict.sentence
        return Outcome(outcome="gave_up", reason=f"no draft passed; the last: {reason}")

    def _drafts(self, number: int) -> Drafts:
        """Of the first drafter that has any, in the configured order; each is a step of its own,
        so that a model that does not answer costs no search again."""
        asked: list[tuple[str, Drafts]] = []
        for place, drafter in enumerate(self.services.drafters(self.request)):
            name = f"draft {number} {drafter.name}" if place else f"draft {number}"
            drafts = step(name, Drafts, partial(self._draft, drafter))
            asked.append((drafter.name, drafts))
            if drafts.candidates or drafts.refusal or drafts.stopped_by_budget:
                break
        return propose.joined(asked)

    def _draft(self, drafter: Drafter) -> Drafts:
        self._show("draft", "running", drafter.name)
        drafts = propose.draft(drafter, self.request, self.examined, self.attempts, self.services)
        found = ", ".join(c.rule or c.drafter for c in drafts.candidates[:3]) or drafts.reason
        state = "pass" if drafts.candidates else "fail"
        self._show("draft", state, found, cost_usd=drafts.spent.cost_usd)
        return drafts

    def _attempts(self, number: int, drafts: Drafts) -> Iterator[Attempt]:
        if drafts.side_by_side:
            yield from self._side_by_side(number, drafts)
            return
        for index, draft in enumerate(drafts.candidates[:CANDIDATES]):
            label = f"{number}.{index + 1}"
            proposed = self._proposed(label, draft)
            proved = NO_CANDIDATE
            if proposed.candidate is not None:
                proved = step(f"prove {label}", Judged, partial(self._prove, proposed))
            attempt = self._attempted(label, proposed, proved, drafts if index == 0 else None)
            self.attempts.append(attempt)
            yield attempt

    def _side_by_side(self, number: int, drafts: Drafts) -> list[Attempt]:
        """All candidates of one question, checked at the same time; the strongest first."""
        labels = [f"{number}.{n}" for n in range(1, len(drafts.candidates[:CANDIDATES]) + 1)]
        pairs = zip(labels, drafts.candidates, strict=False)
        proposals = [self._proposed(label, draft) for label, draft in pairs]
        ready = [proposed for proposed in proposals if proposed.candidate]
        together = step(f"prove {number}", Together, partial(self._prove_all, ready))
        proved = iter(together.proved)
        found = [
            self._attempted(
                label,
                proposed,
                next(proved) if proposed.candidate else NO_CANDIDATE,
                drafts if place == 0 else None,
            )
            for place, (label, proposed) in enumerate(zip(labels, proposals, strict=True))
        ]
        ordered = strongest_first(found)
        self.attempts += reversed(ordered)  # what is shown, approved and merged is the last one
        if ordered[0].candidate:
            self._point_at(number, ordered[0].candidate)
        return ordered

    def _point_at(self, number: int, candidate: Candidate) -> None:
        """The quarantine branch follows the choice among several candidates."""
        before, self.tip = self.tip, candidate.commit
        point = partial(propose.point, candidate, before, self.services)
        step(f"choose {number}", Candidate, point)

    def _proposed(self, label: str, draft: Draft) -> QuarantinedPatch:
        """The draft in quarantine, with its own test only where that tells fix from fault."""
        if draft.regression_test is None:
            sound = CheckedDraft(draft=draft)
        else:
            sound = step(
                f"test {label}",
                CheckedDraft,
                lambda: check_own_test(self.request, draft, self.services),
            )
        quarantined = step(
            f"quarantine {label}", QuarantinedPatch, lambda: self._quarantine(sound.draft)
        )
        if quarantined.candidate:
            self.tip = quarantined.candidate.commit
        return quarantined.model_copy(update={"dropped": sound.dropped})

    def _attempted(
        self, label: str, proposed: QuarantinedPatch, proved: Judged, drafts: Drafts | None
    ) -> Attempt:
        """The attempt with its verdict, after the reviewer's; `drafts` is what it cost to draft."""
        verdict, spent, exchanges = proved.verdict, [], []
        if drafts is not None:
            spent, exchanges = [drafts.spent], [*drafts.exchanges]
        if proposed.candidate is None:
            verdict = Verdict(kind="forbidden", reasons=(proposed.refused,))
        elif verdict.kind == "fixed":
            ask = partial(self._review, proposed, proved)
            review = step(f"review {label}", Review, ask)
            verdict = apply_objection(verdict, review.objection, review.reason)
            spent.append(review.spent)
            exchanges += review.exchanges
        return Attempt(
            draft=proposed.draft,
            candidate=proposed.candidate,
            verdict=verdict,
            report=proved.report,
            findings=proposed.findings,
            protected=proposed.protected,
            notify=proposed.notify,
            spent=total(spent),
            exchanges=tuple(exchanges),
        )

    def _review(self, proposed: QuarantinedPatch, proved: Judged) -> Review:
        review = ask_reviewer(self.request, self.examined, proposed, proved, self.services)
        if review.objection != "none":
            self._show("review", "fail", review.reason)
        return review

    def _quarantine(self, draft: Draft) -> QuarantinedPatch:
        proposed = propose.quarantine(
            self.request, self.examined.failure, draft, self.tip, self.services
        )
        state = "fail" if proposed.refused else "pass"
        where = proposed.candidate.branch if proposed.candidate else proposed.refused
        self._show("quarantine", state, where)
        return proposed

    def _prove(self, proposed: QuarantinedPatch) -> Judged:
        self._show("check", "running")
        proved = prove(self.request, self.examined, proposed, self.services)
        for check in proved.verdict.checks:
            self._show(check.name, check.status, check.detail, check.seconds)
        return proved

    def _prove_all(self, ready: list[QuarantinedPatch]) -> Together:
        return prove_all(ready, self._prove)

    def _doubt(self, number: int, drafts: Drafts, attempt: Attempt) -> str:
        """Why a person has to look at a fix that passed everything, or nothing."""
        doubt = doubt_of(drafts, attempt.draft)
        rivals = self.attempts[-len(drafts.candidates[:CANDIDATES]) :]
        fixed = [each for each in rivals if each.verdict.kind == "fixed" and each is not attempt]
        if doubt or not drafts.side_by_side or not fixed:
            return doubt
        ask = partial(agreement, self.request, self.examined, [attempt, *fixed], self.services)
        return step(f"compare {number}", Agreement, ask).doubt

    def _conclude(self, attempt: Attempt, doubt: str) -> Outcome:
        """A fixed candidate: merged when nothing speaks against it, else a person decides."""
        if attempt.protected:
            return Outcome(outcome="escalated", reason=attempt.protected, notify=attempt.notify)
        against = doubt or self._against_merging(attempt)
        if against:
            return Outcome(outcome="review", reason=against)
        with hold_merge_lock(self.services.repository.state_dir, self._wait_for_another):
            return self._land(attempt)

    def _wait_for_another(self) -> None:
        self._show("merge", "running", "another merge of this repository comes first")

    def _against_merging(self, attempt: Attempt) -> str:
        if not attempt.verdict.strong:
            return f"the evidence is weak: {attempt.verdict.sentence}"
        if self.examined.review_only:
            return self.examined.review_only
        return "" if self.request.merge else "merging was not asked for (--no-merge)"

    def _land(self, attempt: Attempt) -> Outcome:
        candidate = attempt.candidate
        if candidate is None:
            raise ValueError("an attempt without a candidate cannot have been fixed")
        for number in range(1, LANDINGS + 1):
            onto = partial(land, self.request, attempt, candidate, self.services)
            landing = step(f"merge {number}", Landing, onto)
            if landing.merged:
                self._show("merge", "pass", landing.merged[:12])
                return Outcome(
                    outcome="healed",
                    reason=f"the fix was checked and merged into {self.request.target}",
                    merged=landing.merged,
                    checkout=landing.checkout,
                )
            if landing.moved is None:
                self._show("merge", "fail", landing.refused)
                return Outcome(outcome="review", reason=landing.refused)
            candidate = landing.moved
            again = partial(self._prove_moved, attempt, candidate)
            proved = step(f"prove again {number}", Judged, again)
            attempt, verdict = self._reviewed_again(number, attempt, candidate, proved)
            if verdict.kind != "fixed" or not verdict.strong:
                reason = f"{self.request.target} has moved, and there: {verdict.sentence}"
                return Outcome(outcome="review", reason=reason)
        reason = f"{self.request.target} moved {LANDINGS} times while the fix was checked"
        return Outcome(outcome="review", reason=reason)

    def _reviewed_again(
        self, number: int, attempt: Attempt, moved: Candidate, proved: Judged
    ) -> tuple[Attempt, Verdict]:
        """The reviewer's word on the change as it is on the new tip, where it reads otherwise
        than the one that was reviewed; and the attempt with what that cost."""
        reviewed = attempt.candidate.diff if attempt.candidate else ""
        if proved.verdict.kind != "fixed" or reads_the_same(reviewed, moved.diff):
            return attempt, proved.verdict
        proposed = QuarantinedPatch(draft=attempt.draft, candidate=moved)
        review = step(f"review again {number}", Review, partial(self._review, proposed, proved))
        costs = {
            "spent": total([attempt.spent, review.spent]),
            "exchanges": (*attempt.exchanges, *review.exchanges),
        }
        paid = attempt.model_copy(update=costs)
        self.attempts = [paid if each is attempt else each for each in self.attempts]
        return paid, apply_objection(proved.verdict, review.objection, review.reason)

    def _prove_moved(self, attempt: Attempt, moved: Candidate) -> Judged:
        """The same checks on the new tip, against a baseline of the new tip."""
        request = self.request.model_copy(update={"base": moved.base})
        proposed = QuarantinedPatch(draft=attempt.draft, candidate=moved, findings=attempt.findings)
        return prove(request, self.examined, proposed, self.services)

    def stopped(self, why: BaseException | None) -> None:
        """Says for the daemon's log why the repair does not go on for now."""
        self._show("stopped", "note", f"{why}")

    def _show(
        self, name: str, state: str, detail: str = "", seconds: float = 0.0, cost_usd: float = 0.0
    ) -> None:
        """Without `seconds` of its own, a step has taken the time since the last one was shown."""
        now = time.monotonic()
        taken, self._shown_at = seconds or now - self._shown_at, now
        failure = self.examined.failure or self.request.failure
        self.services.progress(
            Progress(
                repair=self.request.repair,
                step=name,
                state=state,
                detail=detail,
                seconds=taken,
                fingerprint=failure.fingerprint if failure else "",
                cost_usd=cost_usd,
            )
        )


def doubt_of(drafts: Drafts, draft: Draft) -> str:
    """Why this draft may not be merged by itself, as its drafter says; or nothing."""
    if drafts.ambiguity:
        first = drafts.ambiguity[0]
        answers = " or ".join(dict.fromkeys(first.results))
        return (
            f"{len(drafts.candidates)} fixes pass every check and behave differently: for "
            f"{first.given} the result is {answers}; a person has to choose"
        )
    return draft.doubt


def _what_failed(examined: Baseline) -> str:
    failure = examined.failure
    if failure is None or failure.raised is None:
        return "the failure was seen" if examined.reproduced else "the failure was not seen"
    first_line = failure.raised.message.partition("\n")[0]
    said = f"{failure.raised.type}: {first_line}"
    return said if examined.reproduced else f"not reproduced: {said}"
