"""One chat completion from an OpenAI-compatible endpoint, however compatible it is.

Belongs here: the wire. Asking in the strictest manner that the endpoint knows, stepping down when
it refuses or ignores that, reading any body it sends. Does not belong here: trying again after a
failure and paying (`calls`), what the text means (`reply`).
"""

import json
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Literal

import openai

from healer.draft.llm.endpoint.formats import Manner, Manners
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.wire import (
    Answer,
    Failed,
    Unsuitable,
    read,
    read_connection_error,
    read_status,
    read_stream,
    short,
)
from healer.draft.llm.replies.jsontext import without_thinking
from healer.draft.llm.replies.schema import Schema

_MOST_MANNERS = 6
"""So many ways of asking are tried for one answer; each refusal costs nothing."""
_CONNECT_TIMEOUT_S = 10.0
_SHAPE_NOTE = (
    "\n\nAnswer with exactly one JSON object of this shape and nothing else, in a ```json block:\n"
)


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Ask:
    """What is asked."""

    messages: tuple[Message, ...]
    schema: Schema
    shape: str
    """An example of the schema, for endpoints that know no schemas."""


class Client:
    """Calls endpoints. Safe for several threads."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._clients: dict[tuple[str, str], openai.OpenAI] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def complete(self, endpoint: Endpoint, ask: Ask) -> Answer | Failed:
        """One answer; finds out how the endpoint wants to be asked, and remembers what worked."""
        manner = self._manners.of(endpoint.base_url, endpoint.model)
        for _ in range(_MOST_MANNERS):
            outcome = self._once(endpoint, ask, manner)
            if isinstance(outcome, Unsuitable):
                weaker = _other_manner(outcome, manner)
                if weaker == manner:
                    return Failed(outcome.message, transient=False)
                manner = weaker
                continue
            if isinstance(outcome, Answer):
                ignored = not _conforms(outcome, manner, ask.schema)
                self._manners.remember(
                    endpoint.base_url, endpoint.model, manner.weaker() if ignored else manner
                )
            return outcome
        return Failed("the endpoint refuses every way of asking", transient=False)

    def _once(self, endpoint: Endpoint, ask: Ask, manner: Manner) -> "Answer | Failed | Unsuitable":
        try:
            completions = self._client(endpoint).chat.completions
            arguments = _arguments(endpoint, ask, manner)
            if manner.stream:
                return read_stream(completions.create(**arguments), endpoint.timeout_s)
            raw = completions.with_raw_response.create(**arguments)
            return read(raw.http_response.content)
        except openai.APIStatusError as error:
            return read_status(error.status_code, error.response.text, error.response.headers)
        except openai.APIConnectionError as error:
            return read_connection_error(error)
        except (openai.OpenAIError, ValueError, TypeError) as error:
            return Failed(short(f"the endpoint's reply is unreadable: {error}"), transient=True)

    def _client(self, endpoint: Endpoint) -> openai.OpenAI:
        key = (endpoint.base_url, endpoint.api_key)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = openai.OpenAI(
                    base_url=endpoint.base_url, api_key=endpoint.api_key, max_retries=0
                )
            return self._clients[key]


def _arguments(endpoint: Endpoint, ask: Ask, manner: Manner) -> dict[str, Any]:
    messages = [{"role": message.role, "content": message.content} for message in ask.messages]
    arguments: dict[str, Any] = {
        "model": endpoint.model,
        "messages": messages,
        "timeout": openai.Timeout(endpoint.timeout_s, connect=_CONNECT_TIMEOUT_S),
        manner.tokens_key: endpoint.max_output_tokens,
    }
    if manner.format == "schema":
        wanted = {"name": "reply", "strict": True, "schema": ask.schema}
        arguments["response_format"] = {"type": "json_schema", "json_schema": wanted}
    else:
        messages[0]["content"] += _SHAPE_NOTE + ask.shape
    if manner.format == "json":
        arguments["response_format"] = {"type": "json_object"}
    if manner.stream:
        arguments |= {"stream": True, "stream_options": {"include_usage": True}}
    return arguments


def _other_manner(refused: Unsuitable, manner: Manner) -> Manner:
    """How to ask after this refusal; the same manner where there is no other."""
    said = refused.message.lower()
    if "stream" in said and not manner.stream:
        return replace(manner, stream=True)
    if "max_completion_tokens" in said or "max_tokens" in said:
        old = manner.tokens_key == "max_tokens"
        wants_new = "use 'max_completion_tokens'" in said
        if wants_new == old:
            return replace(manner, tokens_key="max_completion_tokens" if old else "max_tokens")
    return manner.weaker()


def _conforms(answer: Answer, manner: Manner, schema: Schema) -> bool:
    """False where the endpoint did not hold to the format that it seemed to accept."""
    if manner.format == "fence" or answer.refusal or answer.finish_reason in ("length", ""):
        return True
    try:
        found = json.loads(without_thinking(answer.text))
    except (ValueError, RecursionError):
        return False
    if manner.format == "json":
        return isinstance(found, dict)
    return isinstance(found, dict) and set(schema["required"]) <= set(found)
