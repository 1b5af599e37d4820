"""The Responses API is asked and read as chat completions are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.client import Client
from healer.draft.llm.endpoint.dialect import ChatRequest, Dialect, Message
from healer.draft.llm.endpoint.dialect_memory import DialectMemory
from healer.draft.llm.endpoint.responses import make_arguments, read_body
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.tool_calls import Call, Tool
from healer.draft.llm.endpoint.wire import Answer, CallFailure
from healer.draft.llm.replies.schema import REVIEW
from tests.support.endpoint import RESPONSES_ONLY, Reply, ScriptedEndpoint, error

GOOD = {"objection": "none", "reason": "x"}
ASK = ChatRequest((Message("system", "Be brief."), Message("user", "Why?")), REVIEW, "{}")


def endpoint_at(url: str, **more: Any) -> Endpoint:
    values = {"name": "m", "model": "m", "base_url": url, "api_key": "k", "timeout_s": 9.0}
    return Endpoint(**values, tries=1, max_output_tokens=99, **more)


def body(*items: dict[str, Any], status: str = "completed", **more: Any) -> bytes:
    usage = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12,
             "input_tokens_details": {"cached_tokens": 3}}  # fmt: skip
    return json.dumps({"status": status, "output": items, "usage": usage, **more}).encode()


def message(**part: str) -> dict[str, Any]:
    return {"type": "message", "content": [part]}


@pytest.mark.parametrize(
    ("content", "text", "finish_reason", "refusal"),
    [
        (body(message(type="output_text", text="yes")), "yes", "stop", ""),
        (body({"type": "reasoning"}, message(type="output_text", text="y")), "y", "stop", ""),
        (body(message(type="refusal", refusal="I will not.")), "", "stop", "I will not."),
        (
            body(message(type="output_text", text="y"), status="incomplete",
                 incomplete_details={"reason": "max_output_tokens"}),
            "y", "length", "",
        ),
        (
            body(status="incomplete", incomplete_details={"reason": "content_filter"}),
            "", "content_filter", "the provider's content filter withheld the reply",
        ),
    ],
)  # fmt: skip
def test_an_answer_is_read(content: bytes, text: str, finish_reason: str, refusal: str) -> None:
    answer = read_body(content)
    assert isinstance(answer, Answer)
    assert (answer.text, answer.finish_reason, answer.refusal) == (text, finish_reason, refusal)
    assert (answer.tokens_in, answer.tokens_out, answer.cached_tokens) == (7, 5, 3)


def test_calls_are_read() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "look", "arguments": '{"a": 1}'}
    answer = read_body(body(call, {**call, "call_id": "d"}))
    assert isinstance(answer, Answer)
    assert answer.calls == (Call("c", "look", '{"a": 1}'), Call("d", "look", '{"a": 1}'))


@pytest.mark.parametrize(
    "content",
    [b"<html>", b"[]", b"{}", b'{"output": 3}', b'{"error": {"message": "x"}, "output": []}'],
)
def test_what_is_no_answer_is_a_failure(content: bytes) -> None:
    assert isinstance(read_body(content), CallFailure)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "content", "text", "name"]), inner)
    ),
)


@given(st.dictionaries(st.sampled_from(["output", "usage", "error", "incomplete_details"]), JSON))
def test_any_object_is_read(value: dict[str, Any]) -> None:
    read_body(json.dumps(value).encode())


def test_a_chat_with_tools_is_shown_as_items() -> None:
    call = Call("c1", "look", "{}")
    chat = ChatRequest(
        (*ASK.messages, Message("assistant", "", (call,)), Message("tool", "seen", call_id="c1")),
        REVIEW,
        "{}",
        (Tool("look", "Looks.", {"type": "object"}),),
        "Write JSON.",
    )
    endpoint = endpoint_at("http://h", reasoning_effort="low")
    native = make_arguments(endpoint, chat, Dialect())
    assert [item.get("type", item.get("role")) for item in native["input"]] == [
        "user", "function_call", "function_call_output",
    ]  # fmt: skip
    assert native["instructions"] == "Be brief."
    assert (native["reasoning"], native["store"]) == ({"effort": "low"}, False)
    assert "text" not in native
    plain = make_arguments(endpoint, chat, Dialect(calls_tools=False))
    assert plain["instructions"].startswith("Be brief.\nWrite JSON.")
    assert plain["text"]["format"]["type"] == "json_schema"
    assert "tools" not in plain


def test_an_endpoint_without_chat_completions_is_asked_so_and_that_is_kept() -> None:
    memory = DialectMemory()
    with ScriptedEndpoint([GOOD, GOOD], RESPONSES_ONLY) as server, Client(memory) as client:
        endpoint = endpoint_at(server.base_url)
        for _ in range(2):
            answer = client.complete(endpoint, ASK)
            assert isinstance(answer, Answer)
            assert json.loads(answer.text) == GOOD
    assert [request.path for request in server.requests] == [
        "/v1/chat/completions", "/v1/responses", "/v1/responses",
    ]  # fmt: skip
    assert "Why?" in server.requests[1].prompt


def test_a_tiers_own_headers_values_and_patience_are_sent_here_too() -> None:
    endpoint = endpoint_at("http://h", headers={"X-Team": "jobs"}, extra_body={"top_k": 20})
    arguments = make_arguments(endpoint, ASK, Dialect())
    assert arguments["extra_headers"] == {"X-Team": "jobs"}
    assert arguments["extra_body"] == {"top_k": 20}
    assert arguments["timeout"].read == endpoint.timeout_s


def test_a_wrong_address_stays_what_it_was() -> None:
    missing = error(404, "page not found")
    with ScriptedEndpoint([missing, missing]) as server, Client(DialectMemory()) as client:
        failure = client.complete(endpoint_at(server.base_url), ASK)
    assert isinstance(failure, CallFailure)
    assert failure.refusal == "model"
    with (
        ScriptedEndpoint([error(404, "The model `m` does not exist")]) as server,
        Client(DialectMemory()) as client,
    ):
        assert isinstance(client.complete(endpoint_at(server.base_url), ASK), CallFailure)
    assert len(server.requests) == 1


def test_azure_gets_its_version_and_its_own_header() -> None:
    with ScriptedEndpoint([Reply(GOOD)]) as server, Client(DialectMemory()) as client:
        endpoint = endpoint_at(server.base_url, api_version="2024-10-21")
        assert isinstance(client.complete(endpoint, ASK), Answer)
    (request,) = server.requests
    assert request.path.endswith("/chat/completions?api-version=2024-10-21")
    assert request.headers["api-key"] == "k"
