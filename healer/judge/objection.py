"""What an objection does to a verdict: it can make it stricter, and nothing else. Pure."""

from typing import Literal

from healer.judge.facts import Verdict


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
