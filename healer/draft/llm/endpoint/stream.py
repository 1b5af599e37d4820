"""A reply as it comes in: bytes until a deadline, and events joined to one answer.

Belongs here: time and size of a body, and server-sent events, which some endpoints send though
nobody asked for a stream. Nothing here raises for anything an endpoint sends. Does not belong here:
what a whole body or an error says (`wire`).
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from healer.draft.llm.endpoint.tool_calls import Object, StreamedCalls
from healer.draft.llm.endpoint.wire import (
    LONGEST_ANSWER,
    REASONING,
    Answer,
    CallFailure,
    Outcome,
    make_answer,
    read_body,
    read_error,
    read_text,
    shorten,
)

_LONGEST_BODY = 16_000_000


def read_reply(content: bytes) -> Outcome:
    """A whole body of chat completions, or the events of a stream of them."""
    return _join_events(content) if _is_stream(content) else read_body(content)


def read_chunks(
    chunks: Iterable[bytes],
    deadline: float,
    read: Callable[[bytes], Outcome] = read_reply,
) -> Outcome:
    """A whole body as it comes in, until `deadline` (of `time.monotonic`): an endpoint that sends
    a byte or a comment now and then, or without end, holds nobody up. What came of a stream before
    it was cut is kept."""
    content = bytearray()
    problem = ""
    try:
        for chunk in chunks:
            content += chunk
            if time.monotonic() > deadline or len(content) > _LONGEST_BODY:
                problem = f"the reply went on for too long ({len(content):,} bytes)"
                break
    except Exception as error:  # openai passes its HTTP library's errors on as they are
        problem = shorten(f"the reply was cut: {error}")
    if problem and not _is_stream(content):
        return CallFailure(problem, True, maybe_billed=True)
    outcome = read(bytes(content))
    if problem and isinstance(outcome, CallFailure):
        return replace(outcome, message=problem)
    return outcome


def _is_stream(content: bytes | bytearray) -> bool:
    return content.lstrip().startswith((b"data:", b"event:", b":"))


def _join_events(content: bytes) -> Outcome:
    """One answer of all events. With its last part it is whole, whatever came or failed to come
    after that."""
    texts: list[str] = []
    message: dict[str, str] = {}
    calls = StreamedCalls()
    finish_reason: object = ""
    usage: object = None
    try:
        for chunk in _read_events(content):
            usage = chunk.get("usage") or usage
            choice = _find_choice(chunk)
            delta = _object(choice.get("delta"))
            texts.append(read_text(delta.get("content")))
            calls.add(delta)
            for name in ("refusal", *REASONING):
                message[name] = message.get(name, "") + read_text(delta.get(name))
            problem = chunk.get("error") or choice.get("error")
            if problem:
                return _read_problem(problem, texts)
            finish_reason = choice.get("finish_reason") or finish_reason
    except (ValueError, RecursionError) as error:  # JSON that is none
        if not finish_reason:
            return _cut_off(shorten(f"the stream was cut: {error}"), texts)
    if not finish_reason:
        return _cut_off("the stream ended without its last part", texts)
    text = "".join(texts)[:LONGEST_ANSWER]
    return make_answer(
        {**message, "content": text, "tool_calls": calls.as_message()}, finish_reason, usage
    )


def _read_events(content: bytes) -> Iterator[Object]:
    """The chunks of a body of server-sent events."""
    for line in content.splitlines():
        name, _, value = line.partition(b":")
        if name == b"data" and value.strip() not in (b"", b"[DONE]"):
            yield _object(json.loads(value))


def _find_choice(chunk: Object) -> Object:
    choices = chunk.get("choices")
    return _object(choices[0] if isinstance(choices, list) and choices else None)


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _read_problem(problem: object, texts: Sequence[str]) -> Outcome:
    """An error in mid-stream: what it means is known by its code, as it is elsewhere; the model may
    have worked, unless the endpoint refused before it said a word."""
    outcome, text = read_error(problem, json.dumps(problem)), "".join(texts)
    if isinstance(outcome, Answer):
        return outcome
    if not isinstance(outcome, CallFailure):
        return outcome if not text else _cut_off(outcome.message, texts)
    is_free = bool(outcome.refusal) and not text
    return replace(outcome, maybe_billed=not is_free, received=text)


def _cut_off(message: str, texts: Sequence[str]) -> CallFailure:
    return CallFailure(message, True, maybe_billed=True, received="".join(texts))
