"""Whatever an endpoint sends is read as an answer or a failure."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.wire import (
    Answer,
    CallFailure,
    FormatRefusal,
    read_body,
    read_status,
    shorten,
)

KINDS = (Answer, CallFailure, FormatRefusal)


def body(message: Any, finish: Any = "stop", **more: Any) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"choices": [choice], **more}).encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (body({"content": "x"}), Answer("x", "stop")),
        (
            body({"content": "x"}, usage={"prompt_tokens": 3, "completion_tokens": 4}),
            Answer("x", "stop", tokens_in=3, tokens_out=4),
        ),
        (body({"content": [{"type": "text", "text": "a"}, {"text": "b"}]}), Answer("ab", "stop")),
        (
            body({"content": None, "reasoning_content": "{}"}),
            Answer("{}", "stop", is_reasoning=True),
        ),
        (body({"content": "", "reasoning": "{}"}), Answer("{}", "stop", is_reasoning=True)),
        (body({"content": "x", "reasoning": "y"}), Answer("x", "stop")),
        (body({"content": ""}, "MAX_TOKENS"), Answer("", "length")),
        (body({"content": ""}, "model_length"), Answer("", "length")),
        (body({"content": None, "refusal": "no"}), Answer("", "stop", "no")),
        (body({"content": "x"}, usage={"prompt_tokens": -1}), Answer("x", "stop")),
        (body({"content": "x"}, usage={"prompt_tokens": True}), Answer("x", "stop")),
        (body({"content": "x"}, None, usage=None), Answer("x", "")),
    ],
)
def test_an_answer_is_found_where_endpoints_put_it(content: bytes, expected: Answer) -> None:
    assert read_body(content) == expected


@pytest.mark.parametrize(
    ("text", "transient"),
    [
        ('{"error": {"message": "Provider returned error", "code": 502}}', True),
        ('{"error": {"message": "slow down", "code": 429}}', True),
        ('{"error": {"message": "no credit", "code": 402}}', False),
        ('{"error": {"message": "no credit", "code": "402"}}', False),
        ('{"error": {"message": "slow down", "code": "429"}}', True),
        ('{"error": {"message": "it broke", "code": "server_error"}}', True),
        ('{"error": "overloaded"}', True),
        ('[{"error": {"code": 500, "status": "INTERNAL"}}]', True),
        ('[{"error": {"code": 403, "status": "PERMISSION_DENIED"}}]', False),
        ("{}", True),
        ('{"choices": []}', True),
        ('{"choices": null}', True),
        ("<html>502</html>", True),
        ("", True),
    ],
)
def test_a_failure_inside_a_good_status_is_a_failure(text: str, transient: bool) -> None:
    outcome = read_body(text.encode())
    assert isinstance(outcome, CallFailure)
    assert outcome.transient is transient


def test_a_body_without_choices_may_have_been_billed() -> None:
    outcome = read_body(b"{}")
    assert isinstance(outcome, CallFailure)
    assert outcome.maybe_billed


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "x"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], expected: float) -> None:
    outcome = read_status(429, "slow down", headers)
    assert isinstance(outcome, CallFailure)
    assert outcome.retry_after_s == expected


def test_retry_after_may_be_a_date_to_come() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100))
    outcome = read_status(503, "", {"retry-after": later})
    assert isinstance(outcome, CallFailure)
    assert outcome.retry_after_s is not None
    assert 0 < outcome.retry_after_s <= 100


@pytest.mark.parametrize(
    ("status", "text", "refusal"),
    [
        (401, "", "key"),
        (402, "", "payment"),
        (403, "", "access"),
        (404, "", "model"),
        (413, "", "too_long"),
        (400, "This model's maximum context length is 8192 tokens", "too_long"),
        (400, "the request exceeds the available context size", "too_long"),
        (429, "You exceeded your quota, check your billing details", "payment"),
        (429, "slow down", ""),
        (429, 'check billing details {"retryDelay": "36s"}', ""),
        (404, "gone, check billing details", "payment"),
        (410, "this model was retired", "model"),
        (405, "", "form"),
        (418, "", "form"),
        (500, "unauthorized access to the context window", ""),
        (503, "", ""),
    ],
)
def test_what_will_be_refused_again_is_told_apart(status: int, text: str, refusal: str) -> None:
    outcome = read_status(status, text, {})
    assert isinstance(outcome, CallFailure)
    assert outcome.refusal == refusal
    assert not (outcome.refusal and outcome.transient)


def test_googles_word_on_how_long_to_wait_is_read() -> None:
    text = '[{"error": {"details": [{"@type": "RetryInfo", "retryDelay": "12.5s"}]}}]'
    outcome = read_status(429, text, {})
    assert isinstance(outcome, CallFailure)
    assert (outcome.retry_after_s, outcome.transient) == (12.5, True)


@pytest.mark.parametrize(
    ("content", "refusal", "billed"),
    [
        (b"<!DOCTYPE html><title>Open WebUI</title>", "model", False),
        (b"  <html>", "model", False),
        (b"", "", True),
        (b'{"choices": [{"mess', "", True),
    ],
)
def test_a_page_is_a_wrong_address_and_no_reply_that_broke_off(
    content: bytes, refusal: str, billed: bool
) -> None:
    outcome = read_body(content)
    assert isinstance(outcome, CallFailure)
    assert (outcome.refusal, outcome.maybe_billed) == (refusal, billed)
    assert outcome.transient


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("max_tokens is too large: 16384. This model supports at most 4096 completion tokens",
         (16384, 4096)),
        ("max_tokens: 64000 > 8192, which is the maximum for claude-3-5-20241022", (64000, 8192)),
        ("`max_tokens` must be less than or equal to `8192`", (8192,)),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", (8192,)),
        ("a maxOutputTokens value of 100000 but the supported range is to 65537", (100000, 65537)),
        ("Unsupported parameter: 'max_tokens' with gpt-4o-2024-08-06 and gpt-4-0613", ()),
        ("temperature must be at most 2048", ()),
    ],
)  # fmt: skip
def test_the_longest_reply_that_is_allowed_is_among_the_numbers(
    text: str, limits: tuple[int, ...]
) -> None:
    outcome = read_status(400, text, {})
    assert isinstance(outcome, FormatRefusal)
    assert outcome.limits == limits


def test_a_routers_error_inside_the_choice_is_a_failure() -> None:
    choice = {"error": {"code": 502, "message": "Provider returned error"}, "message": {}}
    outcome = read_body(json.dumps({"choices": [choice]}).encode())
    assert isinstance(outcome, CallFailure)
    assert outcome.transient


@given(st.binary(max_size=300))
def test_any_bytes_are_read(content: bytes) -> None:
    assert isinstance(read_body(content), KINDS)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
_MESSAGE = st.fixed_dictionaries(
    {}, optional={"content": _JSON, "refusal": _JSON, "reasoning": _JSON, "tool_calls": _JSON}
)
_CHOICE = st.fixed_dictionaries({}, optional={"message": _MESSAGE | _JSON, "finish_reason": _JSON})


@given(
    st.fixed_dictionaries(
        {}, optional={"choices": st.lists(_CHOICE) | _JSON, "error": _JSON, "usage": _JSON}
    )
    | _JSON
)
def test_any_json_of_about_the_shape_is_read(found: Any) -> None:
    assert isinstance(read_body(json.dumps(found).encode()), KINDS)


@given(st.integers(300, 599), st.text(max_size=80), st.text(max_size=12))
def test_any_error_status_is_read(status: int, text: str, wait: str) -> None:
    assert isinstance(read_status(status, text, {"retry-after": wait}), KINDS)


@pytest.mark.parametrize(
    "headers",
    [{"retry-after": "9" * 400}, {"retry-after-ms": "nan"}, {"retry-after-ms": "inf"},
     {"retry-after-ms": "1e999"}],
)  # fmt: skip
def test_a_wait_without_an_end_is_none(headers: dict[str, str]) -> None:
    outcome = read_status(429, "slow down", headers)
    assert isinstance(outcome, CallFailure)
    assert outcome.retry_after_s is None


@pytest.mark.parametrize(
    ("status", "text", "refusal"),
    [
        (400, "response_format is not supported", ("", False)),
        (422, "unknown field", ("", False)),
        (501, "not implemented", ("", False)),
        (400, "This model only supports stream mode", ("", True)),
        (400, "Unsupported parameter: use 'max_completion_tokens' instead of 'max_tokens'",
         ("max_completion_tokens", False)),
        (400, "Unknown parameter: 'max_completion_tokens'", ("max_tokens", False)),
        (400, "max_tokens is too large", ("max_tokens", False)),
    ],
)  # fmt: skip
def test_a_refusal_of_the_dialect_says_what_is_asked_for_instead(
    status: int, text: str, refusal: tuple[str, bool]
) -> None:
    outcome = read_status(status, text, {})
    assert isinstance(outcome, FormatRefusal)
    assert (outcome.tokens_key, outcome.wants_stream) == refusal


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "context_length_exceeded"),
        (400, "This model's maximum context length is 4096 tokens"),
        (401, "use stream"),
        (404, "max_tokens"),
        (413, "too large"),
        (500, "response_format"),
    ],
)
def test_other_errors_are_no_refusal_of_the_dialect(status: int, text: str) -> None:
    assert isinstance(read_status(status, text, {}), CallFailure)


@pytest.mark.parametrize(
    ("status", "text", "transient", "billed"),
    [
        (408, "", True, True),
        (429, "slow down", True, False),
        (429, "insufficient_quota", False, False),
        (429, "check your billing details", False, False),
        (500, "", True, False),
        (504, "", True, True),
        (524, "", True, True),
        (529, "overloaded", True, False),
        (403, "", False, False),
        (418, "", False, False),
    ],
)
def test_a_status_says_whether_it_passes_and_whether_the_model_may_have_worked(
    status: int, text: str, transient: bool, billed: bool
) -> None:
    outcome = read_status(status, text, {})
    assert isinstance(outcome, CallFailure)
    assert (outcome.transient, outcome.maybe_billed) == (transient, billed)


def test_a_content_filter_is_an_answer_that_declines() -> None:
    outcome = read_status(400, "content_filter: violence", {})
    assert outcome == Answer("", "content_filter", "content_filter: violence", 0, 0)
    withheld = read_body(body({"content": ""}, "content_filter"))
    assert isinstance(withheld, Answer)
    assert "withheld" in withheld.refusal


def test_a_call_of_a_tool_that_nobody_offered_is_the_answer() -> None:
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    for message in ({"tool_calls": [call]}, {"function_call": call["function"]}):
        outcome = read_body(body(message | {"content": None}))
        assert isinstance(outcome, Answer)
        assert json.loads(outcome.text) == {"a": 1}
    several = read_body(body({"content": None, "tool_calls": [call, call]}))
    assert isinstance(several, Answer)
    assert several.text == ""


@given(st.text(max_size=4_000))
def test_a_message_is_one_short_line(text: str) -> None:
    line = shorten(text)
    assert len(line) <= 500
    assert len(line.splitlines()) <= 1
