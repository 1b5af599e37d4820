"""A reply is read as it comes in, in time, whole or in events."""

import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.stream import read_chunks, read_reply
from healer.draft.llm.endpoint.wire import Answer, CallFailure, FormatRefusal, Outcome

USAGE = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}


def piece(finish: str | None = None, **delta: object) -> dict[str, object]:
    return {"choices": [{"delta": delta, "finish_reason": finish}]}


def events(*chunks: object, end: str = "data: [DONE]\n\n") -> bytes:
    return ("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end).encode()


def come_in(*parts: bytes, error: Exception | None = None) -> Iterator[bytes]:
    yield from parts
    if error:
        raise error


def read_soon(*parts: bytes, error: Exception | None = None) -> Outcome:
    return read_chunks(come_in(*parts, error=error), time.monotonic() + 9)


def test_a_body_without_end_is_left_in_time() -> None:
    outcome = read_chunks((b"x" for _ in iter(int, 1)), time.monotonic() + 0.05)
    assert isinstance(outcome, CallFailure)
    assert (outcome.transient, outcome.maybe_billed) == (True, True)


def test_a_stream_of_nothing_but_comments_is_left_in_time() -> None:
    comments = (b": PROCESSING\n\n" for _ in iter(int, 1))
    outcome = read_chunks(comments, time.monotonic() + 0.05)
    assert isinstance(outcome, CallFailure)
    assert "went on" in outcome.message
    assert (outcome.transient, outcome.maybe_billed) == (True, True)


def test_a_stream_is_joined_to_one_answer() -> None:
    content = events(piece(content="a"), piece(content="b\u2028"), piece("stop"), USAGE)
    expected = Answer("ab\u2028", "stop", tokens_in=3, tokens_out=2)
    assert read_reply(content) == expected
    assert read_reply(b": ping\n\n" + content) == expected
    assert read_reply(b"event: message\n" + content) == expected
    assert read_soon(content[:9], content[9:70], content[70:]) == expected


def test_reasoning_and_refusals_come_in_pieces_too() -> None:
    content = events(piece(reasoning="{", refusal="n"), piece("stop", reasoning="}", refusal="o"))
    assert read_reply(content) == Answer("{}", "stop", "no", is_reasoning=True)


@pytest.mark.parametrize(
    "content",
    [
        events(piece(content="ab"), piece(content="c"))[:-40],
        events(piece(content="ab"), end="data: {"),
        events(piece(content="ab"), {"error": {"message": "overloaded"}}),
        events(piece(content="ab"), None),
        events(piece(content="ab")),
    ],
)
def test_a_stream_without_its_end_is_a_failure_that_keeps_what_came(content: bytes) -> None:
    outcome = read_reply(content)
    assert isinstance(outcome, CallFailure)
    assert (outcome.received, outcome.transient, outcome.maybe_billed) == ("ab", True, True)


def test_a_stream_that_is_cut_by_its_connection_keeps_what_came() -> None:
    outcome = read_soon(events(piece(content="ab"), end=""), b"data: {", error=OSError("reset"))
    assert isinstance(outcome, CallFailure)
    assert (outcome.received, outcome.maybe_billed) == ("ab", True)
    assert "reset" in outcome.message


def test_a_stream_that_is_cut_after_its_last_part_is_an_answer() -> None:
    content = events(piece(content="ab"), piece("stop"), end="")
    assert read_soon(content, error=OSError("reset")) == Answer("ab", "stop")
    assert read_reply(content + b"data: {") == Answer("ab", "stop")


@pytest.mark.parametrize(
    "refused",
    [
        {"error": {"code": 402, "message": "Insufficient credits"}},
        {"error": {"code": "402", "message": "Insufficient credits"}},
        {"choices": [{"delta": {}, "finish_reason": "error", "error": {"code": 402}}]},
    ],
)
def test_what_is_refused_in_a_stream_is_refused_and_not_asked_for_again(refused: object) -> None:
    outcome = read_reply(events(refused))
    assert isinstance(outcome, CallFailure)
    assert (outcome.refusal, outcome.transient) == ("payment", False)
    assert not outcome.maybe_billed


def test_what_fails_in_a_stream_after_words_may_have_been_billed() -> None:
    late = read_reply(events(piece(content="ab"), {"error": {"code": 402}}))
    busy = read_reply(events({"error": {"code": 429, "message": "slow down"}}))
    assert isinstance(late, CallFailure)
    assert isinstance(busy, CallFailure)
    assert (late.maybe_billed, late.received) == (True, "ab")
    assert (busy.transient, busy.maybe_billed) == (True, True)


def test_a_format_may_be_refused_in_a_stream() -> None:
    problem = {"error": {"code": 400, "message": "response_format is not supported"}}
    assert isinstance(read_reply(events(problem)), FormatRefusal)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "delta", "error", "usage", "content"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.lists(_JSON, max_size=5))
def test_any_events_are_read(values: list[object]) -> None:
    assert isinstance(read_reply(events(*values)), Answer | CallFailure | FormatRefusal)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(content: bytes) -> None:
    outcome = read_soon(content, error=OSError("reset"))
    assert isinstance(outcome, Answer | CallFailure | FormatRefusal)


def test_no_depth_of_json_raises() -> None:
    assert isinstance(read_reply(b"data: " + b"[" * 90_000), CallFailure)
