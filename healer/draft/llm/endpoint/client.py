"""One chat completion from an OpenAI-compatible endpoint, however compatible it is.

Belongs here: asking in the strictest dialect that the endpoint knows, stepping down when it refuses
or ignores that, and remembering what worked. Does not belong here: reading what comes back
(`wire`), trying again after a failure and paying (`calls`), what the text means (`replies`).
"""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Self

import openai
from pydantic import TypeAdapter

from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.wire import (
    Answer,
    CallFailure,
    FormatRefusal,
    TokensKey,
    read_chunks,
    read_connection_error,
    read_status,
    read_stream,
    shorten,
)
from healer.draft.llm.replies.jsontext import drop_thinking
from healer.draft.llm.replies.schema import Schema
from healer.support.atomic_file import write_atomically

Format = Literal["schema", "json", "fence"]
FORMATS: tuple[Format, ...] = ("schema", "json", "fence")
"""From the strictest to the one that every endpoint can do."""
_MOST_DIALECTS = 6
"""So many ways of asking are tried for one answer; each refusal costs nothing."""
_CONNECT_TIMEOUT_S = 10.0
_EXAMPLE_NOTE = (
    "\n\nAnswer with exactly one JSON object of this shape and nothing else, in a ```json block:\n"
)


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class ChatRequest:
    """What is asked."""

    messages: tuple[Message, ...]
    """The first is the system's."""
    schema: Schema
    example: str
    """An object of the schema, for endpoints that know no schemas."""


@dataclass(frozen=True)
class Dialect:
    """How to ask one model at one endpoint."""

    format: Format = "schema"
    stream: bool = False
    tokens_key: TokensKey = "max_completion_tokens"
    folds_system: bool = False
    """The system's message is put before the user's first."""
    max_output_tokens: int = 0
    """More than the settings say, for a model that thought until the limit and then said nothing;
    0 where the settings' limit was enough."""

    def weaken(self) -> "Dialect":
        """The next format down; the last stays."""
        index = min(FORMATS.index(self.format) + 1, len(FORMATS) - 1)
        return replace(self, format=FORMATS[index])


_DIALECTS = TypeAdapter(dict[str, Dialect])


class DialectMemory:
    """What each endpoint and model turned out to accept, so that the next call asks so at once.

    It is only a memory: a file that cannot be read or written is done without.
    """

    def __init__(self, path: Path | None = None) -> None:
        """`path` is a small JSON file; None keeps it in this object."""
        self._path = path
        self._lock = Lock()
        self._dialects = _read_dialects(path)

    def recall(self, endpoint: Endpoint) -> Dialect:
        """What worked last; the strictest dialect where nothing is known."""
        with self._lock:
            return self._dialects.get(_key_of(endpoint), Dialect())

    def remember(self, endpoint: Endpoint, dialect: Dialect) -> None:
        """Keeps what worked."""
        with self._lock:
            if self._dialects.get(_key_of(endpoint)) == dialect:
                return
            self._dialects[_key_of(endpoint)] = dialect
            if self._path is not None:
                try:
                    data = _DIALECTS.dump_json(self._dialects, indent=1)
                    write_atomically(self._path, data, durable=False)
                except OSError:
                    return


def _key_of(endpoint: Endpoint) -> str:
    return f"{endpoint.base_url.rstrip('/')} {endpoint.model}"


def _read_dialects(path: Path | None) -> dict[str, Dialect]:
    try:
        return _DIALECTS.validate_json(path.read_bytes()) if path else {}
    except (OSError, ValueError):
        return {}  # the first call finds out again


