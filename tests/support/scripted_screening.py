"""What a scripted sandbox says of a screening.

Belongs here: tests that notice every mutant. Does not belong here: screenings that run something
(`local_screening`, `plain_sandbox`).
"""

from healer.evidence.screened import COMMENT
from sandbox import ScreenResult
from sandbox.job import ScreenPlan


def notice_mutants(plan: ScreenPlan) -> tuple[ScreenResult, ...]:
    """Every candidate fails but the fix itself."""
    texts = ["".join(candidate.values()) for candidate in plan.candidates]
    return tuple(
        ScreenResult(index=index, outcome="passed" if text.endswith(COMMENT) else "failed")
        for index, text in enumerate(texts)
    )
