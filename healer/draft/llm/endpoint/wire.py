"""Reads what endpoints send: bodies, streams, errors.

Belongs here: every shape in which an answer or a failure comes over the wire. All of it is read
with suspicion: nothing here raises for anything an endpoint sends. Does not belong here: asking
(`client`).
"""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import openai

from healer.draft.llm.endpoint.pace import read_retry_after
from healer.draft.llm.endpoint.tool_calls import Call, StreamedCalls, read_calls
from healer.draft.llm.endpoint.usage import read_usage

_LONGEST_MESSAGE = 500
_LONGEST_ANSWER = 2_000_000
_LONGEST_SHOWN = 200
_LONGEST_BODY = 16_000_000
_TRANSIENT = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529))
_MAYBE_BILLED = frozenset((408, 504, 524))
"""Time-outs: the model may have worked."""
_ABOUT_FORMAT = frozenset((400, 415, 422, 501))
_NEVER_REACHED = frozenset(("ConnectError", "ConnectTimeout", "UnsupportedProtocol"))
"""The HTTP library's errors before anything was sent."""
_REASONING = ("reasoning_content", "reasoning")
TokensKey = Literal["max_completion_tokens", "max_tokens"]
Refusal = Literal["", "key", "payment", "access", "model", "too_long"]
"""Why an endpoint will refuse the same call again: what it says of the key, of money, of rights, of
the model's name or the address, of the length of what was asked. Empty: it may answer later."""
_REFUSALS: Mapping[int, Refusal] = {401: "key", 402: "payment", 403: "access", 404: "model"}
_ABOUT_LENGTH = (
    "context_length", "context length", "context window", "context size", "maximum context",
    "prompt is too long", "too many tokens", "exceeds the available context",
    "input is too long", "reduce the length",
)  # fmt: skip
"""In the words of OpenAI, Azure, vLLM, llama.cpp, Ollama and the compatible ends of others."""
_ABOUT_TOOLS = (
    "not support tool", "support tool use", "tools param requires", "tool choice requires",
    "does not support function", "tools is not supported", "tools are not supported",
)  # fmt: skip
"""Ollama, OpenRouter (a 404), llama.cpp (a 500), vLLM, and others."""
Object = Mapping[str, object]
"""A JSON object of which nothing is known yet."""


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
    """With what it thought, also where the endpoint counts that apart."""
    cached_tokens: int = 0
    """Of `tokens_in`: read before, and cheaper at some."""
    cost_usd: float | None = None
    """What the endpoint says that the call cost; None where it says nothing."""
    calls: tuple[Call, ...] = ()
    """Of tools; a model calls some although none was offered."""


@dataclass(frozen=True)
class CallFailure:
    """No reply, or an error in its place."""

    message: str
    transient: bool
    """True: the same call may succeed later."""
    retry_after_s: float | None = None
    maybe_billed: bool = False
    """True where the model may have worked: a time-out, a connection cut in mid-reply."""
    received: str = ""
    """What had come before a stream was cut."""
    refusal: Refusal = ""


@dataclass(frozen=True)
class FormatRefusal:
    """The endpoint refused the dialect, not the question."""

    message: str
    wants_stream: bool = False
    no_system: bool = False
    """It knows no message of the system."""
    no_tools: bool = False
    """It knows no calls of tools."""
    tokens_key: TokensKey | Literal[""] = ""
    """The one that it asks for, where it speaks of that."""


Outcome = Answer | CallFailure | FormatRefusal


def read_body(content: bytes) -> Outcome:
    """A whole body of HTTP status 200; some endpoints stream though nobody asked for it."""
    if content.lstrip().startswith((b"data:", b":")):
        return _join_chunks(_read_events(content), math.inf)
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        head = content[:_LONGEST_SHOWN].decode("utf-8", "replace")
        return CallFailure(shorten(f"the endpoint sent no JSON: {head!r}"), True, maybe_billed=True)
    problem = body if isinstance(body, list) else _object(body).get("error")
    if problem:
        return read_error(problem, content.decode("utf-8", "replace"))
    choice = _object(_first(_object(body).get("choices")))
    if choice.get("error"):  # the provider behind a router failed after the 200 was sent
        return read_error(choice["error"], json.dumps(choice["error"]))
    if not choice:
        return CallFailure("the endpoint's reply has no choices", True, maybe_billed=True)
    message = _object(choice.get("message"))
    return _make_answer(message, choice.get("finish_reason"), _object(body).get("usage"))


def read_chunks(
    chunks: Iterable[bytes],
    deadline: float,
    read: Callable[[bytes], Outcome] = read_body,
) -> Outcome:
    """A whole body as it comes in, until `deadline` (of `time.monotonic`): an endpoint that sends
    a byte now and then, or without end, holds nobody up."""
    content = bytearray()
    try:
        for chunk in chunks:
            content += chunk
            if time.monotonic() > deadline or len(content) > _LONGEST_BODY:
                message = f"the reply went on for too long ({len(content):,} bytes)"
                return CallFailure(message, True, maybe_billed=True)
    except Exception as error:  # openai passes its HTTP library's errors on as they are
        return CallFailure(shorten(f"the reply was cut: {error}"), True, maybe_billed=True)
    return read(bytes(content))


