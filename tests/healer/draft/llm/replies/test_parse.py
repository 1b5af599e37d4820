"""Every reply has one meaning or is refused; the parser never raises."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.parse import parse_reply, read_written_draft
from healer.draft.llm.replies.reply import ModelReply
from healer.draft.llm.replies.schema import FORMS, EditForm
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, WriteFile

RECORDED = Path(__file__).parents[5] / "benchmarks" / "replies" / "recorded.jsonl"
REPLIES = [json.loads(line) for line in RECORDED.read_text().splitlines()]


def meant(edit: dict[str, str]) -> Edit:
    """The edit that a recorded answer means."""
    match edit["kind"]:
        case "replace_text":
            return ReplaceText(path=edit["path"], find=edit["find"], replace=edit["text"])
        case "replace_symbol":
            return ReplaceSymbol(path=edit["path"], symbol=edit["symbol"], source=edit["text"])
        case _:
            return WriteFile(path=edit["path"], content=edit["text"])


def is_right(reply: dict[str, Any]) -> bool:
    """True where what was parsed is what was meant."""
    parsed, expected = parse_reply(reply["text"]), reply["expect"]
    if expected is None or isinstance(parsed, Problem):
        return expected is None and isinstance(parsed, Problem) and bool(parsed.message)
    decision = expected["decision"]
    test = expected["regression_test"]
    found = parsed.regression_test
    return (
        parsed.edits == tuple(meant(edit) for edit in expected["edits"])
        and parsed.refusal == ("" if decision == "fix" else decision)
        and parsed.cause == expected["cause"]
        and parsed.confidence == pytest.approx(expected["confidence"])
        and ((found.path, found.content) if found else ("", "")) == (test["path"], test["content"])
    )


def test_all_recorded_replies_are_parsed_or_refused_rightly() -> None:
    assert len(REPLIES) >= 200
    assert [reply["name"] for reply in REPLIES if not is_right(reply)] == []


@given(st.text(max_size=400))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    assert isinstance(parse_reply(text), ModelReply | Problem)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)
_FIELDS = ("kind", "type", "path", "file", "symbol", "find", "text", "content", "name")
_EDIT = st.dictionaries(st.sampled_from(_FIELDS), st.text(max_size=9) | _JSON, max_size=6)


@given(
    decision=st.sampled_from(["fix", "needs_person", "FIX"]) | _JSON,
    edits=st.lists(_EDIT, max_size=3) | _JSON,
    cause=_JSON,
    confidence=_JSON,
    test=_EDIT | _JSON,
)
def test_any_json_of_about_the_shape_is_parsed_or_refused(
    decision: object, edits: object, cause: object, confidence: object, test: object
) -> None:
    found = {"decision": decision, "edits": edits, "cause": cause, "confidence": confidence}
    parsed = parse_reply(json.dumps(found | {"regression_test": test}))
    if isinstance(parsed, ModelReply):
        assert bool(parsed.edits) != bool(parsed.refusal)
        assert 0 <= parsed.confidence <= 1
        assert len(parsed.cause) <= 500


@given(reply=st.sampled_from([r for r in REPLIES if r["expect"]]), data=st.data())
def test_a_good_reply_that_is_cut_anywhere_never_becomes_another_answer(
    reply: dict[str, Any], data: st.DataObject
) -> None:
    whole = parse_reply(reply["text"])
    end = data.draw(st.integers(0, len(reply["text"])))
    cut = parse_reply(reply["text"][:end])
    assert cut == whole or isinstance(cut, Problem)


def test_control_and_invisible_characters_do_not_come_out_of_a_cause() -> None:
    parsed = parse_reply(
        json.dumps({"decision": "needs_person", "cause": "\x1b[31mred\u202e\u200b\nline\x00"})
    )
    assert isinstance(parsed, ModelReply)
    assert parsed.cause == "[31mred line"


CUT = "jobs/a.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"


def test_json_goes_before_any_other_format_and_several_answers_stay_several() -> None:
    good = {"decision": "fix", "cause": "c", "edits": [{"path": "a.py", "find": "x", "text": "y"}]}
    parsed = parse_reply(f"{CUT}\n```json\n{json.dumps(good)}\n```")
    assert isinstance(parsed, ModelReply)
    assert parsed.edits == (ReplaceText(path="a.py", find="x", replace="y"),)
    other = good | {"edits": [{"path": "b.py", "find": "x", "text": "y"}]}
    assert isinstance(parse_reply(f"{CUT}{json.dumps(good)}{json.dumps(other)}"), Problem)


def test_a_reply_in_another_format_has_a_cause_and_may_have_been_cut() -> None:
    parsed = parse_reply(f"<think>…</think>The \x1b[31mrow.\nIt is.\n\nMore.\n{CUT}")
    assert isinstance(parsed, ModelReply)
    assert (parsed.cause, parsed.is_closed) == ("The [31mrow. It is.", False)
    assert (parsed.confidence, parsed.category, parsed.regression_test) == (0.0, "", None)


def test_too_many_edits_and_none_are_refused() -> None:
    many = parse_reply("".join(CUT.replace("x = 1", f"x = {n}") for n in range(30)))
    assert isinstance(many, Problem)
    assert "at most" in many.message
    none = parse_reply("--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n x = 1\n")
    assert isinstance(none, Problem)
    assert "change nothing" in none.message


@pytest.mark.parametrize(
    "text",
    [
        "<|channel|>analysis<|message|>{…}<|end|><|start|>assistant<|channel|>final<|message|>{}",
        "<|channel|>commentary to=f <|constrain|>json<|message|>{}<|call|>",
    ],
)
def test_the_last_channel_is_the_answer(text: str) -> None:
    good = {"decision": "needs_person", "cause": "c", "edits": []}
    parsed = parse_reply(text.replace("{}", json.dumps(good)))
    assert isinstance(parsed, ModelReply)
    assert parsed.refusal == "needs_person"


def test_thoughts_in_a_channel_are_no_answer() -> None:
    good = {"decision": "needs_person", "cause": "c", "edits": []}
    parsed = parse_reply(f"<|channel|>analysis<|message|>{json.dumps(good)}")
    assert isinstance(parsed, Problem)
    assert "empty" in parsed.message


NEW_TEST = "tests/test_b.py\n<<<<<<< SEARCH\n=======\ndef test_b():\n    pass\n>>>>>>> REPLACE\n"
EDIT = "b.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 3\n>>>>>>> REPLACE\n"


def test_the_one_new_test_beside_edits_in_blocks_is_the_regression_test() -> None:
    reply = parse_reply(f"It is one too few.\n\n{EDIT}\n{NEW_TEST}", "search_replace")
    assert isinstance(reply, ModelReply)
    assert [edit.path for edit in reply.edits] == ["b.py"]
    assert reply.regression_test == WriteFile(
        path="tests/test_b.py", content="def test_b():\n    pass\n"
    )
    assert (reply.cause, reply.form) == ("It is one too few.", "search_replace")


@pytest.mark.parametrize("text", [NEW_TEST, EDIT + NEW_TEST + NEW_TEST.replace("_b", "_c")])
def test_tests_alone_or_several_are_edits_like_others(text: str) -> None:
    reply = parse_reply(text, "search_replace")
    assert isinstance(reply, ModelReply)
    assert reply.regression_test is None
    assert len(reply.edits) == text.count("SEARCH")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (json.dumps({"edits": [{"path": "b.py", "find": "x = 1", "text": "x = 3"}]}), "json"),
        (EDIT, "search_replace"),
        ("*** Begin Patch\n*** Update File: b.py\n@@\n-x = 1\n+x = 3\n*** End Patch", "patch"),
        ("--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x = 1\n+x = 3\n", "patch"),
        ("b.py\n```python\nx = 3\n```\n", ""),
    ],
)
@pytest.mark.parametrize("asked", FORMS)
def test_the_form_that_edits_are_written_in_is_known_whatever_was_asked_for(
    text: str, form: str, asked: EditForm
) -> None:
    reply = parse_reply(text, asked)
    assert isinstance(reply, ModelReply)
    assert reply.form == form


def test_a_way_out_is_json_in_every_form() -> None:
    reply = parse_reply('{"decision": "needs_person", "cause": "Both are right."}', "patch")
    assert isinstance(reply, ModelReply)
    assert reply.refusal == "needs_person"


@pytest.mark.parametrize(
    ("text", "form", "fault", "says"),
    [
        ("I would change the loop.", "json", "form", "JSON"),
        ("I would change the loop.", "search_replace", "form", "form that was asked for"),
        ('{"edits": [{"path": "b.py"}]}', "json", "form", "edit 1"),
        ("b.py\n<<<<<<< SEARCH\nx = 1\n", "search_replace", "form", "ends without"),
        ("", "json", "", "empty"),
        ("", "patch", "", "empty"),
        ('{"decision": "needs_person"}', "json", "", "without a reason"),
    ],
)
def test_a_problem_says_whether_the_form_is_at_fault(
    text: str, form: EditForm, fault: str, says: str
) -> None:
    problem = parse_reply(text, form)
    assert isinstance(problem, Problem)
    assert problem.fault == fault
    assert says in problem.message


@given(st.text(max_size=300))
def test_any_text_holds_a_written_draft_or_none(text: str) -> None:
    assert read_written_draft(text) is None or read_written_draft(text)["edits"]


def test_a_written_draft_is_the_object_that_it_would_be_in_json() -> None:
    value = read_written_draft(f"Why.\n\n{EDIT}{NEW_TEST}")
    assert value is not None
    reply = parse_reply(json.dumps(value))
    assert isinstance(reply, ModelReply)
    assert reply.edits == (ReplaceText(path="b.py", find="x = 1\n", replace="x = 3\n"),)
    assert reply.regression_test is not None
    assert reply.cause == "Why."
