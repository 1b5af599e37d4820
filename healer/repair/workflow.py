"""The line that a failure follows: examine, draft, quarantine, prove, land, tell, close.

Belongs here: the order of the steps and what ends a repair. Does not belong here: what a step
does (`healer.evidence`, `propose`, `candidates`, `land`, `close`). Every step is checkpointed;
between two steps this only decides from their results, so that it decides the same after a crash.
"""

from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import step, workflow
from healer.evidence.baseline import examine
from healer.evidence.gather import prove
from healer.evidence.model_review import reads_the_same
from healer.evidence.wrong_ends import escalate, is_wrong_end
from healer.facts.draft import Draft, Drafter, Drafts, Review
from healer.facts.repair import (
    Attempt,
    Baseline,
    FinishedRepair,
    Judged,
    Outcome,
    QuarantinedPatch,
    Request,
    Result,
)
from healer.facts.suspect import Suspect
from healer.judge import apply_objection
from healer.repair import propose
from healer.repair.candidates import CANDIDATES, Candidates
from healer.repair.close import close
from healer.repair.ends import (
    OtherEnd,
    end_before_drafting,
    end_without_candidates,
    find_other_end,
)
from healer.repair.land import Landing, follow_the_tip, land_fix
from healer.repair.premises import Today, examine_today, is_mended, look_at_tip
from healer.repair.report_progress import ProgressReporter
from healer.repair.rivals import Agreement, compare_fixes
from healer.repair.second_opinion import MODEL, SecondOpinions
from healer.services import Services, current_services
from quarantine.candidate import Candidate


@workflow("repair", Request, Result, version=6)
def repair(request: Request) -> Result:
    """From failure to outcome."""
    services = current_services()
    today = step("today", Today, partial(look_at_tip, request, services))
    request = request.model_copy(update={"base": today.base or request.base})
    running = RepairWorkflow(request, services)
    with running.progress.report_stop():
        running.start_from(step("examine", Baseline, running.examine))
        outcome = running.end_as_waiting("waits") or end_before_drafting(running.baseline)
        outcome = outcome or running.ask_again(running.heal())
        return step("close", Result, partial(running.finish, outcome))


