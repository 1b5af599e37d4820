"""Each field of a reply is read in the forms in which models write it, or refused with a reason."""

import json
from typing import Any

import pytest

from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.reply import MOST_EDITS, ModelReply, read_reply, unwrap_reply
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, WriteFile

EDIT = {"path": "a.py", "symbol": "", "find": "x", "text": "y"}
REPLACED = ReplaceText(path="a.py", find="x", replace="y")


def read(**values: Any) -> ModelReply:
    reply = read_reply({"decision": "fix", "cause": "Because.", "edits": [EDIT]} | values)
    assert isinstance(reply, ModelReply), reply
    return reply


def problem(**values: Any) -> str:
    found = read_reply({"decision": "fix", "cause": "Because.", "edits": [EDIT]} | values)
    assert isinstance(found, Problem), found
    return found.message


@pytest.mark.parametrize(
    ("edit", "meaning"),
    [
        (EDIT, REPLACED),
        ({"path": "./a.py", "find": "x", "text": "y"}, REPLACED),
        ({"file": "a.py", "old_text": "x", "new_text": "y"}, REPLACED),
        ({"filename": "a.py", "search": "x", "replace": "y", "type": "search-replace"}, REPLACED),
        ({"path": "a.py", "find": ["x", "z"], "text": ["y"]},
         ReplaceText(path="a.py", find="x\nz", replace="y")),
        ({"path": "a.py", "find": "x", "text": ""},
         ReplaceText(path="a.py", find="x", replace="")),
        ({"path": "a.py", "symbol": "f", "find": "", "text": "def f(): ..."},
         ReplaceSymbol(path="a.py", symbol="f", source="def f(): ...")),
        ({"path": "a.py", "symbol": "f", "find": "def f", "text": "@d\ndef f(): ..."},
         ReplaceSymbol(path="a.py", symbol="f", source="@d\ndef f(): ...")),
        ({"path": "a.py", "symbol": "f", "find": "x", "text": "y"}, REPLACED),
        ({"path": "a.py", "symbol": "", "find": "", "text": "x = 1\n"},
         WriteFile(path="a.py", content="x = 1\n")),
        ({"path": "a.py", "kind": "Create File", "content": "```python\nx = 1\n```"},
         WriteFile(path="a.py", content="x = 1")),
    ],
)  # fmt: skip
def test_an_edit_is_read_by_the_fields_that_it_fills_in(
    edit: dict[str, Any], meaning: Edit
) -> None:
    assert read(edits=[edit]).edits == (meaning,)
    assert read(edits=edit).edits == (meaning,)


def test_edits_may_be_json_inside_of_the_json() -> None:
    found = read(edits=json.dumps([EDIT]))
    assert found.edits == (REPLACED,)


def test_the_same_edit_twice_is_one() -> None:
    assert read(edits=[EDIT, dict(EDIT)]).edits == (REPLACED,)


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ("x", "must be a list"),
        ("[" * 9_000, "must be a list"),
        ("3", "must be a list"),
        (["x"], "edit 1 must be an object"),
        ([EDIT, {"path": "a.py"}], "edit 2: neither symbol nor find"),
        ([{"find": "x", "text": "y"}], "path is missing"),
        ([{"path": 3, "find": "x", "text": "y"}], "path must be a string, not int"),
        ([{"path": "a.py", "find": "x"}], "text is missing"),
        ([{"path": "a.py", "find": " ", "text": "y", "kind": "replace_text"}], "find is empty"),
        ([{"path": "a.py", "symbol": "f", "text": " "}], "text is empty"),
        ([{"path": "a.py", "kind": "replace_symbol", "text": "y"}], "symbol is empty"),
        ([{"path": "a.py", "kind": "delete", "text": "y"}], "kind is 'delete'"),
        ([{"path": "a.py", "kind": 3, "text": "y"}], "kind is '3'"),
        ([{"path": "a.py", "find": "x", "text": "\ud800"}], "surrogate"),
        ([{"path": "a.py", "find": "x", "text": "y" * 200_001}], "longer than"),
        ([{**EDIT, "find": str(n)} for n in range(MOST_EDITS + 1)], f"at most {MOST_EDITS}"),
    ],
)
def test_an_edit_without_a_clear_meaning_is_refused(edits: object, says: str) -> None:
    assert says in problem(edits=edits)


