"""What a drafter is given and answers: edits of three kinds, sums of money, what was tried."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from healer.facts.draft import (
    Case,
    Draft,
    Drafts,
    EarlierAttempt,
    Edit,
    ReplaceSymbol,
    ReplaceText,
    Spent,
    WriteFile,
    list_tried_edits,
    total,
)
from sandbox import Report
from tests.support.ledger_rows import SCRIPT, failure_of

EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)
AMOUNTS = st.builds(
    Spent,
    tokens_in=st.integers(0, 10**6),
    tokens_out=st.integers(0, 10**6),
    cost_usd=st.integers(0, 1_000).map(lambda eighths: eighths / 8),  # sums of them are exact
    cost_known=st.booleans(),
    seconds=st.integers(0, 1_000).map(lambda eighths: eighths / 8),
)
"""What calls may cost."""


@pytest.mark.parametrize(
    "edit",
    [
        ReplaceText(path="a.py", find="x", replace="y"),
        ReplaceSymbol(path="a.py", symbol="Report.total", source="def total(self): ..."),
        WriteFile(path="a.py", content="x = 1\n"),
        WriteFile(path="a.py", content="x = 1\n", replaces=True),
    ],
)
def test_an_edit_comes_back_from_a_checkpoint_as_what_it_was(edit: Edit) -> None:
    draft = Draft(drafter="rules", edits=(edit,))
    assert Draft.model_validate_json(draft.model_dump_json()) == draft
    assert EDIT.validate_python(edit.model_dump()) == edit


@pytest.mark.parametrize(
    "values",
    [
        {"path": "a.py", "find": "x", "replace": "y"},
        {"kind": "replace_line", "path": "a.py", "line": 3, "replace": "y"},
        {"kind": "replace_text", "path": "a.py", "find": "x"},
        {"kind": "replace_text", "path": "a.py", "symbol": "f", "source": ""},
        {"kind": "write_file", "path": "a.py", "content": "x", "mode": "100755"},
        {"kind": "run", "command": "rm -r /"},
        {},
        None,
    ],
)
def test_what_is_no_edit_of_the_three_is_refused(values: Any) -> None:
    with pytest.raises(ValidationError):
        EDIT.validate_python(values)


@pytest.mark.parametrize("refusal", ["not_a_refusal", "none", "Needs_Person", None])
def test_a_way_out_is_one_of_those_that_are_known(refusal: Any) -> None:
    with pytest.raises(ValidationError):
        Drafts(refusal=refusal)


@pytest.mark.parametrize("budget", ["week", "budget_usd_per_day", None])
def test_a_budget_is_that_of_a_repair_or_of_a_day(budget: Any) -> None:
    with pytest.raises(ValidationError):
        Drafts(exhausted_budget=budget)


@given(st.lists(AMOUNTS))
def test_a_sum_is_of_all_and_known_only_where_every_part_is(parts: list[Spent]) -> None:
    whole = total(parts)
    assert whole.cost_usd == sum(part.cost_usd for part in parts)
    assert whole.seconds == sum(part.seconds for part in parts)
    assert (whole.tokens_in, whole.tokens_out) == (
        sum(part.tokens_in for part in parts), sum(part.tokens_out for part in parts),
    )  # fmt: skip
    assert whole.cost_known == all(part.cost_known for part in parts)


@given(st.lists(AMOUNTS), st.lists(AMOUNTS))
def test_a_sum_of_sums_is_the_sum(some: list[Spent], others: list[Spent]) -> None:
    assert total([total(some), total(others)]) == total(some + others)


def test_a_sum_may_be_taken_of_what_can_be_read_only_once() -> None:
    assert total(Spent(tokens_in=number) for number in (1, 2)).tokens_in == 3


def earlier(text: str) -> EarlierAttempt:
    edit = ReplaceText(path=SCRIPT, find="x", replace=text)
    draft = Draft(drafter="rules", edits=(edit,))
    return EarlierAttempt(draft=draft, diff="", verdict="unchanged", evidence="")


def test_what_was_tried_is_of_this_repair_and_of_those_that_people_turned_down() -> None:
    case = Case(
        repair="r1", script=SCRIPT, failure=failure_of("f"), base="b", baseline=Report(),
        attempts=(earlier("a"),), rejected=(earlier("r"),),
    )  # fmt: skip
    texts = [edit.replace for edits in list_tried_edits(case) for edit in edits]  # type: ignore[union-attr]  # all are ReplaceText
    assert texts == ["r", "a"]
