"""Envelopes and lists around what was asked for are taken off where nothing is lost by it."""

import json

import pytest

from healer.draft.rules.example import Example
from healer.facts.draft import ReadData
from tests.support.rule_cases import (
    check_fix,
    check_silence,
    content_of,
    draft_example,
    example_case,
    run_script,
)

ONE = "{'price': 3}"
SCRIPT = """
    def names(rows):
        result = []
        for row in rows:
            result.append(row["name"])
            #! TypeError: string indices must be integers, not 'str'
        return result
    """
ROWS = [{"name": "tea"}, {"name": "oil"}]
SILENT = [
    example_case(
        "an empty list",
        "list-for-object",
        """
        offer = []
        print(offer["price"])  #! TypeError: list indices must be integers or slices, not str
        """,
        recorded={"offer": "[]"},
    ),
    example_case(
        "an object without that field",
        "list-for-object",
        """
        offer = [{"cost": 3}]
        print(offer["price"])  #! TypeError: list indices must be integers or slices, not str
        """,
        recorded={"offer": "[{'cost': 3}]"},
    ),
    example_case(
        "a loop over texts, and nothing is known of its data",
        "envelope",
        """
        for row in ["a"]:
            print(row["name"])  #! TypeError: string indices must be integers, not 'str'
        """,
        recorded={"row": "'a'"},
    ),
]


def test_one_object_is_taken_out_of_its_list_and_two_still_fail() -> None:
    example = Example(
        """
          def show(offer):
        +     if isinstance(offer, list):
        +         (offer,) = offer
              return offer["price"]
        #! TypeError: list indices must be integers or slices, not str
        """,
        locals={"offer": f"[{ONE}]"},
        is_reported=True,
    )
    check_fix("list-for-object", example)
    show = run_script(example.after)["show"]
    assert show([{"price": 3}]) == show({"price": 3}) == 3
    with pytest.raises(ValueError, match="too many values"):
        show([{"price": 3}, {"price": 4}])


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_what_is_not_shown_is_not_taken_off(rule: str, example: Example) -> None:
    check_silence(rule, example)


def draft_for(document: object) -> list[str]:
    example = Example(SCRIPT, locals={"row": "'rows'"}, is_reported=True)
    reads = (ReadData(name="rows.json", text=json.dumps(document)),)
    drafts = draft_example(example, reads=reads).candidates
    return [content_of(draft) for draft in drafts if draft.rule in ("envelope", "values-of")]


@pytest.mark.parametrize(
    "envelope",
    [
        {"rows": ROWS},
        {"rows": ROWS, "total": 2},
        {"rows": ROWS, "next": None, "page": 1, "pages": 1, "has_more": False},
        {"meta": {"count": 2, "page_size": 100}, "rows": ROWS},
    ],
)
def test_the_list_is_taken_out_of_a_whole_envelope(envelope: dict[str, object]) -> None:
    (text,) = draft_for(envelope)
    names = run_script(text)["names"]
    assert names(envelope) == names(ROWS) == ["tea", "oil"]


@pytest.mark.parametrize(
    "envelope",
    [
        {"rows": ROWS, "next": "/rows?page=2"},
        {"rows": ROWS, "total": 3},
        {"rows": ROWS, "pages": 4},
        {"rows": ROWS, "meta": {"has_more": True}},
        {"rows": ROWS, "others": ROWS},
        {"rows": []},
        {"state": "none"},
    ],
)
def test_where_there_may_be_more_nothing_is_drafted(envelope: dict[str, object]) -> None:
    assert draft_for(envelope) == []


def test_a_dictionary_of_objects_is_no_envelope() -> None:
    (text,) = draft_for({"mon": {"name": "tea"}})
    assert ".values()" in text
