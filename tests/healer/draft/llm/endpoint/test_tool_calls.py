"""Calls of tools are read from every shape that they come in, and never raise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.tool_calls import (
    Call,
    StreamedCalls,
    Tool,
    describe_tools,
    find_written_calls,
    read_calls,
    show_calls,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def function(name: object, arguments: object, **more: object) -> dict[str, object]:
    return {"function": {"name": name, "arguments": arguments}, **more}


@pytest.mark.parametrize(
    ("message", "calls"),
    [
        ({"tool_calls": [function("f", '{"a": 1}', id="x")]}, (Call("x", "f", '{"a": 1}'),)),
        ({"tool_calls": [function("f", {"a": 1})]}, (Call("call_1", "f", '{"a": 1}'),)),
        ({"tool_calls": [function("functions.f", None, id="")]}, (Call("call_1", "f", "{}"),)),
        ({"function_call": {"name": "f", "arguments": "{}"}}, (Call("call_1", "f", "{}"),)),
        ({"tool_calls": [function(3, "{}"), "no", {"function": 1}]}, ()),
        ({"tool_calls": {"f": 1}}, ()),
        ({}, ()),
    ],
)
def test_the_calls_of_a_message(message: dict[str, object], calls: tuple[Call, ...]) -> None:
    assert read_calls(message) == calls


@given(st.dictionaries(st.sampled_from(["tool_calls", "function_call", "x"]), JSON))
def test_no_message_raises(message: dict[str, object]) -> None:
    read_calls(message)
    pieces = StreamedCalls()
    pieces.add(message)
    read_calls({"tool_calls": pieces.as_message()})


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    find_written_calls(text)
    find_written_calls(f"<tool_call>{text}</tool_call>[TOOL_CALLS]{text}")


def test_pieces_of_a_stream_are_put_together_by_index_and_without_one() -> None:
    pieces = StreamedCalls()
    for index, name in enumerate("ab"):
        pieces.add({"tool_calls": [function(name, '{"n"', id=f"id{name}", index=index)]})
    pieces.add({"tool_calls": [function(None, ": 1}", index=0), function(None, ": 2}")]})
    assert read_calls({"tool_calls": pieces.as_message()}) == (
        Call("ida", "a", '{"n": 1}'),
        Call("idb", "b", '{"n": 2}'),
    )


@pytest.mark.parametrize(
    "text",
    [
        "no call at all",
        "<tool_call>not json</tool_call>",
        "[TOOL_CALLS] none",
        '{"name": "read_file", "arguments": {}}',
    ],
)
def test_what_is_no_call_is_none(text: str) -> None:
    assert find_written_calls(text) == ()


def test_several_written_calls_keep_their_order() -> None:
    text = "".join(f'<tool_call>{{"name": "{n}", "arguments": {{}}}}</tool_call>' for n in "ab")
    assert [call.name for call in find_written_calls(f"Let me look.\n{text}")] == ["a", "b"]


def test_tools_and_calls_are_sent_as_endpoints_name_them() -> None:
    (described,) = describe_tools([Tool("f", "Does it.", {"type": "object"})])
    assert described["type"] == "function"
    assert described["function"]["parameters"] == {"type": "object"}
    (shown,) = show_calls([Call("x", "f", "{}")])
    assert json.loads(json.dumps(shown)) == {
        "id": "x",
        "type": "function",
        "function": {"name": "f", "arguments": "{}"},
    }