class Client:
    """Calls endpoints; a with-block. Safe for several threads."""

    def __init__(self, memory: DialectMemory) -> None:
        self._memory = memory
        self._clients: dict[tuple[str, str], openai.OpenAI] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def grow_limit(self, endpoint: Endpoint, max_output_tokens: int) -> None:
        """From now on the model may answer at such length."""
        dialect = self._memory.recall(endpoint)
        self._memory.remember(endpoint, replace(dialect, max_output_tokens=max_output_tokens))

    def fit(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with the longest answer that it turned out to need."""
        memory = self._memory.recall(endpoint).max_output_tokens
        limit = max(endpoint.max_output_tokens, memory)
        return endpoint.model_copy(update={"max_output_tokens": limit})

    def complete(self, endpoint: Endpoint, request: ChatRequest) -> Answer | CallFailure:
        """One answer; finds out how the endpoint wants to be asked, and remembers what worked."""
        dialect = self._memory.recall(endpoint)
        for _ in range(_MOST_DIALECTS):
            outcome = self._ask(endpoint, request, dialect)
            if isinstance(outcome, FormatRefusal):
                other = _choose_other(outcome, dialect)
                if other == dialect:
                    return CallFailure(outcome.message, transient=False)
                dialect = other
                continue
            if isinstance(outcome, Answer):
                conforms = _conforms(outcome, dialect, request.schema)
                self._memory.remember(endpoint, dialect if conforms else dialect.weaken())
            return outcome
        return CallFailure("the endpoint refuses every way of asking", transient=False)

    def _ask(
        self, endpoint: Endpoint, request: ChatRequest, dialect: Dialect
    ) -> Answer | CallFailure | FormatRefusal:
        try:
            completions = self._client_of(endpoint).chat.completions
            arguments = _make_arguments(endpoint, request, dialect)
            deadline = time.monotonic() + endpoint.timeout_s
            if dialect.stream:
                return read_stream(completions.create(**arguments), endpoint.timeout_s)
            with completions.with_streaming_response.create(**arguments) as response:
                return read_chunks(response.iter_bytes(), deadline)
        except openai.APIStatusError as error:
            return read_status(error.status_code, error.response.text, error.response.headers)
        except openai.APIConnectionError as error:
            return read_connection_error(error)
        except (openai.OpenAIError, ValueError, TypeError) as error:
            message = shorten(f"the endpoint's reply is unreadable: {error}")
            return CallFailure(message, transient=True)

    def _client_of(self, endpoint: Endpoint) -> openai.OpenAI:
        key = (endpoint.base_url, endpoint.api_key)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = openai.OpenAI(
                    base_url=endpoint.base_url, api_key=endpoint.api_key, max_retries=0
                )
            return self._clients[key]


def _make_arguments(endpoint: Endpoint, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """Keyword arguments for the library, whose own types differ for streams and formats."""
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    if dialect.folds_system and len(messages) > 1:
        first = messages.pop(0)
        messages[0]["content"] = f"{first['content']}\n\n{messages[0]['content']}"
    arguments: dict[str, Any] = {
        "model": endpoint.model,
        "messages": messages,
        "timeout": openai.Timeout(endpoint.timeout_s, connect=_CONNECT_TIMEOUT_S),
        dialect.tokens_key: endpoint.max_output_tokens,
    }
    if dialect.format == "schema":
        schema = {"name": "reply", "strict": True, "schema": request.schema}
        arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
    else:
        messages[0]["content"] += _EXAMPLE_NOTE + request.example
    if dialect.format == "json":
        arguments["response_format"] = {"type": "json_object"}
    if dialect.stream:
        arguments |= {"stream": True, "stream_options": {"include_usage": True}}
    if endpoint.reasoning_effort:
        arguments["reasoning_effort"] = endpoint.reasoning_effort
    if endpoint.headers:
        arguments["extra_headers"] = dict(endpoint.headers)
    if endpoint.extra_body:
        arguments["extra_body"] = dict(endpoint.extra_body)
    return arguments


def _choose_other(refusal: FormatRefusal, dialect: Dialect) -> Dialect:
    """How to ask after this refusal; the same dialect where there is no other."""
    if refusal.wants_stream and not dialect.stream:
        return replace(dialect, stream=True)
    if refusal.tokens_key and refusal.tokens_key != dialect.tokens_key:
        return replace(dialect, tokens_key=refusal.tokens_key)
    if refusal.no_system and not dialect.folds_system:
        return replace(dialect, folds_system=True)
    return dialect.weaken()


def _conforms(answer: Answer, dialect: Dialect, schema: Schema) -> bool:
    """False where the endpoint did not hold to the format that it seemed to accept."""
    if dialect.format == "fence" or answer.refusal or answer.finish_reason in ("length", ""):
        return True
    try:
        reply = json.loads(drop_thinking(answer.text))
    except (ValueError, RecursionError):
        return False
    if dialect.format == "json":
        return isinstance(reply, dict)
    return isinstance(reply, dict) and set(schema["required"]) <= set(reply)