@pytest.mark.parametrize(
    ("word", "refusal"),
    [
        ("not_code_fault", "not_code_fault"),
        ("Not a code fault", "not_code_fault"),
        ("TEST-IS-WRONG", "test_is_wrong"),
        ("needs human", "needs_person"),
    ],
)
def test_a_way_out_is_read_in_its_forms(word: str, refusal: str) -> None:
    reply = read(decision=word, edits=[])
    assert (reply.refusal, reply.edits) == (refusal, ())


@pytest.mark.parametrize("word", ["fix", "Fixed", "patch", "EDIT", None])
def test_a_fix_is_the_default_where_there_are_edits(word: str | None) -> None:
    assert read(decision=word).refusal == ""


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"decision": "maybe"}, "must be one of"),
        ({"decision": ["fix"]}, "must be a string"),
        ({"decision": None, "edits": []}, "must be one of"),
        ({"edits": []}, "comes without edits"),
        ({"decision": "needs_person"}, "comes with edits"),
        ({"decision": "needs_person", "edits": [], "cause": " "}, "without a reason"),
    ],
)
def test_a_decision_that_contradicts_the_rest_is_refused(values: dict[str, Any], says: str) -> None:
    assert says in problem(**values)


@pytest.mark.parametrize(
    ("value", "confidence"),
    [
        (0.7, 0.7), (1, 1.0), (7, 1.0), (-1, 0.0), ("0.5", 0.5), ("80%", 0.8), ("High", 0.9),
        ("medium", 0.6), ("sure", 0.0), (None, 0.0), (True, 0.0), ([1], 0.0),
        (float("nan"), 0.0), (float("inf"), 1.0), (10**400, 1.0),
    ],
)  # fmt: skip
def test_a_confidence_is_a_number_a_share_or_a_word(value: object, confidence: float) -> None:
    assert read(confidence=value).confidence == pytest.approx(confidence)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"test_path": "./tests/test_a.py", "test": "def test_a(): ..."}, "tests/test_a.py"),
        ({"test_file": "t.py", "test": "```python\ndef test_a(): ...\n```"}, "t.py"),
        ({"regression_test": {"path": "t.py", "content": "def test_a(): ..."}}, "t.py"),
        ({"test_path": "", "test": "def test_a(): ..."}, None),
        ({"test_path": "t.py", "test": ""}, None),
        ({"regression_test": "none"}, None),
    ],
)
def test_a_regression_test_has_a_path_and_a_text(values: dict[str, Any], path: str | None) -> None:
    test = read(**values).regression_test
    assert (test.path if test else None) == path
    if test:
        assert test.content == "def test_a(): ..."


def test_a_way_out_brings_no_test() -> None:
    reply = read(decision="needs_person", edits=[], test_path="t.py", test="def test_a(): ...")
    assert reply.regression_test is None


def test_a_cause_is_one_short_line_and_a_category_shorter() -> None:
    reply = read(cause="a\nb " + "x" * 900, category=["very", "long" * 30])
    assert reply.cause.startswith("a b x")
    assert len(reply.cause) == 500
    assert len(reply.category) == 40


@pytest.mark.parametrize(
    "value",
    [
        {"edits": []},
        {"arguments": {"edits": []}},
        {"response": {"answer": {"edits": []}}},
        {"function": {"arguments": '{"edits": []}'}},
        {"verdict": "fix"},
    ],
)
def test_a_draft_is_found_in_what_wraps_it(value: dict[str, Any]) -> None:
    draft = unwrap_reply(value)
    assert draft is not None
    assert "edits" in draft or "verdict" in draft


@pytest.mark.parametrize(
    "value",
    [{}, {"x": {"edits": []}}, {"arguments": "text"}, {"arguments": 3},
     {"reply": {"reply": {"reply": {"edits": []}}}}],
)  # fmt: skip
def test_other_objects_wrap_none(value: dict[str, Any]) -> None:
    assert unwrap_reply(value) is None
