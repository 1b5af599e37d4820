"""A reply as it looks on the wire: whole completions, streams, embeddings."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable

from tests.support.endpoint.facts import Body, Reply, Request
from tests.support.endpoint.profiles import Profile

_CHARACTERS_PER_TOKEN = 4


def as_ignored(profile: Profile, request: Request, reply: Reply) -> Reply:
    """An endpoint that ignores the format lets the model chat around its JSON."""
    rule = {"json_schema": profile.schema, "json_object": profile.json_mode}
    if rule.get(request.response_format) != "ignored" or not isinstance(reply.content, dict):
        return reply
    text = f"Sure! This fixes it:\n\n{_json_block(reply.content)}\n\nLet me know how it goes."
    return dataclasses.replace(reply, content=text)


def _json_block(content: Body) -> str:
    return f"```json\n{json.dumps(content, indent=1)}\n```"


def _content(profile: Profile, reply: Reply) -> str | None:
    content = json.dumps(reply.content) if isinstance(reply.content, dict) else reply.content
    if reply.reasoning and profile.reasoning == "think":
        return f"<think>\n{reply.reasoning}\n</think>\n\n{content}"
    return content


def _message(profile: Profile, reply: Reply) -> Body:
    message: Body = {"role": "assistant", "content": _content(profile, reply)}
    if reply.refusal is not None:
        message |= {"refusal": reply.refusal, "content": None}
    if reply.reasoning and profile.reasoning != "think":
        message[profile.reasoning] = reply.reasoning
    if reply.tool_calls:
        message["tool_calls"] = [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for number, (name, arguments) in enumerate(reply.tool_calls)
        ]
    return message


def _usage(profile: Profile, request: Request, reply: Reply) -> Body | None:
    if reply.usage is None or not profile.usage:
        return None
    if reply.usage == "auto":
        shown = (_content(profile, reply) or "") + reply.reasoning
        tokens = (
            len(request.prompt) // _CHARACTERS_PER_TOKEN,
            len(shown) // _CHARACTERS_PER_TOKEN + 1,
        )
    else:
        tokens = reply.usage
    names = ("prompt_tokens", "completion_tokens")
    return dict(zip(names, tokens, strict=True)) | {"total_tokens": sum(tokens)}


def completion(profile: Profile, request: Request, reply: Reply) -> Body:
    answer: Body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": request.body.get("model", ""),
        "choices": [
            {
                "index": 0,
                "message": _message(profile, reply),
                "finish_reason": "tool_calls" if reply.tool_calls else reply.finish_reason,
                "logprobs": None,
            }
        ],
    }
    usage = _usage(profile, request, reply)
    return answer | ({"usage": usage} if usage else {})


def response(profile: Profile, request: Request, reply: Reply) -> Body:
    """The same reply as the Responses API gives it."""
    items: list[Body] = [{"type": "reasoning", "summary": []}] if reply.reasoning else []
    for number, (name, arguments) in enumerate(reply.tool_calls):
        call = {"call_id": f"call_{number}", "name": name, "arguments": json.dumps(arguments)}
        items.append({"type": "function_call", **call})
    if not reply.tool_calls:
        part = {"type": "output_text", "text": _content(profile, reply)}
        if reply.refusal is not None:
            part = {"type": "refusal", "refusal": reply.refusal}
        items.append({"type": "message", "role": "assistant", "content": [part]})
    usage = _usage(profile, request, reply) or {}
    names = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens"}
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed" if reply.finish_reason == "stop" else "incomplete",
        "output": items,
        "usage": {names.get(name, name): count for name, count in usage.items()},
    }


def events(profile: Profile, request: Request, reply: Reply) -> Iterable[str]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def event(delta: Body, finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps(base | {'choices': [choice]})}\n\n"

    message = _message(profile, reply)
    content = message.pop("content") or ""
    calls = message.pop("tool_calls", [])
    yield event(message | {"content": ""})
    for index, call in enumerate(calls):
        text = call["function"]["arguments"]
        head = call | {"index": index, "function": call["function"] | {"arguments": text[:7]}}
        yield event({"tool_calls": [head]})
        yield event({"tool_calls": [{"index": index, "function": {"arguments": text[7:]}}]})
    for start in range(0, len(content), 40):
        yield event({"content": content[start : start + 40]})
    yield event({}, reply.finish_reason)
    usage = _usage(profile, request, reply)
    if usage and (request.body.get("stream_options") or {}).get("include_usage"):
        yield f"data: {json.dumps(base | {'choices': [], 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


def embeddings(body: Body) -> Body:
    """Vectors that are near for texts with the same words: each word adds to one of 64 places."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    data = [
        {"object": "embedding", "index": index, "embedding": _vector(text)}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": sum(map(len, texts)) // _CHARACTERS_PER_TOKEN, "total_tokens": 0}
    return {"object": "list", "data": data, "model": body.get("model", ""), "usage": usage}


def _vector(text: str) -> list[float]:
    vector = [0.0] * 64
    for word in text.lower().split():
        vector[hashlib.sha256(word.encode()).digest()[0] % 64] += 1.0
    return vector
