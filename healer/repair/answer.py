"""A person's answer: a test of their own on the target, and the fix that agrees with it, again.

Belongs here: the steps from a word to the merge, each checkpointed. Does not belong here: when a
question is asked (`question`), how the test is written (`answer_as_test`), approving (`approve`).
"""

from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import step, workflow
from healer.evidence.baseline import examine
from healer.evidence.gather import prove
from healer.evidence.model_review import ask_reviewer
from healer.facts.decision import DecisionResult
from healer.facts.draft import Review
from healer.facts.question import Choice, Question
from healer.facts.repair import Attempt, Baseline, Dossier, Judged, QuarantinedPatch, Request
from healer.failure import Fact
from healer.judge import apply_objection
from healer.ledger.rows import Entry
from healer.repair.answer_as_test import NoPlaceError, write_test
from healer.repair.approve import record_approval, reject
from healer.repair.land import Landing, follow_the_tip, land_fix, land_test
from healer.repair.provenance import record_with_statement
from healer.repair.question import ask_question
from healer.repair.refusals import require_candidate, require_dossier
from healer.repair.report_progress import ProgressReporter
from healer.repair.todays_tip import OnTip, bring_to_tip
from healer.repair.waiting_copies import keep_copy
from healer.services import Services, current_services
from quarantine.candidate import Candidate, delete_branch, write_candidate
from quarantine.errors import NothingChanges, UnsafePath
from quarantine.inspect_candidate import inspect_candidate


class AnswerRequest(Fact):
    """What a person answered, as it is stored: an answer that was cut short goes on."""

    repair: str
    question: Question
    outcome: str
    """What the call is to give: a Python literal, or `raises KeyError`."""
    by: str
    author: str
    """`Name <email>`, for the commit."""
    when: int
    """Unix time."""


class WrittenTest(Fact):
    """The answer as a commit on a branch of its own, or why there is none."""

    candidate: Candidate | None = None
    refused: str = ""


@workflow("answer", AnswerRequest, DecisionResult)
def answer(request: AnswerRequest) -> DecisionResult:
    """Brings the answer to the target as a test, and merges the fix that agrees with it."""
    services = current_services()
    with hold_merge_lock(services.repository.state_dir):
        return AnswerWorkflow(request, services).follow()


