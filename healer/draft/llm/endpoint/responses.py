"""The Responses API, for models and endpoints that have no chat completions.

Belongs here: a request as that API wants it, and its answers. Nothing here raises for anything that
an endpoint sends. Does not belong here: when it is used (`client`), chat completions (`dialect`,
`wire`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from healer.draft.llm.endpoint.dialect import (
    EXAMPLE_NOTE,
    ChatRequest,
    Dialect,
    Message,
    make_extras,
)
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.tool_calls import Object, SentObject, read_calls
from healer.draft.llm.endpoint.usage import read_usage
from healer.draft.llm.endpoint.wire import (
    Answer,
    CallFailure,
    Outcome,
    read_error,
    read_no_json,
    shorten,
)


def make_arguments(endpoint: Endpoint, request: ChatRequest, dialect: Dialect) -> SentObject:
    """Keyword arguments of one call; nothing of it is to be kept at the endpoint."""
    offers_tools = bool(request.tools) and dialect.calls_tools
    system, *messages = request.messages
    instructions = system.text
    arguments: SentObject = {
        "model": endpoint.model,
        "input": [item for each in messages for item in _show_message(each, offers_tools)],
        "max_output_tokens": endpoint.max_output_tokens,
        "store": False,
    }
    if offers_tools:
        arguments["tools"] = [
            {"type": "function", "name": tool.name, "description": tool.description,
             "parameters": dict(tool.parameters), "strict": False}
            for tool in request.tools
        ]  # fmt: skip
    elif request.manual:
        instructions += f"\n{request.manual}"
    if request.schema is None:
        pass
    elif dialect.format == "schema" and not offers_tools:
        schema = {"type": "json_schema", "name": "reply", "strict": True, "schema": request.schema}
        arguments["text"] = {"format": schema}
    elif not offers_tools:
        instructions += EXAMPLE_NOTE + request.example
        if dialect.format == "json":
            arguments["text"] = {"format": {"type": "json_object"}}
    if endpoint.reasoning_effort:
        arguments["reasoning"] = {"effort": endpoint.reasoning_effort}
    return arguments | make_extras(endpoint) | {"instructions": instructions}


def _show_message(message: Message, with_tools: bool) -> Iterator[SentObject]:
    if with_tools and message.role == "tool":
        result = {"call_id": message.call_id, "output": message.content}
        yield {"type": "function_call_output", **result}
        return
    if not (with_tools and message.calls):
        role = "user" if message.role == "tool" else message.role
        yield {"role": role, "content": message.text}
        return
    if message.content:
        yield {"role": "assistant", "content": message.content}
    for call in message.calls:
        names = {"call_id": call.id, "name": call.name, "arguments": call.arguments}
        yield {"type": "function_call", **names}


def read_body(content: bytes) -> Outcome:
    """A whole body of HTTP status 200."""
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return read_no_json(content)
    body = body if isinstance(body, dict) else {}
    if body.get("error"):
        return read_error(body["error"], json.dumps(body["error"]))
    items = body.get("output")
    if not isinstance(items, list):
        return CallFailure("the endpoint's reply has no output", True, maybe_billed=True)
    details = body.get("incomplete_details")
    why = details.get("reason") if isinstance(details, dict) else None
    ends = {"max_output_tokens": "length", "content_filter": "content_filter"}
    finish_reason = ends.get(str(why), "stop" if body.get("status") == "completed" else "")
    entries = [item for item in items if isinstance(item, dict)]
    calls = read_calls({"tool_calls": list(_find_calls(entries))})
    text = "".join(_find_texts(entries, "output_text", "text"))
    if not text.strip() and len(calls) == 1:
        text = calls[0].arguments
    refusal = "".join(_find_texts(entries, "refusal", "refusal"))
    if finish_reason == "content_filter" and not refusal:
        refusal = "the provider's content filter withheld the reply"
    return Answer(
        text=text,
        finish_reason=finish_reason,
        refusal=shorten(refusal),
        calls=calls,
        **read_usage(_rename_counts(body.get("usage"))),
    )


def _find_calls(entries: Sequence[Object]) -> Iterator[SentObject]:
    for entry in entries:
        if entry.get("type") == "function_call":
            function = {"name": entry.get("name"), "arguments": entry.get("arguments")}
            yield {"id": entry.get("call_id"), "function": function}


def _find_texts(entries: Sequence[Object], kind: str, name: str) -> Iterator[str]:
    for entry in entries:
        parts = entry.get("content")
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict) and part.get("type") == kind:
                text = part.get(name)
                yield text if isinstance(text, str) else ""


def _rename_counts(usage: object) -> Object:
    """The counts by the names that chat completions have."""
    counts: Mapping[str, object] = usage if isinstance(usage, dict) else {}
    return {
        "prompt_tokens": counts.get("input_tokens"),
        "completion_tokens": counts.get("output_tokens"),
        "total_tokens": counts.get("total_tokens"),
        "prompt_tokens_details": counts.get("input_tokens_details"),
    }
