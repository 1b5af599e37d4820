"""What a scripted endpoint is asked and what it answers: facts, and helpers that make good ones."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

Body = dict[str, Any]


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
        messages = self.body.get("messages") or self.body.get("input") or ()
        texts = [text_of(message) for message in messages if isinstance(message, dict)]
        return "\n".join([*filter(None, [self.body.get("instructions")]), *texts])

    @property
    def response_format(self) -> str:
        """`json_schema`, `json_object`, or an empty string."""
        wanted = self.body.get("response_format") or {}
        return str(wanted.get("type", ""))


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


def reply_of(scripted: Scripted) -> Reply:
    if isinstance(scripted, Reply):
        return scripted
    known = {known.name for known in dataclasses.fields(Reply)}
    if isinstance(scripted, dict) and scripted and set(scripted) <= known:
        return Reply(**scripted)
    return Reply(content=scripted)


def text_of(message: Body) -> str:
    content = message.get("content")
    calls = message.get("tool_calls") or ()
    if calls:
        return " ".join(call["function"]["arguments"] for call in calls)
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content or "")
