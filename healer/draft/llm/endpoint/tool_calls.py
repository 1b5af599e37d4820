"""Calls of tools as they come over the wire: whole, in pieces of a stream, or inside of the text.

Belongs here: the shapes in which endpoints and models give the name and the arguments of a call,
and what a tool is said to be. All of it is read with suspicion: nothing here raises. Does not
belong here: what the arguments mean (`healer.draft.llm.tools`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_CALLS = 8
"""Of one reply; a model that asks for more has lost its way."""
Object = Mapping[str, object]
"""A JSON object of which nothing is known yet."""
SentObject = dict[str, Any]
"""A JSON object of our own, as it is sent."""
_LONGEST_ARGUMENTS = 500_000
_WRITTEN = (
    re.compile(
        r"to=(?:functions\.)?(?P<name>\w+)[^<]*(?:<\|constrain\|>\w+)?<\|message\|>"
        r"(?P<arguments>.*?)(?:<\|call\|>|<\|end\|>|\Z)",
        re.DOTALL,
    ),
    re.compile(r"<tool_call>\s*(?P<object>.*?)\s*(?:</tool_call>|\Z)", re.DOTALL),
    re.compile(r"\[TOOL_CALLS\]\s*(?P<object>[\[{].*)", re.DOTALL),
    re.compile(r"<\|python_tag\|>\s*(?P<object>\{.*?\})\s*(?:<\|e\w+\|>|\Z)", re.DOTALL),
    re.compile(r"<function=(?P<name>\w+)>\s*(?P<arguments>\{.*?\})\s*</function>", re.DOTALL),
)
"""As models write calls where the server leaves them in the text: Harmony (gpt-oss), Hermes (Qwen),
Mistral, Llama in its two forms."""


@dataclass(frozen=True)
class Tool:
    """One tool that is offered."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """A JSON schema of an object."""


@dataclass(frozen=True)
class Call:
    """One call of a tool, not checked yet."""

    id: str
    """Of the endpoint; ours where it gave none."""
    name: str
    arguments: str
    """JSON text, if it is any."""


def describe_tools(tools: Sequence[Tool]) -> list[SentObject]:
    """The tools as a request names them."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


def show_calls(calls: Sequence[Call]) -> list[SentObject]:
    """The calls as the endpoint gave them, for the history of a chat."""
    return [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in calls
    ]


def read_calls(message: Object) -> tuple[Call, ...]:
    """The calls of a message, also of the older `function_call`."""
    calls = message.get("tool_calls")
    entries = list(calls) if isinstance(calls, list) else []
    if not entries and isinstance(message.get("function_call"), dict):
        entries = [{"function": message["function_call"]}]
    read = (_read_call(number, entry) for number, entry in enumerate(entries, 1))
    return tuple(call for call in read if call is not None)


def _read_call(number: int, entry: object) -> Call | None:
    if not isinstance(entry, dict):
        return None
    function = entry.get("function")
    function = function if isinstance(function, dict) else entry
    name, arguments = function.get("name"), function.get("arguments", function.get("parameters"))
    if not isinstance(name, str) or not name:
        return None
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments if arguments is not None else {})
    identity = entry.get("id")
    identity = identity if isinstance(identity, str) and identity else f"call_{number}"
    return Call(identity, name.removeprefix("functions."), arguments[:_LONGEST_ARGUMENTS])


class StreamedCalls:
    """The calls of a stream, put together from its pieces."""

    def __init__(self) -> None:
        self._entries: dict[object, dict[str, str]] = {}

    def add(self, delta: Object) -> None:
        """The pieces in one event; a piece without index goes on with the last call."""
        pieces = delta.get("tool_calls")
        for piece in pieces if isinstance(pieces, list) else ():
            if not isinstance(piece, dict):
                continue
            place = piece.get("index")
            if not isinstance(place, int):
                place = piece.get("id") or next(reversed(self._entries), 0)
            entry = self._entries.setdefault(place, {"id": "", "name": "", "arguments": ""})
            function = piece.get("function")
            values = {"id": piece.get("id"), **(function if isinstance(function, dict) else {})}
            for name in entry:
                value = values.get(name)
                if isinstance(value, str) and len(entry[name]) < _LONGEST_ARGUMENTS:
                    entry[name] += value

    def as_message(self) -> list[Object]:
        """What a message without stream would hold as `tool_calls`."""
        return [
            {"id": entry["id"], "function": {k: entry[k] for k in ("name", "arguments")}}
            for entry in self._entries.values()
        ]


def find_written_calls(text: str) -> tuple[Call, ...]:
    """The calls that stand in a text in one of the formats that models are trained on."""
    for pattern in _WRITTEN:
        entries = [entry for match in pattern.finditer(text) for entry in _read_match(match)]
        read = (_read_call(number, entry) for number, entry in enumerate(entries, 1))
        calls = tuple(call for call in read if call is not None)
        if calls:
            return calls
    return ()


def _read_match(match: re.Match[str]) -> list[object]:
    groups = match.groupdict()
    if groups.get("name"):
        return [{"name": groups["name"], "arguments": groups["arguments"].strip()}]
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(groups["object"])
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else [value]
