"""The second opinion on a fix that passed every check, where a reviewer is configured.

Belongs here: what the reviewer is shown. Does not belong here: what an objection does to the
verdict (`healer.judge.stricter`), or how a model is asked (`healer.draft.llm.review`).
"""

from healer.draft.proposal import Review
from healer.failure import Failure
from healer.workflow.parts import Parts
from healer.workflow.record import Examined, Proposed, Proved, Request

NOT_ASKED = Review(objection="none", reason="no reviewer is configured")


def opinion(
    request: Request, examined: Examined, proposed: Proposed, proved: Proved, parts: Parts
) -> Review:
    """The reviewer's objection to this fix; none where nobody is configured."""
    reviewer = parts.reviewer(request)
    if reviewer is None or proposed.candidate is None:
        return NOT_ASKED
    checks = [f"{check.name}: {check.status}: {check.detail}" for check in proved.verdict.checks]
    said = "\n".join([*checks, *proved.verdict.reasons])
    failure = _failure(examined.failure) if examined.failure else "its own checks fail"
    return reviewer.review(request.repair, failure, proposed.candidate.diff, said)


def _failure(failure: Failure) -> str:
    lines = [failure.script]
    for raised in failure.chain:
        lines += [f"{f.file}:{f.line} in {f.function}: {f.source}" for f in raised.frames if f.own]
        lines.append(f"{raised.type}: {raised.message}")
    if not failure.chain:
        lines.append((failure.stderr_tail or failure.stdout_tail)[-2_000:])
    return "\n".join(lines)
