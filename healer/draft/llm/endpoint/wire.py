"""Reads what endpoints send: bodies, streams, errors.

Belongs here: every shape in which an answer or a failure comes over the wire. All of it is read
with suspicion: nothing here raises for anything an endpoint sends. Does not belong here: asking
(`client`).
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import openai

_LONGEST_MESSAGE = 500
_LONGEST_ANSWER = 2_000_000
_UNPAID = (400, 401, 403, 404, 405, 413, 422, 429)
_TRANSIENT = (408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529)


@dataclass(frozen=True)
class Answer:
    """What came back as a complete HTTP reply."""

    text: str
    finish_reason: str = ""
    refusal: str = ""
    """The model's or the provider's own words, where it declined."""
    tokens_in: int | None = None
    """From the endpoint's usage; None where it gave none."""
    tokens_out: int | None = None


@dataclass(frozen=True)
class Failed:
    """No reply, or an error in its place."""

    message: str
    transient: bool
    """True: the same call may succeed later."""
    retry_after_s: float | None = None
    maybe_billed: bool = False
    """True where the model may have worked: a time-out, a connection cut in mid-reply."""
    received: str = ""
    """What had come before a stream was cut."""


@dataclass(frozen=True)
class Unsuitable:
    """The endpoint refused the manner of asking, not the question."""

    message: str


def read(content: bytes) -> Answer | Failed | Unsuitable:
    """A whole body of HTTP status 200."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        shown = content[:200].decode("utf-8", "replace")
        return Failed(short(f"the endpoint sent no JSON: {shown!r}"), True, maybe_billed=True)
    problem = _mapping(body).get("error") if not isinstance(body, list) else body
    if problem:
        return _error_in_body(problem, content.decode("utf-8", "replace"))
    choices = _mapping(body).get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    if not choice:
        return Failed("the endpoint's reply has no choices", True, maybe_billed=True)
    message = _mapping(choice.get("message"))
    return _answer(message, choice.get("finish_reason"), _mapping(body).get("usage"))


def _answer(message: Mapping[str, Any], finish_reason: object, usage: object) -> Answer:
    counts = _mapping(usage)
    text = _content(message.get("content"))
    if not text.strip():  # some servers put the whole reply where the reasoning belongs
        text = _content(message.get("reasoning_content") or message.get("reasoning"))
    if not text.strip():  # and some answer by calling a tool that nobody offered
        text = _called_with(message.get("tool_calls")) or _arguments(message.get("function_call"))
    refusal = _content(message.get("refusal"))
    if finish_reason == "content_filter" and not refusal:
        refusal = "the provider's content filter withheld the reply"
    return Answer(
        text=text[:_LONGEST_ANSWER],
        finish_reason=str(finish_reason or ""),
        refusal=short(refusal),
        tokens_in=_count(counts.get("prompt_tokens")),
        tokens_out=_count(counts.get("completion_tokens")),
    )


def _content(value: object) -> str:
    """A message's text; some endpoints send it in parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_content(_mapping(part).get("text")) for part in value)
    return ""


def _called_with(calls: object) -> str:
    first = calls[0] if isinstance(calls, list) and len(calls) == 1 else None
    return _arguments(_mapping(first).get("function"))


def _arguments(function: object) -> str:
    given = _mapping(function).get("arguments")
    return given if isinstance(given, str) else json.dumps(given) if given else ""


def _count(value: object) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if known and isinstance(value, int) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def read_stream(chunks: Any, timeout_s: float) -> Answer | Failed:
    """A stream joined to one answer; what came before a cut is kept."""
    deadline = time.monotonic() + timeout_s
    texts: list[str] = []
    message: dict[str, Any] = {}
    finish_reason, usage = "", None
    try:
        for chunk in _as_dicts(chunks):
            usage = chunk.get("usage") or usage
            choices = chunk.get("choices") or [{}]
            delta = _mapping(choices[0].get("delta"))
            finish_reason = choices[0].get("finish_reason") or finish_reason
            texts.append(_content(delta.get("content")))
            for name in ("refusal", "reasoning_content", "reasoning"):
                message[name] = _content(message.get(name)) + _content(delta.get(name))
            if time.monotonic() > deadline or sum(map(len, texts)) > _LONGEST_ANSWER:
                message_text = f"the stream went on for more than {timeout_s:g} s"
                return Failed(message_text, True, maybe_billed=True, received="".join(texts))
    except (openai.OpenAIError, OSError, ValueError, TypeError, AttributeError) as error:
        said = short(f"the stream was cut: {error}")
        return Failed(said, True, maybe_billed=True, received="".join(texts))
    finally:
        chunks.close()
    if not finish_reason:
        return Failed(
            "the stream ended without its last part",
            True,
            maybe_billed=True,
            received="".join(texts),
        )
    return _answer(message | {"content": "".join(texts)}, finish_reason, usage)


def _as_dicts(chunks: Any) -> Iterator[dict[str, Any]]:
    for chunk in chunks:
        yield chunk.model_dump()


def read_status(status: int, text: str, headers: Mapping[str, str]) -> Answer | Failed | Unsuitable:
    said = short(f"HTTP {status}: {text}")
    lowered = text.lower()
    if "content_filter" in lowered and status == 400:  # noqa: PLR2004
        return Answer("", "content_filter", short(text), 0, 0)
    too_long = "context_length" in lowered or "context length" in lowered or status == 413  # noqa: PLR2004
    if status in (400, 415, 422, 501) and not too_long:
        return Unsuitable(said)
    no_money = "insufficient_quota" in lowered or "billing" in lowered
    return Failed(
        said,
        transient=status in _TRANSIENT and not no_money,
        retry_after_s=_retry_after(headers),
        maybe_billed=status not in _UNPAID and status in (408, 504, 524),
    )


def _error_in_body(problem: object, text: str) -> Answer | Failed | Unsuitable:
    first = problem[0] if isinstance(problem, list) and problem else problem
    inner = _mapping(_mapping(first).get("error")) or _mapping(first)
    code = inner.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 502  # noqa: PLR2004
    return read_status(status, text, {})


def read_connection_error(error: openai.APIConnectionError) -> Failed:
    cause = error.__cause__
    never_reached = type(cause).__name__ in (
        "ConnectError",
        "ConnectTimeout",
        "UnsupportedProtocol",
    )
    where = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
    said = f"{where}: {error.message} {cause or ''}".strip()
    return Failed(short(said), transient=True, maybe_billed=not never_reached)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `Retry-After` as a number or a date, or from `retry-after-ms`."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(float(milliseconds) / 1000, 0.0)
        value = headers.get("retry-after")
        if not value:
            return None
        if value.replace(".", "", 1).isdigit():
            return float(value)
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def short(text: str) -> str:
    return " ".join(text[: 4 * _LONGEST_MESSAGE].split())[:_LONGEST_MESSAGE]
