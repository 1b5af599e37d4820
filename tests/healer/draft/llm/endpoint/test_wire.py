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
        (body({"content": None, "reasoning_content": "{}"}), Answer("{}", "stop")),
        (body({"content": "", "reasoning": "{}"}), Answer("{}", "stop")),
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
