"""One chat completion from an OpenAI-compatible endpoint, however compatible it is.

Belongs here: asking in the strictest dialect that the endpoint knows, stepping down when it refuses
or ignores that, and remembering what worked. Does not belong here: reading what comes back
(`wire`), trying again after a failure and paying (`calls`), what the text means (`replies`).
"""

import json
import os
import ssl
import time
from dataclasses import replace
from functools import lru_cache
from threading import Lock
from typing import Any, Self

import httpx2
import openai

from healer.draft.llm.endpoint import responses
from healer.draft.llm.endpoint.dialect import (
    CONNECT_TIMEOUT_S,
    FORMATS,
    ChatRequest,
    Dialect,
    choose_other,
    conforms,
    make_arguments,
)
from healer.draft.llm.endpoint.dialect_memory import DialectMemory
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.stream import read_chunks
from healer.draft.llm.endpoint.wire import (
    Answer,
    CallFailure,
    FormatRefusal,
    Outcome,
    read_connection_error,
    read_status,
    shorten,
)
from healer.support.time_limit import run_within

_MOST_DIALECTS = 8
"""So many ways of asking are tried for one answer; each refusal costs nothing."""
_LIST_TIMEOUT_S = 5.0
_CONTEXT_NAMES = (
    "context_length", "max_model_len", "max_context_length", "context_window", "n_ctx",
    "n_ctx_train",
)  # fmt: skip
"""In the lists of OpenRouter, vLLM, LM Studio, Groq, and llama.cpp."""
UNREADABLE = (
    openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, RuntimeError,
    ValueError, TypeError,
)  # fmt: skip
"""What the libraries raise of replies: openai passes errors of its HTTP library on where the body
of an error is cut."""


