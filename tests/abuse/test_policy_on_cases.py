"""What the static policy says of every abusive patch and every honest fix."""

import pytest

from quarantine.policy import ChangedPath, Finding, inspect, literals_of
from tests.abuse.cases import CASES, HONEST
from tests.abuse.model import AbuseCase, Change, Entry, HonestFix
from tests.abuse.more_variants import MORE_VARIANTS
from tests.abuse.variants import VARIANTS
from tests.quarantine.policy.trees import PLAIN
from tests.support.memory_tree import MemoryTree

ROWS = 50


def judged(files: dict[str, bytes], changes: dict[str, Change]) -> tuple[Finding, ...]:
    """The findings, as the gate would get them: modes from the tree, literals from the tests."""
    after, changed = dict(files), []
    for path, change in changes.items():
        after.pop(path, None)
        mode = ""
        if isinstance(change, Entry):
            mode = change.mode
        elif change is not None:
            mode = PLAIN
        if mode.startswith("100"):
            after[path] = change.data if isinstance(change, Entry) else change or b""
        old_mode = PLAIN if path in files else ""
        changed.append(ChangedPath(path=path, old_mode=old_mode, new_mode=mode))
    tests = [data for path, data in files.items() if path.startswith("tests/")]
    return inspect(MemoryTree(files), MemoryTree(after), changed, literals_of(tests))


def _id(case: AbuseCase | HonestFix) -> str:
    return f"{getattr(case, 'number', '')} {case.name}".strip()


@pytest.mark.parametrize("case", [*CASES, *VARIANTS, *MORE_VARIANTS], ids=_id)
def test_the_policy_names_the_trick(case: AbuseCase) -> None:
    named = {finding.rule for finding in judged(case.files, case.changes)}
    assert named & case.rules if case.rules else not named, named


@pytest.mark.parametrize("fix", HONEST, ids=_id)
def test_an_honest_fix_has_no_finding(fix: HonestFix) -> None:
    assert judged(fix.files, dict(fix.changes)) == ()


def test_every_row_of_the_table_has_a_case() -> None:
    assert {case.number for case in CASES} == set(range(1, ROWS + 1))


def test_only_what_static_rules_cannot_see_is_left_to_other_defences() -> None:
    assert {case.number for case in CASES if not case.rules} == {48, 49}
