"""A judged patch as SARIF 2.1.0, the format in which code hosts take findings.

Belongs here: which of the evidence points at a place, under which rule and level. Does not belong
here: judging. What points at no place is shown at the first changed file: hosts want one.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

from healer.facts.patch_check import PatchCheck
from healer.failure import Fact

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Level = Literal["error", "warning", "note"]

RULES: dict[str, str] = {
    "check-fails": "A check of the patch fails.",
    "test-fails": "A test fails with the patch.",
    "policy": "The patch holds what no test can vouch for.",
    "survivor": "No test notices a small mistake in a changed line.",
    "rival": "Another change passes every check and acts otherwise.",
    "weak-evidence": "Every check passes, and the evidence does not single the patch out.",
    "note": "Something that a person should know of the patch.",
}
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<what>.*)", re.DOTALL)
"""How a mutant is described (`healer.judge.MutationScore.survived`)."""


class SarifResult(Fact):
    """One finding, before it is SARIF."""

    rule: str
    level: Level
    message: str
    path: str
    line: int = 0
    """0: the file as a whole."""


def render_sarif(check: PatchCheck, version: str) -> str:
    """The whole document as JSON text; `version` is healer's own."""
    results = list_results(check)
    names = [name for name in RULES if name in {result.rule for result in results}]
    run = {
        "tool": {
            "driver": {
                "name": "healer",
                "version": version,
                "rules": [
                    {"id": name, "shortDescription": {"text": RULES[name]}} for name in names
                ],
            }
        },
        "results": [
            {
                "ruleId": each.rule,
                "ruleIndex": names.index(each.rule),
                "level": each.level,
                "message": {"text": each.message},
                "locations": [_locate(each)],
            }
            for each in results
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {"outcome": check.outcome, "reason": check.reason, "base": check.base},
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def list_results(check: PatchCheck) -> tuple[SarifResult, ...]:
    """All that a reader of the patch is told, what refuses it first, each sentence once."""
    every = (
        *_list_failing(check), *_policy(check), *_failed_checks(check), *_rivals(check),
        *_survivors(check), *_weaknesses(check), *_notes(check),
    )  # fmt: skip
    return tuple(dict.fromkeys(every))


def _list_failing(check: PatchCheck) -> Iterator[SarifResult]:
    for test in check.failing:
        message = f"{test.node} fails: {test.message}"
        yield SarifResult(
            rule="test-fails", level="error", message=message, path=test.path, line=test.line
        )


def _policy(check: PatchCheck) -> Iterator[SarifResult]:
    for finding in check.findings:
        level: Level = "error" if finding.severity == "reject" else "warning"
        yield SarifResult(
            rule="policy", level=level, message=finding.reason, path=finding.path, line=finding.line
        )


def _failed_checks(check: PatchCheck) -> Iterator[SarifResult]:
    """What fails and is not told already by what points at a place."""
    elsewhere = {"evidence"} | ({"tests"} if check.failing else set())
    elsewhere |= {"policy"} if check.findings else set()
    for each in check.checks:
        if each.status in ("fail", "unjudged") and each.name not in elsewhere:
            yield _at_place("check-fails", "error", each.detail, check)
    if check.outcome in ("refused", "unjudged") and not any(
        each.status in ("fail", "unjudged") for each in check.checks
    ):
        yield _at_place("check-fails", "error", check.reason, check)


def _rivals(check: PatchCheck) -> Iterator[SarifResult]:
    rivals = check.evidence.rivals if check.evidence else None
    for rival in rivals.rivals if rivals else ():
        before = "before it the answer was" if rival.shape == "base" else "another one gives"
        message = (
            f"for {rival.given} this change gives {rival.fix_gives}, {before} "
            f"{rival.rival_gives}; no test says which is right"
        )
        yield SarifResult(
            rule="rival",
            level="warning",
            message=message,
            path=rival.path,
            line=0 if rival.shape == "base" else rival.line,
        )


def _survivors(check: PatchCheck) -> Iterator[SarifResult]:
    score = check.evidence.mutation if check.evidence else None
    for text in dict.fromkeys((*score.lines_without_kill, *score.survived) if score else ()):
        is_alone = score is not None and text in score.lines_without_kill
        where = "no mistake in this line is noticed by a test" if is_alone else "no test notices"
        place = _PLACE.fullmatch(text)
        if place is None:
            continue
        yield SarifResult(
            rule="survivor",
            level="warning" if check.outcome == "weak" and is_alone else "note",
            message=f"{where}: {place['what']}",
            path=place["path"],
            line=int(place["line"]),
        )


def _weaknesses(check: PatchCheck) -> Iterator[SarifResult]:
    for sentence in check.missing:
        yield _at_place("weak-evidence", "warning", sentence, check)


def _notes(check: PatchCheck) -> Iterator[SarifResult]:
    for note in check.notes:
        yield SarifResult(
            rule="note",
            level="note",
            message=note.sentence,
            path=note.path or check.paths[0],
            line=note.line,
        )


def _at_place(rule: str, level: Level, sentence: str, check: PatchCheck) -> SarifResult:
    """At the place that the sentence begins with, if it is one of the changed files'."""
    place = _PLACE.fullmatch(sentence)
    if place and place["path"] in check.paths:
        path, line = place["path"], int(place["line"])
        return SarifResult(rule=rule, level=level, message=place["what"], path=path, line=line)
    return SarifResult(rule=rule, level=level, message=sentence, path=check.paths[0])


def _locate(result: SarifResult) -> dict[str, object]:
    location: dict[str, object] = {
        "artifactLocation": {"uri": quote(result.path, safe="/"), "uriBaseId": "%SRCROOT%"}
    }
    if result.line > 0:
        location["region"] = {"startLine": result.line}
    return {"physicalLocation": location}