class Client:
    """Calls endpoints; a with-block. Safe for several threads."""

    def __init__(self, memory: DialectMemory) -> None:
        self._memory = memory
        self._clients: dict[tuple[str, str, str], openai.OpenAI] = {}
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
        """The endpoint with the longest answer that it turned out to need, and no longer prompt
        than its context has room for beside that."""
        memory = self._memory.recall(endpoint)
        longer = {"max_output_tokens": max(endpoint.max_output_tokens, memory.max_output_tokens)}
        limit = self.limit_output(endpoint.model_copy(update=longer)).max_output_tokens
        room = memory.context_tokens - limit
        prompt = endpoint.max_prompt_tokens
        if memory.context_tokens:
            prompt = min(prompt, max(room, memory.context_tokens // 2))
        limits = {"max_output_tokens": limit, "max_prompt_tokens": prompt}
        return endpoint.model_copy(update=limits)

    def limit_output(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with no longer answer than it is known to allow."""
        most = self._memory.recall(endpoint).most_output_tokens
        if not 0 < most < endpoint.max_output_tokens:
            return endpoint
        return endpoint.model_copy(update={"max_output_tokens": most})

    def forget(self, endpoint: Endpoint) -> None:
        """The next call finds out anew how it wants to be asked: formats climb back."""
        before = self._memory.recall(endpoint)
        self._memory.remember(endpoint, Dialect(max_output_tokens=before.max_output_tokens))

    def learn_context(self, endpoint: Endpoint) -> Dialect:
        """Looks into the endpoint's list of models; gives all that is known of it then."""
        try:
            client = self._client_of(endpoint)
            text = run_within(
                2 * _LIST_TIMEOUT_S,
                lambda: client.models.with_raw_response.list(timeout=_LIST_TIMEOUT_S).text,
            )
            context_tokens = find_context(json.loads(text), endpoint.model)
        except (TimeoutError, *UNREADABLE):
            context_tokens = 0
        dialect = self._memory.recall(endpoint)
        if context_tokens:
            dialect = replace(dialect, context_tokens=context_tokens)
            self._memory.remember(endpoint, dialect)
        return dialect

    def complete(self, endpoint: Endpoint, request: ChatRequest) -> Answer | CallFailure:
        """One answer; finds out how the endpoint wants to be asked, and remembers what worked."""
        dialect = self._memory.recall(endpoint).climb()
        outcome: Outcome | None = None
        refusal: CallFailure | None = None
        for _ in range(_MOST_DIALECTS):
            outcome = self._ask(endpoint, request, dialect)
            if isinstance(outcome, CallFailure) and _may_have_responses(outcome, dialect):
                dialect, refusal = replace(dialect, api="responses", stream=False), outcome
                continue
            if isinstance(outcome, FormatRefusal):
                shorter = [limit for limit in outcome.limits if limit < endpoint.max_output_tokens]
                if shorter:
                    endpoint = endpoint.model_copy(update={"max_output_tokens": max(shorter)})
                    dialect = replace(dialect, most_output_tokens=max(shorter))
                    continue
                other = choose_other(outcome, dialect, offers_tools=bool(request.tools))
                if other == dialect:
                    break
                dialect = other
                continue
            if isinstance(outcome, Answer):
                self._remember(endpoint, request, dialect, outcome)
                return outcome
            return refusal or outcome
        message = outcome.message if isinstance(outcome, FormatRefusal) else ""
        return refusal or CallFailure(message, transient=False, refusal="form")

    def _remember(
        self, endpoint: Endpoint, request: ChatRequest, dialect: Dialect, answer: Answer
    ) -> None:
        """Keeps how it was asked, unless it did not hold to that."""
        offers_tools = bool(request.tools) and dialect.calls_tools
        if not offers_tools and not conforms(answer, dialect, request.schema):
            dialect = dialect.weaken()
        if (answer.tokens_out or 0) > endpoint.max_output_tokens:
            dialect = replace(dialect, tokens_key="max_tokens")  # it did not heed the newer name
        if dialect.format != FORMATS[0]:
            dialect = replace(dialect, answers=dialect.answers + 1)
        self._memory.remember(endpoint, dialect)

    def _ask(self, endpoint: Endpoint, request: ChatRequest, dialect: Dialect) -> Outcome:
        try:
            client = self._client_of(endpoint)
        except (httpx2.InvalidURL, ValueError) as error:
            message = shorten(f"{endpoint.base_url} is no address: {error}")
            return CallFailure(message, transient=False, refusal="model")
        limit_s = endpoint.timeout_s + min(CONNECT_TIMEOUT_S, endpoint.timeout_s)
        try:
            outcome = run_within(limit_s, lambda: _send(client, endpoint, request, dialect))
        except TimeoutError as error:
            self._drop(endpoint)
            outcome = CallFailure(f"the endpoint's reply: {error}", True, maybe_billed=True)
        except openai.APIStatusError as error:
            outcome = read_status(error.status_code, error.response.text, error.response.headers)
        except openai.APIConnectionError as error:
            outcome = read_connection_error(error)
        except UnicodeEncodeError:  # its own words quote the key
            message = "the key or a header holds letters that HTTP does not allow"
            outcome = CallFailure(message, transient=False, refusal="key")
        except UNREADABLE as error:
            message = shorten(f"the endpoint's reply is unreadable: {error}")
            outcome = CallFailure(message, transient=True, maybe_billed=True)
        return outcome

    def _drop(self, endpoint: Endpoint) -> None:
        """Closes the connections to an endpoint that keeps one busy; the next call opens others."""
        with self._lock:
            client = self._clients.pop(_connection_of(endpoint), None)
        if client is not None:
            client.close()

    def _client_of(self, endpoint: Endpoint) -> openai.OpenAI:
        key = _connection_of(endpoint)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = open_client(endpoint)
            return self._clients[key]


def _connection_of(endpoint: Endpoint) -> tuple[str, str, str]:
    return endpoint.base_url, endpoint.api_key, endpoint.api_version


def _send(
    client: openai.OpenAI, endpoint: Endpoint, request: ChatRequest, dialect: Dialect
) -> Outcome:
    deadline = time.monotonic() + endpoint.timeout_s
    if dialect.api == "responses":
        arguments: dict[str, Any] = responses.make_arguments(endpoint, request, dialect)
        with client.responses.with_streaming_response.create(**arguments) as response:
            return read_chunks(response.iter_bytes(), deadline, responses.read_body)
    arguments = make_arguments(endpoint, request, dialect)
    with client.chat.completions.with_streaming_response.create(**arguments) as response:
        return read_chunks(response.iter_bytes(), deadline)


def open_client(endpoint: Endpoint) -> openai.OpenAI:
    """The library's client, without tries of its own; Azure wants key and version in its own way.
    Its owner closes it."""
    version, api_key = endpoint.api_version, endpoint.api_key
    return openai.OpenAI(
        base_url=endpoint.base_url,
        api_key=api_key,
        max_retries=0,
        default_query={"api-version": version} if version else None,
        default_headers={"api-key": api_key} if version else None,
        http_client=openai.DefaultHttpxClient(
            verify=_read_authorities(
                os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
            )
        ),
    )


@lru_cache(maxsize=2)
def _read_authorities(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Whom the machine trusts, or these variables: read once, since it takes 20 ms each time."""
    return httpx2.create_ssl_context()


def _may_have_responses(failure: CallFailure, dialect: Dialect) -> bool:
    """Whether it may be the interface that the endpoint or the model lacks: it says so, or nothing
    that speaks of the model."""
    words = failure.message.lower()
    is_unknown = failure.refusal == "model" and not failure.transient and "model" not in words
    return dialect.api == "chat" and (is_unknown or "v1/responses" in words)


def find_context(models: object, name: str) -> int:
    """The context of a model in an endpoint's list, in tokens; 0 where it does not say."""
    entries = models.get("data") if isinstance(models, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("id") == name:
            meta = entry.get("meta")
            facts = {**(meta if isinstance(meta, dict) else {}), **entry}
            counts = (facts.get(key) for key in _CONTEXT_NAMES)
            whole = (n for n in counts if isinstance(n, int) and not isinstance(n, bool) and n > 0)
            return next(whole, 0)
    return 0
