"""Every reply has one meaning or is refused; the parser never raises."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.reply import ModelReply, parse_reply
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
