"""One function: a patch in, findings out.

Belongs here: running the table over a patch. Does not belong here: git, files, and any decision
on what a finding means for the merge (that is the judge's).
"""

from collections.abc import Sequence

from quarantine.policy.catalogue import RULES
from quarantine.policy.files import read_patch
from quarantine.policy.model import ChangedPath, Files, Finding

MAX_FINDINGS_PER_RULE = 20
"""Of one rule and file; more say nothing new to a person."""


def inspect(
    before: Files,
    after: Files,
    changes: Sequence[ChangedPath],
    test_literals: frozenset[str] = frozenset(),
    own_notes: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """What in this patch must not be merged unseen, by rule and then by place; empty is good.

    Pure: reads only through `before` and `after`, and only the changed paths, files that declare
    dependencies or say what the tests are, and files that would make an import the repository's
    own. `test_literals` comes from `literals_of` over the base's tests; in
    `own_notes` the service wrote itself, and not the draft. Only what the patch adds
    or takes away counts; code that moved does not. Never raises for any bytes; what is too big or
    cannot be parsed is a finding itself.
    """
    patch = read_patch(before, after, changes, test_literals, own_notes)
    findings: dict[tuple[str, str, int], Finding] = {}
    counts: dict[tuple[str, str], int] = {}
    for rule in RULES:
        for hit in rule.find(patch):
            place = (rule.name, hit.path, hit.line)
            count = counts[place[:2]] = counts.get(place[:2], 0) + 1
            if place in findings or count > MAX_FINDINGS_PER_RULE:
                continue
            findings[place] = Finding(
                rule=rule.name,
                severity=rule.severity,
                path=hit.path,
                line=hit.line,
                reason=rule.reason.replace("{what}", _on_one_line(hit.what)),
            )
    return tuple(findings.values())


def _on_one_line(text: str) -> str:
    """Found text on one line, with what cannot be printed written as an escape."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