def _make_answer(message: Object, finish_reason: object, usage: object) -> Answer:
    text = _read_text(message.get("content"))
    if not text.strip():  # some servers put the whole reply where the reasoning belongs
        text = next(filter(None, (_read_text(message.get(name)) for name in _REASONING)), "")
    calls = read_calls(message)
    if not text.strip() and len(calls) == 1:  # some answer by calling a tool that nobody offered
        text = calls[0].arguments
    refusal = _read_text(message.get("refusal"))
    if finish_reason == "content_filter" and not refusal:
        refusal = "the provider's content filter withheld the reply"
    return Answer(
        text=text[:_LONGEST_ANSWER],
        finish_reason=str(finish_reason or ""),
        refusal=shorten(refusal),
        calls=calls,
        **read_usage(_object(usage)),
    )


def _read_text(value: object) -> str:
    """A message's text; some endpoints send it in parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_read_text(_object(part).get("text")) for part in value)
    return ""


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def read_stream(
    chunks: openai.Stream[openai.types.chat.ChatCompletionChunk], timeout_s: float
) -> Answer | CallFailure:
    """A stream joined to one answer; what came before a cut is kept. The stream is closed."""
    try:
        return _join_chunks((chunk.model_dump() for chunk in chunks), timeout_s)
    finally:
        chunks.close()


def _read_events(content: bytes) -> Iterator[Object]:
    """The chunks of a body of server-sent events."""
    for line in content.splitlines():
        name, _, value = line.partition(b":")
        if name == b"data" and value.strip() != b"[DONE]":
            chunk = _object(json.loads(value))
            if chunk.get("error"):
                raise ValueError(chunk["error"])
            yield chunk


def _join_chunks(chunks: Iterable[Object], timeout_s: float) -> Answer | CallFailure:
    deadline = time.monotonic() + timeout_s
    texts: list[str] = []
    message: dict[str, str] = {}
    calls = StreamedCalls()
    finish_reason: object = ""
    usage: object = None
    try:
        for chunk in chunks:
            usage = chunk.get("usage") or usage
            choice = _object(_first(chunk.get("choices")))
            delta = _object(choice.get("delta"))
            if choice.get("error"):
                return _cut_off(shorten(f"the stream failed: {choice['error']}"), texts)
            finish_reason = choice.get("finish_reason") or finish_reason
            texts.append(_read_text(delta.get("content")))
            calls.add(delta)
            for name in ("refusal", *_REASONING):
                message[name] = message.get(name, "") + _read_text(delta.get(name))
            if time.monotonic() > deadline or sum(map(len, texts)) > _LONGEST_ANSWER:
                return _cut_off(f"the stream went on for more than {timeout_s:g} s", texts)
    except Exception as error:  # of the connection, or of JSON that is none
        return _cut_off(shorten(f"the stream was cut: {error}"), texts)
    if not finish_reason:
        return _cut_off("the stream ended without its last part", texts)
    whole = {**message, "content": "".join(texts), "tool_calls": calls.as_message()}
    return _make_answer(whole, finish_reason, usage)


def _cut_off(message: str, texts: Sequence[str]) -> CallFailure:
    return CallFailure(message, True, maybe_billed=True, received="".join(texts))


def read_status(status: int, text: str, headers: Mapping[str, str]) -> Outcome:
    """An HTTP status that is an error. What an error means is known by its status where that says
    enough, and by the words that endpoints use in its text where it does not."""
    message, words = shorten(f"HTTP {status}: {text}"), text.lower()
    if "content_filter" in words and status == HTTPStatus.BAD_REQUEST:
        return Answer("", "content_filter", shorten(text), 0, 0)
    if any(say in words for say in _ABOUT_TOOLS):
        return FormatRefusal(message, no_tools=True)
    refusal = _find_refusal(status, words)
    if status in _ABOUT_FORMAT and not refusal:
        no_system = "system" in words and "role" in words
        tokens_key = _find_tokens_key(words)
        return FormatRefusal(message, "stream" in words, no_system, tokens_key=tokens_key)
    return CallFailure(
        message,
        transient=status in _TRANSIENT and not refusal,
        retry_after_s=read_retry_after(headers),
        maybe_billed=status in _MAYBE_BILLED,
        refusal=refusal,
    )


def _find_refusal(status: int, words: str) -> Refusal:
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and any(say in words for say in _ABOUT_LENGTH):
        return "too_long"
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "too_long"
    if "insufficient_quota" in words or "billing" in words:
        return "payment"
    is_key = "api key" in words or "api_key" in words or "unauthorized" in words
    if status == HTTPStatus.BAD_REQUEST and is_key:  # Gemini's answer to a wrong key
        return "key"
    return _REFUSALS.get(status, "")


def _find_tokens_key(words: str) -> TokensKey | Literal[""]:
    if "use 'max_completion_tokens'" in words:
        return "max_completion_tokens"
    return "max_tokens" if "max_completion_tokens" in words or "max_tokens" in words else ""


def read_error(problem: object, text: str) -> Outcome:
    """An error inside a body of status 200; it may carry a status of its own."""
    first = _first(problem) if isinstance(problem, list) else problem
    inner = _object(_object(first).get("error")) or _object(first)
    code = inner.get("code")
    is_status = isinstance(code, int) and code in _ERROR_STATUSES
    return read_status(code if is_status and isinstance(code, int) else 502, text, {})


_ERROR_STATUSES = range(400, 600)


def read_connection_error(error: openai.APIConnectionError) -> CallFailure:
    """No HTTP reply at all."""
    cause = error.__cause__
    was_reached = type(cause).__name__ not in _NEVER_REACHED
    where = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
    message = f"{where}: {error.message} {cause or ''}".strip()
    return CallFailure(shorten(message), transient=True, maybe_billed=was_reached)


def shorten(text: str) -> str:
    """One line of at most 500 characters."""
    return " ".join(text[: 4 * _LONGEST_MESSAGE].split())[:_LONGEST_MESSAGE]
