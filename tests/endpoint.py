"""A real HTTP server that answers as OpenAI-compatible endpoints do, well and badly, by a script.

Belongs here: how endpoints behave on the wire, from their documentation and issue threads. Does
not belong here: what healer makes of it.

    with ScriptedEndpoint(replies=[fix("scripts/a.py", "x = 1", "x = 2")]) as endpoint:
        ... base_url=endpoint.base_url ...
        assert "KeyError" in endpoint.requests[0].prompt

As a program it serves a script file until it is stopped; its base URL is its first line:

    python -m tests.endpoint --script file.json [--port 8123] [--log requests.jsonl]

The file holds `{"profile": "openai", "replies": [...]}`; a reply is an object with the fields of
`Reply`, or any other object, which is then the JSON content of a good reply.
"""

import argparse
import dataclasses
import hashlib
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

Body = dict[str, Any]
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Reply:
    """One answer of the script."""

    content: str | Body | None = ""
    """The message's text; an object is sent as JSON text."""
    finish_reason: str = "stop"
    refusal: str | None = None
    reasoning: str = ""
    """Sent where the profile's endpoints put it: a field of its own, or `<think>` in the text."""
    usage: tuple[int, int] | Literal["auto"] | None = "auto"
    """Tokens in and out; `auto` counts 4 characters a token; None leaves usage out."""
    status: int = 200
    body: str | None = None
    """The whole HTTP body instead of a chat completion."""
    headers: dict[str, str] = field(default_factory=dict)
    first_byte_delay_s: float = 0.0
    cut_after_bytes: int | None = None
    """The connection is reset after so many bytes of the body (also of a stream)."""
    tool_calls: tuple[tuple[str, Body], ...] = ()
    when: str = ""
    """Only for prompts that hold this text."""
    keep: bool = False
    """Answers again and again instead of once."""


@dataclass(frozen=True)
class Request:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    """By name in lower case."""
    body: Body

    @property
    def prompt(self) -> str:
        """All messages' texts, one after another."""
        return "\n".join(_text_of(message) for message in self.body.get("messages", ()))

    @property
    def response_format(self) -> str:
        """`json_schema`, `json_object`, or an empty string."""
        wanted = self.body.get("response_format") or {}
        return str(wanted.get("type", ""))


@dataclass(frozen=True)
class Profile:
    """How one kind of endpoint behaves."""

    name: str
    schema: Literal["accepted", "rejected", "ignored"] = "accepted"
    json_mode: Literal["accepted", "rejected", "ignored"] = "accepted"
    rejection: Callable[[str], Reply] = dataclasses.field(default_factory=lambda: openai_error)
    reasoning: Literal["reasoning_content", "reasoning", "think"] = "reasoning_content"
    max_tokens: str = ""
    """The one of `max_tokens` and `max_completion_tokens` that is refused, or empty."""
    stream_only: bool = False
    usage: bool = True


def openai_error(kind: str) -> Reply:
    """What OpenAI and Azure say of a response format that a model does not know."""
    message = (
        f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
    )
    return error(400, message, type="invalid_request_error", param="response_format", code=None)


def lm_studio_error(kind: str) -> Reply:
    """LM Studio's error is a bare string."""
    return Reply(status=400, body=json.dumps({"error": f"'response_format.type' must be {kind}"}))


def llama_cpp_error(kind: str) -> Reply:
    message = f"Failed to initialize samplers: failed to parse grammar for {kind}"
    return error(400, message, code=400, type="invalid_request_error")


def gemini_error(kind: str) -> Reply:
    """Gemini's compatible endpoint wraps its error in a list."""
    message = f"Invalid JSON payload received. Unknown name \"{kind}\" at 'response_format'"
    body = [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]
    return Reply(status=400, body=json.dumps(body))


