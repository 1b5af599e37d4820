"""What a second opinion does to a verdict. Pure.

Belongs here: an objection, which can make it stricter and nothing else, and the agreement of two
independent drafts, which settles what the failing case should give and nothing else.
"""

from typing import Literal

from healer.judge.facts import Verdict, WeaknessKind

SETTLED: frozenset[WeaknessKind] = frozenset(("value-unknown", "command-unseen", "ambiguous"))
"""What a test by somebody else can say: which values are right."""


def lacks_only_values(verdict: Verdict) -> bool:
    """Whether a fix that passes every check is not proved only since nothing says which values are
    right: then another draft's test can."""
    return verdict.kind == "fixed" and not verdict.strong and SETTLED.issuperset(verdict.weaknesses)


def apply_agreement(verdict: Verdict, why: str) -> Verdict:
    """The verdict on a fix that holds against another model's test, as that one's holds against its
    own; only where nothing but values was missing."""
    if not lacks_only_values(verdict):
        return verdict
    checks = tuple(
        check.model_copy(update={"status": "pass", "detail": f"strong: {why}"})
        if check.name == "evidence"
        else check
        for check in verdict.checks
    )
    proof: dict[str, object] = {"strong": True, "reasons": (), "weaknesses": (), "checks": checks}
    return verdict.model_copy(update=proof)


def apply_objection(
    verdict: Verdict, objection: Literal["none", "weaker", "reject"], why: str
) -> Verdict:
    """The verdict on a fix after a second opinion: `weaker` sends it to a person, `reject` makes
    it a draft that failed. A verdict that is not `fixed` stays as it is."""
    if verdict.kind != "fixed" or objection == "none":
        return verdict
    reason = f"the reviewer objects: {why}"
    detail = reason if objection == "reject" else f"weak: {reason}"
    checks = tuple(
        check.model_copy(update={"status": "fail", "detail": detail})
        if check.name == "evidence"
        else check
        for check in verdict.checks
    )
    if objection == "reject":
        return Verdict(kind="forbidden", reasons=(reason,), checks=checks)
    return verdict.model_copy(
        update={
            "strong": False,
            "reasons": (*verdict.reasons, reason),
            "weaknesses": (*verdict.weaknesses, "objection"),
            "checks": checks,
        }
    )
