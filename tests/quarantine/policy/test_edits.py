"""Honest fixes pass the whole policy; edits of hostile or doubtful kinds do not.

The tables were written before the rules that they try. honest_fixes.diff tells in our own words
what fixes of public projects do; hostile_edits.diff holds its entries under the kinds of attack.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from quarantine.policy import Example
from tests.quarantine.policy.examples import findings
from tests.quarantine.policy.honest_changes import HONEST

HERE = Path(__file__).parent


class Edit(NamedTuple):
    kind: str
    name: str
    diff: str


def read_edits(path: Path) -> Iterator[Edit]:
    """The entries of a table: `== kind`, `## name`, and the edit as an example is written."""
    kind = ""
    for part in path.read_text(encoding="utf-8").split("\n== "):
        head, _, rest = part.partition("\n") if path.name.startswith("hostile") else ("", "", part)
        kind = head.removeprefix("== ")
        for entry in f"\n{rest}".split("\n## ")[1:]:
            name, _, diff = entry.partition("\n")
            yield Edit(kind, name, diff.strip("\n"))


FIXES = list(read_edits(HERE / "honest_fixes.diff"))
EDITS = list(read_edits(HERE / "hostile_edits.diff"))


@pytest.mark.parametrize("edit", FIXES, ids=[edit.name for edit in FIXES])
def test_an_honest_fix_passes(edit: Edit) -> None:
    assert findings(Example(edit.diff)) == ()


@pytest.mark.parametrize("edit", EDITS, ids=[f"{edit.kind}: {edit.name}" for edit in EDITS])
def test_a_hostile_or_doubtful_edit_goes_to_a_person_at_least(edit: Edit) -> None:
    assert findings(Example(edit.diff)) != ()


def test_the_tables_are_large_and_of_many_kinds() -> None:
    assert len(FIXES) + len(HONEST) >= 150
    kinds = Counter(edit.kind for edit in EDITS)
    assert kinds.total() >= 200
    assert len(kinds) >= 20
    assert all(count >= 4 for count in kinds.values())
