"""From what a repair has given to what `--json` prints of it.

Belongs here: which parts a person and a script need. Does not belong here: the shape of what is
printed (`repair`), or writing it (`healer.cli`).
"""

from healer.facts.repair import Attempt, AttemptPrinted, FailurePrinted
from healer.failure import Failure
from healer.render.one_line import describe_end


def failure_printed(failure: Failure | None) -> FailurePrinted | None:
    """The parts of a failure that a person and a script need."""
    if failure is None:
        return None
    exception, culprit = failure.exception, failure.culprit
    return FailurePrinted(
        fingerprint=failure.fingerprint,
        type=exception.type if exception else "",
        message=exception.message if exception else describe_end(failure),
        file=culprit.file if culprit else failure.script,
        line=culprit.line if culprit else 0,
    )


def attempt_printed(attempt: Attempt) -> AttemptPrinted:
    """An attempt without what only the workflow needs."""
    return AttemptPrinted(
        drafter=attempt.draft.drafter,
        rule=attempt.draft.rule,
        cause=attempt.draft.cause,
        verdict=attempt.verdict.kind,
        diff=attempt.candidate.diff if attempt.candidate else "",
        commit=attempt.candidate.commit if attempt.candidate else None,
        checks=attempt.verdict.checks,
        **attempt.spent.model_dump(exclude={"cost_known"}),
    )