class RepairWorkflow:
    """One repair under way. Its attributes hold only what steps have given."""

    def __init__(self, request: Request, services: Services) -> None:
        self.request, self.services = request, services.for_request(request)
        self.progress = ProgressReporter(self.services, request.repair, request.failure)
        self.baseline = Baseline()
        self.rounds: list[Drafts] = []
        self.suspects: tuple[Suspect, ...] = ()
        self.candidates = Candidates(request, self.services, self.progress)
        self.opinions = SecondOpinions(request, self.services, self.candidates)

    def examine(self) -> Baseline:
        """What is to be healed, or why the repair ends here."""
        with self.progress.show_work("baseline", "how it fails, in the sandbox"):
            baseline = examine(self.request, self.services)
        what = baseline.reason or _what_failed(baseline)
        self.progress.show("baseline", "pass", ". ".join(filter(None, (what, baseline.origin))))
        return baseline

    def start_from(self, baseline: Baseline) -> None:
        """From now on this is known."""
        self.baseline = self.candidates.baseline = baseline
        self.progress.failure = baseline.failure or self.request.failure

    def finish(self, outcome: Outcome) -> Result:
        """Records what came of it, and tells whom it concerns."""
        end = FinishedRepair(
            request=self.request,
            baseline=self.baseline,
            attempts=tuple(self.candidates.attempts),
            rounds=tuple(self.rounds),
            outcome=outcome,
        )
        result = close(end, self.services)
        sentence = f"{result.outcome}: {result.reason}"
        self.progress.show("outcome", "note", sentence, result.seconds, result.cost_usd)
        return result

    def end_as_waiting(self, name: str) -> Outcome | None:
        """The end where another repair of the incident waits for a person; None where none does.
        Which incident it is may be known by the baseline only. What is proposed may free that
        person of it."""
        if self.request.proposal or self.baseline.healthy:
            return None
        find = partial(find_other_end, self.request, self.baseline.failure, self.services)
        return step(name, OtherEnd, find).outcome

    def ask_again(self, outcome: Outcome) -> Outcome:
        """Nobody is told of what somebody else has mended meanwhile, or was asked of meanwhile."""
        if outcome.kind not in ("review", "escalated", "gave_up"):
            return outcome
        today = step("ask again", Baseline, partial(examine_today, self.request, self.services))
        if not is_mended(self.baseline, today):
            return self.end_as_waiting("waits still") or outcome
        reason = f"fixed elsewhere: it no longer fails on today's {self.request.target}"
        return Outcome(kind="healthy", reason=reason)

    def heal(self) -> Outcome:
        """Drafts and proves until something holds, or nothing is left to try."""
        reason = "no attempt was allowed"
        for number in range(1, self.request.attempts + 1):
            drafts = self._drafts(number)
            self.rounds.append(drafts)
            if self.opinions.unproved and not drafts.candidates:
                break
            if drafts.stopped_by_budget or drafts.refusal or not drafts.candidates:
                tries = f"no draft passed; the last: {reason}; " if self.candidates.attempts else ""
                return self._name_difference(end_without_candidates(drafts, tries))
            for attempt in self.candidates.try_drafts(number, drafts):
                if attempt.verdict.kind == "unjudged" and not self.opinions.unproved:
                    return Outcome(kind="unjudged", reason=attempt.verdict.sentence)
                if attempt.verdict.kind == "fixed":
                    fix, doubt = self._weigh(number, drafts, attempt)
                    is_open = not doubt and self.opinions.are_wanted(self.baseline, fix)
                    if fix.verdict.strong or not (is_open or self.opinions.unproved):
                        return self._conclude(fix, doubt)
                    if proof := self.opinions.find_agreement(number, fix, self.rounds):
                        return self._conclude(proof, "")
                    break
                reason = attempt.verdict.sentence
        if self.opinions.unproved:
            return self._conclude(*self.opinions.choose_best(self.baseline))
        outcome = Outcome(kind="gave_up", reason=f"no draft passed; the last: {reason}")
        return self._name_difference(outcome)

    def _name_difference(self, outcome: Outcome) -> Outcome:
        """Of a failure that the sandbox does not show, nobody is told that drafts were bad."""
        if outcome.kind != "gave_up" or outcome.stopped_by_budget:
            return outcome
        if is_wrong_end(self.baseline.failure) or not self.baseline.difference:
            return escalate(self.baseline.failure, outcome)
        reason = f"not reproduced: {self.baseline.difference} ({outcome.reason})"
        return outcome.model_copy(update={"kind": "escalated", "reason": reason})

    def _drafts(self, number: int) -> Drafts:
        """Of the first drafter that has any, in the configured order; each is a step of its own,
        so that a model that does not answer costs no search again."""
        answers: list[tuple[str, Drafts]] = []
        drafters = self.services.drafters(self.request)
        if self.opinions.unproved:
            drafters = [drafter for drafter in drafters if drafter.name == MODEL]
        for place, drafter in enumerate(drafters):
            name = f"draft {number} {drafter.name}" if place else f"draft {number}"
            drafts = step(name, Drafts, partial(self._draft, drafter))
            answers.append((drafter.name, drafts))
            self.suspects = drafts.suspects or self.suspects
            if drafts.candidates or drafts.refusal or drafts.stopped_by_budget:
                break
        return propose.join(answers)

    def _draft(self, drafter: Drafter) -> Drafts:
        facts = (self.request, self.baseline, self.candidates.attempts, self.services)
        missing = self.opinions.list_missing()
        with self.progress.show_work("draft", drafter.name):
            drafts = propose.draft(drafter, *facts, missing=missing, suspects=self.suspects)
        rules = ", ".join(draft.rule or draft.drafter for draft in drafts.candidates[:3])
        state = "pass" if drafts.candidates else "fail"
        what = rules or drafts.reason or f"{drafter.name}: nothing for this failure"
        self.progress.show("draft", state, what, cost_usd=drafts.spent.cost_usd)
        return drafts

    def _weigh(self, number: int, drafts: Drafts, attempt: Attempt) -> tuple[Attempt, str]:
        """What to go on with, and why a person has to look at it. Beside a change of code that
        waits, the pin of what moved is tried: a person sees both, and one that may merge does."""
        doubt = self._doubt(number, drafts, attempt)
        if attempt.draft.pins or (attempt.verdict.strong and not doubt):
            return attempt, doubt
        pin = self.candidates.try_pin(number, drafts, attempt)
        return (pin, pin.draft.doubt) if pin and pin.verdict.strong else (attempt, doubt)

    def _doubt(self, number: int, drafts: Drafts, attempt: Attempt) -> str:
        """Why a person has to look at a fix that passed everything, or nothing."""
        doubt = doubt_of(drafts, attempt.draft)
        rivals = self.candidates.attempts[-len(drafts.candidates[:CANDIDATES]) :]
        fixes = [each for each in rivals if each.verdict.kind == "fixed" and each is not attempt]
        if doubt or not drafts.side_by_side or not fixes:
            return doubt
        compare = partial(
            compare_fixes, self.request, self.baseline, [attempt, *fixes], self.services
        )
        return step(f"compare {number}", Agreement, compare).doubt

    def _conclude(self, attempt: Attempt, doubt: str) -> Outcome:
        """A fixed candidate: merged when nothing speaks against it, else a person decides."""
        attempt = self.candidates.leave_test(attempt, self.rounds)
        if attempt.protected:
            return Outcome(
                kind="escalated", reason=attempt.protected, notify=attempt.notify, protected=True
            )
        if attempt.question and not (doubt or self.baseline.review_only):
            question = attempt.question.sentence
            return Outcome(kind="review", reason=f"one question: {question}", question=question)
        obstacle = doubt or self._obstacle(attempt)
        if not obstacle and self.request.pull_request:
            return Outcome(kind="review", reason=propose.WAITS_FOR_CHECKS, is_proved=True)
        if obstacle or attempt.candidate is None:
            return Outcome(kind="review", reason=obstacle)
        with hold_merge_lock(self.services.repository.state_dir, self._wait_for_another):
            return self._land(attempt, attempt.candidate)

    def _wait_for_another(self) -> None:
        self.progress.show("merge", "running", "another merge of this repository comes first")

    def _obstacle(self, attempt: Attempt) -> str:
        """Why the fix may not be merged by itself; empty where it may."""
        if not attempt.verdict.strong:
            return f"the evidence is weak: {attempt.verdict.sentence}"
        if self.baseline.review_only:
            return self.baseline.review_only
        return "" if self.request.merge else "merging was not asked for (--no-merge)"

    def _land(self, attempt: Attempt, candidate: Candidate) -> Outcome:
        target = self.request.target
        attempt_so_far = attempt  # with what reviews on later tips cost

        def check(number: int, on_tip: Candidate) -> str:
            nonlocal attempt_so_far
            attempt_so_far, refusal = self._check_again(number - 1, attempt_so_far, on_tip)
            return refusal

        def land(current: Candidate) -> Landing:
            whole = self.candidates.with_all_exchanges(attempt_so_far)
            return land_fix(self.request, whole, current, self.services)

        landing = follow_the_tip(candidate, target, check=check, land=land, is_checked=True)
        if not landing.merged:
            self.progress.show("merge", "fail", landing.refused)
            return Outcome(kind="review", reason=landing.refused)
        self.progress.show("merge", "pass", landing.merged[:12])
        reason = f"the fix was checked and merged into {target}"
        return Outcome(
            kind="healed", reason=reason, merged=landing.merged, checkout=landing.checkout
        )

    def _check_again(self, number: int, attempt: Attempt, on_tip: Candidate) -> tuple[Attempt, str]:
        """The same checks on the new tip, against a baseline of the new tip, and the reviewer's
        word where the change reads otherwise there: the attempt with what that cost, and why it
        must not be merged."""
        patch = QuarantinedPatch(draft=attempt.draft, candidate=on_tip, findings=attempt.findings)
        judgement = step(f"prove again {number}", Judged, partial(self._prove_moved, patch))
        verdict = judgement.verdict
        seen_diff = attempt.candidate.diff if attempt.candidate else ""
        if verdict.kind == "fixed" and not reads_the_same(seen_diff, on_tip.diff):
            ask = partial(self.candidates.review, patch, judgement)
            review = step(f"review again {number}", Review, ask)
            attempt = self.candidates.add_review(attempt, review)
            verdict = apply_objection(verdict, review.objection, review.reason)
        if verdict.kind == "fixed" and verdict.strong:
            return attempt, ""
        return attempt, f"{self.request.target} has moved, and there: {verdict.sentence}"

    def _prove_moved(self, patch: QuarantinedPatch) -> Judged:
        if patch.candidate is None:
            raise ValueError("there is no candidate to prove")
        request = self.request.model_copy(update={"base": patch.candidate.base})
        return prove(request, self.baseline, patch, self.services)


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


def _what_failed(baseline: Baseline) -> str:
    failure = baseline.failure
    if failure is None or failure.exception is None:
        return "the failure was seen" if baseline.reproduced else "the failure was not seen"
    sentence = f"{failure.exception.type}: {failure.exception.message}".partition("\n")[0]
    return sentence if baseline.reproduced else f"not reproduced: {baseline.difference or sentence}"
