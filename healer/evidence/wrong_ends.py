"""A run that ended well and left something else than what its owner expects, seen again.

Belongs here: whether the sandbox shows the same broken expectation, or none, and what is said where
nobody can mend it. Does not belong here: what an expectation is (`healer.nights.expectations`), or
noticing one (`healer.watch.runner.expected`).
"""

from collections.abc import Sequence

from healer.evidence.effects import effects_of
from healer.evidence.nights import read_expectations
from healer.facts.repair import Outcome, Request
from healer.failure import Failure, Raised, fingerprint
from healer.nights.expectations import BROKEN_EXPECTATION, Expectation, find_broken
from healer.redact import Redactor
from healer.services import Services
from healer.services.runner import PackableTree
from healer.tape.facts import Tape
from sandbox import ProcessEnd


def is_wrong_end(failure: Failure | None) -> bool:
    """Whether the job ended well and left something else than what is expected."""
    error = failure.exception if failure else None
    return error is not None and error.type == BROKEN_EXPECTATION


def find_wrong_end(
    request: Request, end: ProcessEnd | None, base: PackableTree, services: Services
) -> Failure | None:
    """The same kind of failure as the sandbox shows it; None where all is as expected there, or
    where it is not known what the run did."""
    failure = request.failure
    tape = services.recordings.of_failure(failure) if failure else None
    if failure is None or not is_wrong_end(failure) or end is None or tape is None:
        return None
    expectations = read_expectations(base, request.script)
    sentence = find_break(end, tape, expectations, services.redactor)
    if not sentence:
        return None
    chain = (Raised(type=BROKEN_EXPECTATION, message=sentence),)
    observation = failure.model_copy(update={"chain": chain})
    return observation.model_copy(update={"fingerprint": fingerprint(observation)})


def is_as_expected(
    request: Request, end: ProcessEnd, base: PackableTree, services: Services
) -> bool:
    """Whether a run is known to keep to all that is expected of it: what was not watched is not."""
    tape = services.recordings.of_failure(request.failure) if request.failure else None
    expectations = read_expectations(base, request.script)
    if tape is None or end.effects is None or not expectations:
        return False
    effects = effects_of(end, tape, services.redactor)
    is_known = not effects.gaps or not any(each.requests for each in expectations)
    return is_known and not find_broken(expectations, effects)


def is_still_wrong(
    end: ProcessEnd, request: Request, base: PackableTree, services: Services
) -> bool:
    """Whether a run with a fix leaves something else than what is expected, where the repair is for
    that."""
    return find_wrong_end(request, end, base, services) is not None


def escalate(failure: Failure | None, outcome: Outcome) -> Outcome:
    """A repair that found no fix tells its person what is otherwise, and where to look. Of any
    other failure the outcome stays."""
    if not is_wrong_end(failure):
        return outcome
    error = failure.exception if failure else None
    what = error.message if error else ""
    return Outcome(
        kind="escalated",
        reason="the job ended well and left something else than what is expected: "
        f"{what} ({outcome.reason})",
        next_step="look at what it read that day (healer show ID --tape); where this is right from "
        "now on, change the [[job.expect]] of healer.toml",
    )


def find_break(
    end: ProcessEnd, tape: Tape, expectations: Sequence[Expectation], redactor: Redactor
) -> str:
    """The first thing that is otherwise than expected, in words; empty where nothing is, or where
    what the run did was not watched."""
    if end.effects is None:
        return ""
    differences = find_broken(expectations, effects_of(end, tape, redactor))
    return differences[0].sentence if differences else ""