class AnswerWorkflow:
    """One answer under way. What it reads anew of the ledger does not change meanwhile."""

    def __init__(self, request: AnswerRequest, services: Services) -> None:
        self.request, self.services = request, services.for_repair(request.repair)
        self.progress = ProgressReporter(services, request.repair)
        row = services.ledger.repair(request.repair)
        self.dossier: Dossier = require_dossier(services, row)
        self.attempt: Attempt = require_candidate(self.dossier)
        self.question = request.question
        choices = (each for each in self.question.choices if each.outcome == request.outcome)
        self.choice = next(choices, None)

    def follow(self) -> DecisionResult:
        """From a person's word to the merge, or to why not."""
        refusal = self._find_expiry() or self._keep_answer()
        if refusal:
            return self._refuse(refusal)
        if not (self.choice and (self.choice.is_fix or self.choice.content)):
            return step("turn down", DecisionResult, self._turn_down)
        return self._merge_fix()

    def _keep_answer(self) -> str:
        """Lands the answer as a test; why that cannot be, or nothing."""
        test = step("write test", WrittenTest, self._write_test)
        if test.candidate is None:
            return test.refused
        landing = follow_the_tip(
            test.candidate, self._target, check=lambda *_: "", land=self._land_test, is_checked=True
        )
        step("drop branch", WrittenTest, partial(self._drop_branch, test.candidate.branch))
        if not landing.merged:
            return f"the answer was not kept: {landing.refused}"
        self.progress.show("answer", "pass", f"a test of yours: {landing.merged[:12]}")
        return ""

    def _merge_fix(self) -> DecisionResult:
        today = step("today", OnTip, self._bring_to_tip)
        if today.candidate is None:
            return self._wait(today.conflict)
        landing = follow_the_tip(
            today.candidate, self._target, check=self._check, land=self._land_fix
        )
        if not landing.merged:
            return self._wait(landing.refused)
        return step("settle", DecisionResult, partial(self._settle, landing))

    def _find_expiry(self) -> str:
        """Why the question is not open any more: the target has moved, and nothing fails there."""
        baseline = step("look", Baseline, partial(self._examine_tip, self.dossier.request))
        return self._say_expired(baseline) if baseline.healthy else ""

    def _examine_tip(self, request: Request) -> Baseline:
        tip = self.services.repository.tip(request.target)
        if tip in (None, request.base):
            return Baseline()
        return examine(request.model_copy(update={"base": tip}), self.services)

    @property
    def _target(self) -> str:
        return self.dossier.request.target

    def _refuse(self, reason: str) -> DecisionResult:
        return DecisionResult(
            repair=self.request.repair, action="answer", done=False, reason=reason
        )

    def _write_test(self) -> WrittenTest:
        repository, target = self.services.repository, self._target
        tip = repository.tip(target)
        if tip is None:
            return WrittenTest(refused=f"the target branch {target!r} is gone")
        command = self.services.config.tests.command
        tree, outcome = repository.tree(tip), self.request.outcome
        try:
            test = write_test(self.question, outcome, self.request.by, tree, command)
            candidate = write_candidate(
                repository,
                base=tip,
                changes={test.path: test.content.encode()},
                branch=f"quarantine/answer-{self.request.repair}",
                message=f"Ask for what {self.question.function} gives\n\n"
                f"{self.question.tell(outcome)}.\n\nHealer-Answer: {self.request.repair}",
                when=self.request.when,
                author=self.request.author,
            )
        except (NoPlaceError, NothingChanges, UnsafePath) as error:
            return WrittenTest(refused=str(error))
        return WrittenTest(candidate=candidate)

    def _land_test(self, candidate: Candidate) -> Landing:
        name = f"{self.request.repair}-answer-{self.request.when}"
        request, by = self.dossier.request, self.request.by
        landing = land_test(request, candidate, name, by, self.services)
        if landing.merged:
            detail = f"by {by}: {self.question.tell(self.request.outcome)}"
            entry = Entry(
                repair=request.repair,
                kind="answer",
                number=self.request.when,
                outcome="answered",
                detail=self.services.redactor.spare(by).text(detail),
                inputs=landing.merged,
            )
            record_with_statement(entry, landing.merged, self.services)
        return landing

    def _drop_branch(self, branch: str) -> WrittenTest:
        delete_branch(self.services.repository, branch)
        return WrittenTest()

    def _turn_down(self) -> DecisionResult:
        """No draft gives that: the next ones are told, and have the test to heal."""
        sentence = f"{self.question.tell(self.request.outcome)}, which no draft does"
        result = reject(self.services, self.request.repair, sentence, self.request.by)
        reason = (
            f"the answer is kept as a test; no draft agrees with it, so {result.repair} is closed; "
            f"next: healer fix {self.dossier.request.script}"
        )
        return result.model_copy(update={"action": "answer", "reason": reason})

    def _bring_to_tip(self) -> OnTip:
        """The fix, or the rival that agrees with the answer, on the tip with the test."""
        if self.choice and self.choice.content:
            self._write_rival(self.choice)
        return bring_to_tip(self.request.repair, self.services)

    def _write_rival(self, choice: Choice) -> None:
        """The rival in the place of the fix, in the ledger and on the branch; once."""
        before = self.attempt.candidate
        if before is None or len(self._row_dossier().attempts) > len(self.dossier.attempts):
            return
        repository = self.services.repository
        fix = repository.tree(before.commit)
        changes = {path: fix.read(path) for path in before.paths}
        changes[self.question.path] = choice.content.encode()
        candidate = write_candidate(
            repository,
            base=before.base,
            changes=changes,
            branch=before.branch,
            message=f"Repair {self.dossier.request.script}\n\nThe reading that a person chose.\n\n"
            f"Healer-Repair: {self.request.repair}",
            when=self.request.when,
            replaces=before.commit,
        )
        attempt = self.attempt.model_copy(
            update={
                "candidate": candidate,
                "findings": inspect_candidate(repository, candidate),
                "exchanges": (),
            }
        )
        self._keep(attempt, self.services.ledger.repair(self.request.repair).reason)

    def _check(self, number: int, candidate: Candidate) -> str:
        """Why the candidate must not be merged on its base, or nothing."""
        request = self.dossier.request.model_copy(update={"base": candidate.base})
        baseline = step(f"examine {number}", Baseline, partial(examine, request, self.services))
        if baseline.healthy or baseline.stop:
            return self._say_expired(baseline)
        attempt = require_candidate(self._row_dossier())
        patch = QuarantinedPatch(
            draft=attempt.draft, candidate=candidate, findings=attempt.findings
        )
        with self.progress.show_work("check", "again, with the answer as a test"):
            judgement = step(
                f"prove {number}",
                Judged,
                partial(prove, request, baseline, patch, self.services),
            )
        self.progress.show_checks(judgement.verdict)
        verdict = judgement.verdict
        if verdict.kind == "fixed":
            ask = partial(ask_reviewer, request, baseline, patch, judgement, self.services)
            review = step(f"review {number}", Review, ask)
            verdict = apply_objection(verdict, review.objection, review.reason)
        self.attempt = attempt.model_copy(
            update={
                "candidate": candidate,
                "verdict": verdict,
                "report": judgement.report,
                "question": ask_question(verdict, judgement.evidence),
            }
        )
        if verdict.kind != "fixed" or not verdict.strong:
            return verdict.sentence
        return baseline.review_only

    def _say_expired(self, baseline: Baseline) -> str:
        return (
            f"on today's {self._target} there is nothing to heal any more ({baseline.reason}); "
            f"healer reject {self.request.repair} --reason TEXT closes it"
        )

    def _land_fix(self, candidate: Candidate) -> Landing:
        request, by = self.dossier.request, self.request.by
        return land_fix(request, self.attempt, candidate, self.services, by)

    def _wait(self, reason: str) -> DecisionResult:
        """It waits on, with what is known now: another question, or why it is no fix."""
        return step("wait", DecisionResult, partial(self._keep_waiting, reason))

    def _keep_waiting(self, reason: str) -> DecisionResult:
        question = self.attempt.question.sentence if self.attempt.question else ""
        is_new = question and question != self.question.sentence
        sentence = f"one question: {question}" if is_new else reason
        attempt = self.attempt if is_new else self.attempt.model_copy(update={"question": None})
        self._keep(attempt, sentence, question if is_new else "")
        return self._refuse(f"the answer is kept as a test, and the repair waits on: {sentence}")

    def _keep(self, attempt: Attempt, reason: str, question: str = "") -> None:
        row = self.services.ledger.repair(self.request.repair)
        candidate = attempt.candidate
        result = row.known_result.model_copy(
            update={
                "reason": self.services.redactor.text(reason),
                "question": question,
                "missing": attempt.verdict.reasons,
                "checks": attempt.verdict.checks,
                "commit": candidate.commit if candidate else None,
            }
        )
        attempts = (*self.dossier.attempts, attempt)
        self.services.ledger.revise(result, self.dossier.model_copy(update={"attempts": attempts}))
        keep_copy(row.id, self.services)

    def _row_dossier(self) -> Dossier:
        return require_dossier(self.services, self.services.ledger.repair(self.request.repair))

    def _settle(self, landing: Landing) -> DecisionResult:
        row, call = self.services.ledger.repair(self.request.repair), self.question.call
        who = f"by {self.request.by}, who answered: {call} gives {self.request.outcome}"
        result = record_approval(row, landing, who, self.services, by=self.request.by)
        reason = "the answer is a test now, and the fix that agrees with it is merged"
        return result.model_copy(update={"action": "answer", "reason": reason})
