"""The second opinion on a fix that passed every check, where a reviewer is configured.

Belongs here: what the reviewer is shown. Does not belong here: what an objection does to the
verdict (`healer.judge.objection`), or how a model is asked (`healer.draft.llm.review`).
"""

import re

from healer.facts.draft import Review
from healer.facts.repair import Baseline, Judged, QuarantinedPatch, Request
from healer.failure import Failure
from healer.services import Services

_NUMBERS = re.compile(r"(?m)(?<=^index )[0-9a-f]+\.\.[0-9a-f]+|(?<=^@@) -[\d,]+ \+[\d,]+ (?=@@)")
"""Of a diff: the ids of the files' contents, and the numbers of the lines."""
NOT_ASKED = Review(objection="none", reason="no reviewer is configured")


def ask_reviewer(
    request: Request,
    baseline: Baseline,
    patch: QuarantinedPatch,
    result: Judged,
    services: Services,
) -> Review:
    """The reviewer's objection to this fix; none where nobody is configured."""
    reviewer = services.reviewer(request)
    if reviewer is None or patch.candidate is None:
        return NOT_ASKED
    checks = [check.sentence for check in result.verdict.checks]
    evidence = "\n".join([*checks, *result.verdict.reasons])
    failure = _describe(baseline.failure) if baseline.failure else "its own checks fail"
    return reviewer.review(request.repair, failure, patch.candidate.diff, evidence)


def reads_the_same(old_diff: str, new_diff: str) -> bool:
    """Whether two diffs show a reader the same: lines and what stands around them, wherever in
    the files that is. Then an opinion on the one holds for the other."""
    return _NUMBERS.sub("", old_diff) == _NUMBERS.sub("", new_diff)


def _describe(failure: Failure) -> str:
    lines = [failure.script]
    for error in failure.chain:
        lines += [f"{f.file}:{f.line} in {f.function}: {f.source}" for f in error.frames if f.own]
        lines.append(f"{error.type}: {error.message}")
    if not failure.chain:
        lines.append((failure.stderr_tail or failure.stdout_tail)[-2_000:])
    return "\n".join(lines)