def error(status: int, message: str, *, retry_after: str = "", **more: Any) -> Reply:
    """An HTTP error with OpenAI's error object."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    body = json.dumps({"error": {"message": message, **more}})
    return Reply(status=status, body=body, headers=headers)


def rate_limited(retry_after: str = "1") -> Reply:
    return error(
        429, "Rate limit reached", retry_after=retry_after, type="requests", code="rate_limit"
    )


def content_filtered() -> Reply:
    """Azure refuses a prompt: its content policy is an HTTP 400 of its own."""
    return error(
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content "
        "management policy.",
        type=None,
        param="prompt",
        code="content_filter",
        innererror={"code": "ResponsibleAIPolicyViolation"},
    )


def error_in_ok() -> Reply:
    """OpenRouter: the provider failed after the 200 was sent."""
    return Reply(
        body=json.dumps(
            {"error": {"message": "Provider returned error", "code": 502, "metadata": {}}}
        )
    )


OPENAI = Profile("openai", max_tokens="max_tokens")
OPENAI_OLD = Profile("openai-old", schema="rejected")
AZURE = Profile("azure", max_tokens="max_tokens")
OLLAMA = Profile("ollama", schema="ignored", json_mode="ignored", reasoning="reasoning")
VLLM = Profile("vllm")
LLAMA_CPP = Profile("llama.cpp", schema="rejected", rejection=llama_cpp_error, reasoning="think")
LM_STUDIO = Profile("lm-studio", json_mode="rejected", rejection=lm_studio_error, reasoning="think")
LM_STUDIO_OLD = Profile(
    "lm-studio-old", schema="rejected", json_mode="rejected", rejection=lm_studio_error
)
OPENROUTER = Profile("openrouter", schema="ignored", reasoning="reasoning")
GEMINI = Profile("gemini", schema="rejected", rejection=gemini_error)
STREAM_ONLY = Profile("stream-only", schema="ignored", stream_only=True)
PROFILES = {
    profile.name: profile
    for profile in (
        OPENAI,
        OPENAI_OLD,
        AZURE,
        OLLAMA,
        VLLM,
        LLAMA_CPP,
        LM_STUDIO,
        LM_STUDIO_OLD,
        OPENROUTER,
        GEMINI,
        STREAM_ONLY,
    )
}

Scripted = Reply | str | Body


def fix(path: str, find: str, text: str, **more: Any) -> Body:
    """The JSON of a good reply with one quoted replacement."""
    edit = {"path": path, "symbol": "", "find": find, "text": text}
    return answer(edits=[edit], **more)


def answer(**values: Any) -> Body:
    """The JSON of a reply; what is not given is as a model leaves it when it has nothing to say."""
    return {
        "decision": "fix",
        "category": "logic",
        "cause": "The code did not handle this case. The edit handles it.",
        "confidence": 0.9,
        "edits": [],
        "test_path": "",
        "test": "",
        **values,
    }


class ScriptedEndpoint:
    """Serves the script on a free port of 127.0.0.1 for as long as the with-block lasts.

    Replies are taken in order, each once, unless `when` or `keep` say otherwise. Where none is
    left the answer is HTTP 500, and `exhausted` counts it.
    """

    def __init__(
        self, replies: Iterable[Scripted] = (), profile: Profile = OPENAI, port: int = 0
    ) -> None:
        self.profile = profile
        self.requests: list[Request] = []
        self.exhausted = 0
        self.on_request: Callable[[Request], None] = lambda request: None
        self._replies = [_reply(reply) for reply in replies]
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        endpoint = self

        class Handler(_Handler):
            owner = endpoint

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def say(self, *replies: Scripted) -> None:
        """Adds to the script."""
        with self._lock:
            self._replies += [_reply(reply) for reply in replies]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer_to(self, request: Request) -> Reply:
        """The reply that this request gets; records the request."""
        with self._lock:
            self.requests.append(request)
            self.on_request(request)
            refused = _refused(self.profile, request)
            if refused is not None:
                return refused
            for index, reply in enumerate(self._replies):
                if reply.when in request.prompt:
                    if not reply.keep:
                        del self._replies[index]
                    return _as_ignored(self.profile, request, reply)
            self.exhausted += 1
            return error(500, "the script of this endpoint has no reply left")

    def wait(self, seconds: float) -> None:
        """Sleeps, but not past the end of the with-block."""
        self._stopping.wait(seconds)


class _Handler(BaseHTTPRequestHandler):
    owner: ScriptedEndpoint
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a kept connection waits 40 ms for an acknowledgement
    wbufsize = -1

    def do_GET(self) -> None:
        self._send(200, json.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]}))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        request = Request(self.path, {n.lower(): v for n, v in self.headers.items()}, body)
        if self.path.endswith("/embeddings"):
            self._send(200, json.dumps(_embeddings(body)))
            return
        reply = self.owner.answer_to(request)
        self.owner.wait(reply.first_byte_delay_s)
        if reply.body is not None or reply.status != 200:
            self._send(reply.status, reply.body or "", reply)
        elif body.get("stream"):
            self._send(200, "".join(_events(self.owner.profile, request, reply)), reply, "stream")
        else:
            self._send(200, json.dumps(_completion(self.owner.profile, request, reply)), reply)

    def _send(self, status: int, text: str, reply: Reply | None = None, kind: str = "") -> None:
        data = text.encode()
        cut = reply.cut_after_bytes if reply else None
        try:
            self.send_response(status)
            self.send_header(
                "Content-Type", "text/event-stream" if kind == "stream" else "application/json"
            )
            self.send_header("Content-Length", str(len(data)))
            for name, value in (reply.headers if reply else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data if cut is None else data[:cut])
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if cut is not None:
            self._reset()

    def _reset(self) -> None:
        time.sleep(0.02)  # let the bytes go out before the reset overtakes them
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (http.server's name)
        """Says nothing: stderr belongs to the tests."""


def _reply(scripted: Scripted) -> Reply:
    if isinstance(scripted, Reply):
        return scripted
    known = {known.name for known in dataclasses.fields(Reply)}
    if isinstance(scripted, dict) and scripted and set(scripted) <= known:
        return Reply(**scripted)
    return Reply(content=scripted)


def _refused(profile: Profile, request: Request) -> Reply | None:
    body = request.body
    kind = request.response_format
    rule = {"json_schema": profile.schema, "json_object": profile.json_mode}.get(kind)
    if rule == "rejected":
        return profile.rejection(kind)
    if profile.stream_only and not body.get("stream"):
        message = "This model only support stream mode, please enable the stream parameter."
        return error(400, message, code="invalid_parameter_error", type="invalid_request_error")
    if profile.max_tokens and profile.max_tokens in body:
        message = (
            f"Unsupported parameter: '{profile.max_tokens}' is not supported with this model. "
            f"Use 'max_completion_tokens' instead."
        )
        return error(400, message, param=profile.max_tokens, code="unsupported_parameter")
    return None


def _as_ignored(profile: Profile, request: Request, reply: Reply) -> Reply:
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


def _completion(profile: Profile, request: Request, reply: Reply) -> Body:
    answer: Body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": request.body.get("model", ""),
        "choices": [
            {
                "index": 0,
                "message": _message(profile, reply),
                "finish_reason": reply.finish_reason,
                "logprobs": None,
            }
        ],
    }
    usage = _usage(profile, request, reply)
    return answer | ({"usage": usage} if usage else {})


def _events(profile: Profile, request: Request, reply: Reply) -> Iterable[str]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def event(delta: Body, finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps(base | {'choices': [choice]})}\n\n"

    message = _message(profile, reply)
    content = message.pop("content") or ""
    yield event(message | {"content": ""})
    for start in range(0, len(content), 40):
        yield event({"content": content[start : start + 40]})
    yield event({}, reply.finish_reason)
    usage = _usage(profile, request, reply)
    if usage and (request.body.get("stream_options") or {}).get("include_usage"):
        yield f"data: {json.dumps(base | {'choices': [], 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


def _embeddings(body: Body) -> Body:
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


def _text_of(message: Body) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content or "")


def main(arguments: Sequence[str]) -> None:
    """Serves a script file until interrupted."""
    parser = argparse.ArgumentParser(description="Serve a scripted OpenAI-compatible endpoint.")
    parser.add_argument("--script", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="a file that every request is added to, as JSON")
    options = parser.parse_args(arguments)
    script = json.loads(options.script.read_text())
    profile = PROFILES[script.get("profile", "openai")]
    with ScriptedEndpoint(script["replies"], profile, options.port) as endpoint:
        if options.log:
            log = options.log.open("a", buffering=1)
            endpoint.on_request = lambda request: print(json.dumps(request.body), file=log)
        print(endpoint.base_url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
