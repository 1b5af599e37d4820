"""A question to a model, and how one endpoint wants it put: the dialects of chat completions.

Belongs here: from a request and a dialect to the arguments of a call, which dialect is next after a
refusal, and whether an answer held to the one it was asked in. Does not belong here: sending
(`client`), reading what comes back (`wire`).
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import openai

from healer.draft.llm.endpoint.edit_habit import EditHabit
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.tool_calls import (
    Call,
    SentObject,
    Tool,
    describe_tools,
    show_calls,
)
from healer.draft.llm.endpoint.wire import Answer, FormatRefusal, TokensKey
from healer.draft.llm.replies.jsontext import drop_thinking
from healer.draft.llm.replies.schema import EditForm, Schema
from healer.facts.draft import Purpose

Format = Literal["schema", "json", "fence"]
FORMATS: tuple[Format, ...] = ("schema", "json", "fence")
"""From the strictest to the one that every endpoint can do."""
CLIMB = 50
"""Answers in a weaker format, after which the strictest is tried again; a refusal costs nothing."""
CONNECT_TIMEOUT_S = 10.0
EXAMPLE_NOTE = (
    "\n\nAnswer with exactly one JSON object of this shape and nothing else, in a ```json block:\n"
)


@dataclass(frozen=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[Call, ...] = ()
    """Of an assistant: the tools that it called."""
    call_id: str = ""
    """Of a tool: the call that this is the result of."""

    @property
    def text(self) -> str:
        """All of it as text, as it is counted, kept, and shown where there are no tool calls."""
        return "\n".join([*filter(None, [self.content]), *map(_write_call, self.calls)])


def _write_call(call: Call) -> str:
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        arguments = {}
    return json.dumps({"action": call.name, **(arguments if isinstance(arguments, dict) else {})})


@dataclass(frozen=True)
class ChatRequest:
    """What is asked."""

    messages: tuple[Message, ...]
    """The first is the system's."""
    schema: Schema | None
    """None where the answer is text."""
    example: str
    """An object of the schema, for endpoints that know no schemas."""
    tools: tuple[Tool, ...] = ()
    """Offered where the endpoint knows tool calls; the schema is left out then."""
    manual: str = ""
    """Added to the system's message where tools cannot be offered: how a call is written then."""
    purpose: Purpose = "draft"
    """For the books."""
    form: EditForm = "json"
    """Of the edits that are asked for."""

    @property
    def overhead(self) -> tuple[str, ...]:
        """What is sent beside the messages, at most."""
        return (str(self.schema or ""), self.example, self.manual, str(describe_tools(self.tools)))


@dataclass(frozen=True)
class Dialect:
    """How to ask one model at one endpoint."""

    format: Format = "schema"
    stream: bool = False
    tokens_key: TokensKey = "max_completion_tokens"
    folds_system: bool = False
    """The system's message is put before the user's first."""
    api: Literal["chat", "responses"] = "chat"
    """Which of OpenAI's two interfaces it has."""
    context_tokens: int = 0
    """What its list of models says that it takes, prompt and reply; 0: it says nothing."""
    calls_tools: bool = True
    """Tools may be offered to it; False: what they bring is asked for and told as text."""
    max_output_tokens: int = 0
    """More than the settings say, for a model that thought until the limit and then said nothing;
    0 where the settings' limit was enough."""
    most_output_tokens: int = 0
    """The longest reply that it allows, where it has refused a longer one; 0: it has not."""
    answers: int = 0
    """Since it was last asked in the strictest format; counted where it is asked in another."""
    edits: EditHabit = field(default_factory=EditHabit)
    """In which form it writes edits that apply."""

    def climb(self) -> "Dialect":
        """The strictest format again, after CLIMB answers in another: servers are updated."""
        if self.format == FORMATS[0] or self.answers < CLIMB:
            return self
        return replace(self, format=FORMATS[0], answers=0)

    def weaken(self) -> "Dialect":
        """The next format down; the last stays."""
        index = min(FORMATS.index(self.format) + 1, len(FORMATS) - 1)
        return replace(self, format=FORMATS[index])


