"""A fix leaves a test: the recorded case in the same commit, so that it cannot come back unseen.

Belongs here: the commit with the test in the place of the one without. Does not belong here: the
test itself (`healer.evidence.case_test`), or what the fix was judged by: that is known before.
"""

from collections.abc import Iterable

from healer.evidence.case_question import find_question
from healer.evidence.case_test import CaseTest, write_case_test
from healer.facts.draft import Draft, WriteFile
from healer.facts.question import Question
from healer.facts.repair import Attempt, Baseline, Request
from healer.failure import Fact
from healer.judge import Check
from healer.repair import propose
from healer.services import Services
from quarantine.candidate import Candidate, quarantine_branch, write_candidate
from quarantine.errors import RepositoryError
from sandbox import SandboxError

BY_ANSWER = "the answer to its question becomes one"


class LeftTest(Fact):
    """The commit that the test is part of, or why there is none."""

    candidate: Candidate | None = None
    test: WriteFile | None = None
    why: str = ""
    question: Question | None = None
    """Asked in its place: nothing says that what the fix gives is right."""


def leave_test(
    request: Request,
    baseline: Baseline,
    attempt: Attempt,
    rivals: Iterable[Draft],
    services: Services,
) -> LeftTest:
    """Writes the test into the fix's commit; where nothing says what the failing call should give,
    a person is asked instead, since a test of a wrong fix would hold it in place. Nothing that goes
    wrong here harms the fix."""
    draft = attempt.draft  # what is pinned fails on, where the job's packages are what they were
    is_wanted = services.config.tests.write and not (draft.regression_test or draft.pins)
    if not is_wanted or attempt.candidate is None:
        return LeftTest()
    if attempt.question:
        return LeftTest(why=BY_ANSWER)
    tree = services.repository.tree(attempt.candidate.commit)
    try:
        if set(attempt.verdict.weaknesses) == {"value-unknown"} and not baseline.by_tests:
            others = [each for each in rivals if not each.pins and each.edits != draft.edits]
            question = find_question(request, baseline, tree, others, services)
            if question:
                return LeftTest(why=BY_ANSWER, question=question)
        case = write_case_test(request, baseline, tree, services)
        return _write(request, attempt, case, services)
    except (RepositoryError, SandboxError) as error:
        return LeftTest(why=str(error))


def _write(request: Request, attempt: Attempt, case: CaseTest, services: Services) -> LeftTest:
    before = attempt.candidate
    if case.test is None or before is None:
        return LeftTest(why=case.why)
    fix = services.repository.tree(before.commit)
    changes = {path: fix.read(path) for path in before.paths}
    candidate = write_candidate(
        services.repository,
        base=before.base,
        changes={**changes, case.test.path: case.test.content.encode()},
        branch=quarantine_branch(request.script, request.repair),
        message=propose.commit_message(request, attempt.draft),
        when=request.opened_at,
        replaces=before.commit,
    )
    return LeftTest(candidate=candidate, test=case.test)


def add_test(attempt: Attempt, outcome: LeftTest) -> Attempt:
    """The attempt with its test, and with what is said of it among the checks."""
    is_unwanted = outcome.test is None and not outcome.why
    if is_unwanted:
        return attempt
    if outcome.test is None:
        check = Check(name="regression", status="skipped", detail=f"no test is left: {outcome.why}")
    else:
        detail = f"leaves {outcome.test.path}, which fails before and passes after"
        check = Check(name="regression", status="pass", detail=detail)
    checks = tuple(check if each.name == "regression" else each for each in attempt.verdict.checks)
    update: dict[str, object] = {"verdict": attempt.verdict.model_copy(update={"checks": checks})}
    if outcome.question is not None:
        update["question"] = outcome.question
    if outcome.test is not None:
        draft = attempt.draft.model_copy(update={"regression_test": outcome.test})
        update |= {"draft": draft, "candidate": outcome.candidate}
    return attempt.model_copy(update=update)
