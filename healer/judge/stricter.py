"""What an objection does to a verdict: it can make it stricter, and nothing else. Pure."""

from typing import Literal

from healer.judge.facts import Verdict


def stricter(verdict: Verdict, objection: Literal["none", "weaker", "reject"], why: str) -> Verdict:
    """The verdict on a fix after a second opinion: `weaker` sends it to a person, `reject` makes
    it a draft that failed. A verdict that is not `fixed` stays as it is."""
    if verdict.kind != "fixed" or objection == "none":
        return verdict
    said = f"the reviewer objects: {why}"
    detail = said if objection == "reject" else f"weak: {said}"
    checks = tuple(
        check.model_copy(update={"status": "fail", "detail": detail})
        if check.name == "evidence"
        else check
        for check in verdict.checks
    )
    if objection == "reject":
        return Verdict(kind="forbidden", reasons=(said,), checks=checks)
    return Verdict(kind="fixed", strong=False, reasons=(*verdict.reasons, said), checks=checks)