def make_arguments(endpoint: Endpoint, request: ChatRequest, dialect: Dialect) -> SentObject:
    """Keyword arguments for the library, whose own types differ for streams and formats."""
    offers_tools = bool(request.tools) and dialect.calls_tools
    messages = _show_messages(request, with_tools=offers_tools)
    arguments: dict[str, Any] = {
        "model": endpoint.model,
        "messages": messages,
        dialect.tokens_key: endpoint.max_output_tokens,
    }
    if offers_tools:
        arguments["tools"] = describe_tools(request.tools)
    elif request.schema is None:
        pass
    elif dialect.format == "schema":
        schema = {"name": "reply", "strict": True, "schema": request.schema}
        arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
    else:
        messages[0]["content"] += EXAMPLE_NOTE + request.example
    if dialect.format == "json" and request.schema is not None and not offers_tools:
        arguments["response_format"] = {"type": "json_object"}
    if dialect.folds_system and len(messages) > 1:
        first = messages.pop(0)
        messages[0]["content"] = f"{first['content']}\n\n{messages[0]['content']}"
    if dialect.stream:
        arguments |= {"stream": True, "stream_options": {"include_usage": True}}
    if endpoint.reasoning_effort:
        arguments["reasoning_effort"] = endpoint.reasoning_effort
    return arguments | make_extras(endpoint)


def make_extras(endpoint: Endpoint) -> SentObject:
    """What both interfaces are told beside the question: how long to wait, the tier's own."""
    extras: SentObject = {"timeout": openai.Timeout(endpoint.timeout_s, connect=CONNECT_TIMEOUT_S)}
    if endpoint.headers:
        extras["extra_headers"] = dict(endpoint.headers)
    if endpoint.extra_body:
        extras["extra_body"] = dict(endpoint.extra_body)
    return extras


def _show_messages(request: ChatRequest, *, with_tools: bool) -> list[SentObject]:
    """The messages as they are sent. Without tools a call is the JSON that the manual asks for, and
    what it brought is the user's next message."""
    messages: list[dict[str, Any]] = []
    for message in request.messages:
        if with_tools and message.role == "tool":
            result = {"tool_call_id": message.call_id, "content": message.content}
            messages.append({"role": "tool", **result})
        elif with_tools and message.calls:
            calls = {"content": message.content or None, "tool_calls": show_calls(message.calls)}
            messages.append({"role": "assistant", **calls})
        elif message.role == "tool" and messages[-1]["role"] == "user":
            messages[-1]["content"] += f"\n\n{message.content}"
        else:
            role = "user" if message.role == "tool" else message.role
            messages.append({"role": role, "content": message.text})
    if request.manual and not with_tools:
        messages[0]["content"] += f"\n{request.manual}"
    return messages


def choose_other(refusal: FormatRefusal, dialect: Dialect, *, offers_tools: bool) -> Dialect:
    """How to ask after this refusal; the same dialect where there is no other."""
    if refusal.no_tools and offers_tools and dialect.calls_tools:
        return replace(dialect, calls_tools=False)
    if refusal.wants_stream and not dialect.stream:
        return replace(dialect, stream=True)
    if refusal.tokens_key and refusal.tokens_key != dialect.tokens_key:
        return replace(dialect, tokens_key=refusal.tokens_key)
    if refusal.no_system and not dialect.folds_system:
        return replace(dialect, folds_system=True)
    if offers_tools and dialect.calls_tools:
        return replace(dialect, calls_tools=False)
    return dialect.weaken()


def conforms(answer: Answer, dialect: Dialect, schema: Schema | None) -> bool:
    """False where the endpoint did not hold to the format that it seemed to accept."""
    says_nothing = answer.refusal or answer.finish_reason in ("length", "")
    if schema is None or dialect.format == "fence" or says_nothing:
        return True
    try:
        reply = json.loads(drop_thinking(answer.text))
    except (ValueError, RecursionError):
        return False
    if dialect.format == "json":
        return isinstance(reply, dict)
    return isinstance(reply, dict) and set(schema["required"]) <= set(reply)
