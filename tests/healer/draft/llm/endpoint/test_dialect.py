"""From a request and a dialect to the arguments of a call, and to the next dialect."""

import json

import pytest

from healer.draft.llm.endpoint.dialect import (
    ChatRequest,
    Dialect,
    Message,
    choose_other,
    conforms,
    make_arguments,
)
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.tool_calls import Call, Tool
from healer.draft.llm.endpoint.wire import Answer, FormatRefusal
from healer.draft.llm.replies.schema import REVIEW

ENDPOINT = Endpoint(
    name="m", model="m", base_url="http://h", api_key="k", timeout_s=1, tries=1,
    max_output_tokens=9,
)  # fmt: skip
CALL = Call("c1", "look", '{"path": "a.py"}')
CHAT = ChatRequest(
    (
        Message("system", "Be brief."),
        Message("user", "Why?"),
        Message("assistant", "", (CALL, CALL)),
        Message("tool", "first", call_id="c1"),
        Message("tool", "second", call_id="c1"),
    ),
    REVIEW,
    '{"objection": "none"}',
    (Tool("look", "Looks.", {"type": "object"}),),
    "Write calls as JSON.",
)


def test_with_tools_calls_and_results_are_messages_of_their_own() -> None:
    arguments = make_arguments(ENDPOINT, CHAT, Dialect())
    assert [message["role"] for message in arguments["messages"]] == [
        "system", "user", "assistant", "tool", "tool",
    ]  # fmt: skip
    assert arguments["messages"][2]["content"] is None
    assert "response_format" not in arguments
    assert "Write calls" not in str(arguments)


def test_without_tools_the_same_chat_is_text() -> None:
    arguments = make_arguments(ENDPOINT, CHAT, Dialect(calls_tools=False))
    system, _, assistant, results = arguments["messages"]
    assert "Write calls as JSON." in system["content"]
    assert json.loads(assistant["content"].split("\n")[0]) == {"action": "look", "path": "a.py"}
    assert results == {"role": "user", "content": "first\n\nsecond"}
    assert arguments["response_format"]["type"] == "json_schema"
    assert "tools" not in arguments


def test_the_system_message_is_folded_with_its_manual() -> None:
    dialect = Dialect(calls_tools=False, folds_system=True, format="fence")
    first = make_arguments(ENDPOINT, CHAT, dialect)["messages"][0]
    assert first["role"] == "user"
    assert first["content"].startswith("Be brief.\nWrite calls as JSON.")
    assert first["content"].endswith("Why?")


@pytest.mark.parametrize(
    ("refusal", "offers_tools", "other"),
    [
        (FormatRefusal("x", no_tools=True), True, Dialect(calls_tools=False)),
        (FormatRefusal("x"), True, Dialect(calls_tools=False)),
        (FormatRefusal("x"), False, Dialect(format="json")),
        (FormatRefusal("x", wants_stream=True), True, Dialect(stream=True)),
        (FormatRefusal("x", tokens_key="max_tokens"), True, Dialect(tokens_key="max_tokens")),
        (FormatRefusal("x", no_system=True), False, Dialect(folds_system=True)),
    ],
)
def test_the_next_dialect_gives_up_what_was_refused(
    refusal: FormatRefusal, offers_tools: bool, other: Dialect
) -> None:
    assert choose_other(refusal, Dialect(), offers_tools=offers_tools) == other


@pytest.mark.parametrize(
    ("text", "dialect", "holds"),
    [
        ('{"objection": "none", "reason": ""}', Dialect(), True),
        ('{"objection": "none"}', Dialect(), False),
        ('{"objection": "none"}', Dialect(format="json"), True),
        ("Sure! {}", Dialect(format="json"), False),
        ("Sure!", Dialect(format="fence"), True),
    ],
)
def test_an_answer_holds_to_its_format_or_not(text: str, dialect: Dialect, holds: bool) -> None:
    assert conforms(Answer(text, "stop"), dialect, REVIEW) is holds
