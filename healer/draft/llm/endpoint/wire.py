"""Reads what endpoints send: answers whole, and errors.

Belongs here: every shape in which an answer or a failure comes over the wire. All of it is read
with suspicion: nothing here raises for anything an endpoint sends. Does not belong here: asking
(`client`), and bodies as they come in (`stream`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import openai

from healer.draft.llm.endpoint.pace import read_retry_after
from healer.draft.llm.endpoint.tool_calls import Call, read_calls
from healer.draft.llm.endpoint.usage import read_usage

_LONGEST_MESSAGE = 500
LONGEST_ANSWER = 2_000_000
_LONGEST_SHOWN = 200
_TRANSIENT = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529))
_MAYBE_BILLED = frozenset((408, 504, 524))
"""Time-outs: the model may have worked."""
_ABOUT_FORMAT = frozenset((400, 415, 422, 501))
_NEVER_REACHED = frozenset(("ConnectError", "ConnectTimeout"))
"""The HTTP library's errors before anything was sent."""
REASONING = ("reasoning_content", "reasoning")
_CUT_ENDS = frozenset(("max_tokens", "max_output_tokens", "model_length"))
"""What some call the end that is named `length` elsewhere."""
_FEWEST_LIMIT = 256
"""Tokens; a smaller number in a refusal is no limit of a reply."""
_RETRY_DELAY = re.compile(r'"retrydelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
"""As Google says how long to wait, in lower case."""
TokensKey = Literal["max_completion_tokens", "max_tokens"]
Refusal = Literal["", "key", "payment", "access", "model", "too_long", "form"]
"""Why an endpoint will refuse the same call again: what it says of the key, of money, of rights, of
the model's name or the address, of the length of what was asked, or of how it was asked. Empty: it
may answer later."""
_REFUSALS: Mapping[int, Refusal] = {
    401: "key", 402: "payment", 403: "access", 404: "model", 410: "model",
}  # fmt: skip
_ASKED_WRONGLY: Mapping[str, Refusal] = {
    "UnsupportedProtocol": "model",
    "LocalProtocolError": "key",
}
"""The HTTP library's errors that no patience mends: an address that is none, a key or a header that
HTTP does not allow."""
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
    is_reasoning: bool = False
    """The text stood where what a model thinks belongs, and nothing else came."""


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
    """Of one that is transient too: what it is if it goes on."""
    is_rate_limit: bool = False
    """It answers, but not so often."""


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
    limits: tuple[int, ...] = ()
    """Numbers of tokens in what it says of the longest reply: one of them may be the most."""


Outcome = Answer | CallFailure | FormatRefusal


def read_body(content: bytes) -> Outcome:
    """A whole body of HTTP status 200."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return read_no_json(content)
    problem = body if isinstance(body, list) else _object(body).get("error")
    if problem:
        return read_error(problem, content.decode("utf-8", "replace"))
    choice = _object(_first(_object(body).get("choices")))
    if choice.get("error"):  # the provider behind a router failed after the 200 was sent
        return read_error(choice["error"], json.dumps(choice["error"]))
    if not choice:
        return CallFailure("the endpoint's reply has no choices", True, maybe_billed=True)
    message = _object(choice.get("message"))
    return make_answer(message, choice.get("finish_reason"), _object(body).get("usage"))


def read_no_json(content: bytes) -> CallFailure:
    """A body that is none. A page is what a gateway shows for a while, and another server for ever,
    at a wrong address; no model worked for it. Anything else is a reply that broke off."""
    head = content[:_LONGEST_SHOWN].decode("utf-8", "replace")
    message = shorten(f"the endpoint sent no JSON: {head!r}")
    if content.lstrip().startswith(b"<"):
        return CallFailure(message, transient=True, refusal="model")
    return CallFailure(message, transient=True, maybe_billed=True)


def make_answer(message: Object, finish_reason: object, usage: object) -> Answer:
    text, is_reasoning = read_text(message.get("content")), False
    calls = read_calls(message)
    if not text.strip():  # some servers put the whole reply where the reasoning belongs
        text = next(filter(None, (read_text(message.get(name)) for name in REASONING)), "")
        is_reasoning = bool(text) and not calls
    if not text.strip() and len(calls) == 1:  # some answer by calling a tool that nobody offered
        text = calls[0].arguments
    refusal = read_text(message.get("refusal"))
    end = str(finish_reason or "")
    if end == "content_filter" and not refusal:
        refusal = "the provider's content filter withheld the reply"
    return Answer(
        text=text[:LONGEST_ANSWER],
        finish_reason="length" if end.lower() in _CUT_ENDS else end,
        refusal=shorten(refusal),
        calls=calls,
        is_reasoning=is_reasoning,
        **read_usage(_object(usage)),
    )


def read_text(value: object) -> str:
    """A message's text, empty for what is none; some endpoints send it in parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(read_text(_object(part).get("text")) for part in value)
    return ""


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


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
        limits = _find_limits(words) if tokens_key or "maxoutputtokens" in words else ()
        return FormatRefusal(
            message, "stream" in words, no_system, tokens_key=tokens_key, limits=limits
        )
    is_transient = status in _TRANSIENT and not refusal
    return CallFailure(
        message,
        transient=is_transient,
        retry_after_s=_find_delay(words, headers),
        maybe_billed=status in _MAYBE_BILLED,
        refusal=refusal if refusal or is_transient else "form",
        is_rate_limit=is_transient and status == HTTPStatus.TOO_MANY_REQUESTS,
    )


def _find_delay(words: str, headers: Mapping[str, str]) -> float | None:
    in_text = _RETRY_DELAY.search(words)
    return float(in_text[1]) if in_text else read_retry_after(headers)


def _find_limits(words: str) -> tuple[int, ...]:
    numbers = (int(number) for number in re.findall(r"(?<![\w.-])\d{3,9}(?![\w-])", words))
    return tuple(number for number in numbers if number >= _FEWEST_LIMIT)


def _find_refusal(status: int, words: str) -> Refusal:
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and any(say in words for say in _ABOUT_LENGTH):
        return "too_long"
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "too_long"
    if status == HTTPStatus.TOO_MANY_REQUESTS and _RETRY_DELAY.search(words):
        return ""  # Google speaks of billing where it only asks for a minute's patience
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
    code = int(code) if isinstance(code, str) and re.fullmatch(r"[45]\d\d", code) else code
    is_status = isinstance(code, int) and code in _ERROR_STATUSES
    return read_status(code if is_status and isinstance(code, int) else 502, text, {})


_ERROR_STATUSES = range(400, 600)


def read_connection_error(error: openai.APIConnectionError) -> CallFailure:
    """No HTTP reply at all."""
    cause = error.__cause__
    refusal = _ASKED_WRONGLY.get(type(cause).__name__, "")
    was_reached = not refusal and type(cause).__name__ not in _NEVER_REACHED
    where = f"{error.request.url.scheme}://{error.request.url.netloc.decode()}"
    words = "" if refusal == "key" else cause or ""  # which quotes the key
    message = f"{where}: {error.message} {words}".strip()
    if isinstance(error, openai.APITimeoutError):
        message = f"{where}: no answer came in time (timeout_s of [model] or its tier)"
    return CallFailure(
        shorten(message), transient=not refusal, maybe_billed=was_reached, refusal=refusal
    )


def shorten(text: str) -> str:
    """One line of at most 500 characters."""
    return " ".join(text[: 4 * _LONGEST_MESSAGE].split())[:_LONGEST_MESSAGE]
