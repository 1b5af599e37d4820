"""Finds the JSON object in what a model wrote.

Belongs here: thinking aloud, chat, fences, trailing commas, and the other habits of models around
their JSON. Does not belong here: what the object means (`reply`). Nothing here raises.
"""

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from healer.draft.edits.symbols import parse_python

JsonObject = Mapping[str, object]
"""An object of which nothing is known yet: a model may have written anything."""

_LONGEST_REPLY = 1_000_000
_THINKING = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_CHANNEL = re.compile(r"<\|channel\|>(\w+)[^<]*(?:<\|constrain\|>\w+)?<\|message\|>")
_CHANNEL_END = re.compile(r"<\|(?:end|return|call)\|>\s*\Z")
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|(?m:^)\s*//[^\n]*|/\*.*?\*/', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MOST_STARTS = 200
"""So many opening braces of a chatty reply are tried as the beginning of its JSON."""
_LONGEST_LINE = 5_000


@dataclass(frozen=True)
class Problem:
    """Why a reply cannot be used: one sentence that the model can act on."""

    message: str
    is_ambiguous: bool = False
    """It holds several answers."""
    is_unreadable: bool = False
    """It holds no step of an investigation."""
    fault: Literal["", "form", "fit"] = ""
    """Of edits: the form that they are written in, or that they do not fit their files. Empty: what
    they do, or that there are none."""


def find_json_object(text: str, accepts: Callable[[JsonObject], bool]) -> JsonObject | Problem:
    """The one JSON object in `text` that `accepts` says yes to.

    The same object found twice (as in a draft that is repeated at the end) counts once.
    """
    if len(text) > _LONGEST_REPLY:
        return Problem(f"the reply is longer than {_LONGEST_REPLY:,} characters")
    reply = drop_thinking(text)
    if not reply:
        return Problem("the reply is empty; answer with one JSON object")
    for values in (_load_whole(reply), _load_fences(reply), _load_anywhere(reply)):
        objects = _take_different(values, accepts)
        if len(objects) == 1:
            return objects[0]
        if objects:
            message = "the reply holds several different answers; give exactly one"
            return Problem(message, is_ambiguous=True)
    return Problem(_explain_no_json(reply), fault="form")


def _take_different(
    values: Iterable[object], accepts: Callable[[JsonObject], bool]
) -> list[JsonObject]:
    objects: list[JsonObject] = []
    for value in values:
        if isinstance(value, dict) and accepts(value) and value not in objects:
            objects.append(value)
    return objects


def drop_thinking(text: str) -> str:
    """The text without what a reasoning model thought aloud before it: in tags, or in a channel
    (OpenAI's Harmony format, as servers leave it in the text)."""
    channels = list(_CHANNEL.finditer(text))
    if channels:
        last = channels[-1]
        text = "" if last[1] == "analysis" else _CHANNEL_END.sub("", text[last.end() :])
    return _THOUGHT_END.split(_THINKING.sub("", text))[-1].strip()


def to_line(value: object) -> str:
    """A value as text in one line, without control and invisible characters."""
    text = value if isinstance(value, str) else "" if value is None else repr(value)
    whole = text[:_LONGEST_LINE].encode("utf-8", "replace").decode()
    return " ".join(_CONTROL.sub("", whole).split())


def _load_whole(text: str) -> Iterator[object]:
    yield _load(text)


def _load_fences(text: str) -> Iterator[object]:
    for match in _FENCE.finditer(text):
        yield _load(match[1])


def _load_anywhere(text: str) -> Iterator[object]:
    """Objects that begin at some opening brace; inner braces of a found object are skipped."""
    decoder = json.JSONDecoder(strict=False)
    position, starts = text.find("{"), 0
    while position != -1 and starts < _MOST_STARTS:
        starts += 1
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            yield value
        position = text.find("{", end)
    first, last = text.find("{"), text.rfind("}")
    if -1 < first < last:
        yield _load(text[first : last + 1])


def _load(text: str) -> object:
    """JSON, also with raw line ends, trailing commas, encoded twice, or written as Python."""
    text = text.strip()
    without_comments = _STRING_OR_COMMENT.sub(r"\1", text)
    for variant in (
        text,
        *(_STRING_OR_TRAILING_COMMA.sub(r"\1", t) for t in (text, without_comments)),
    ):
        try:
            value = json.loads(variant, strict=False)
            return json.loads(value, strict=False) if isinstance(value, str) else value
        except (ValueError, RecursionError):
            continue
    tree = parse_python(text) if text.startswith("{") else None
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    try:
        return ast.literal_eval(tree.body[0].value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _explain_no_json(text: str) -> str:
    if text.count("{") > text.count("}"):
        return "the JSON was cut off before its end; answer with one complete, shorter JSON object"
    if "{" in text:
        return "the reply holds no valid JSON object of the wanted shape; answer with exactly one"
    return "the reply holds no JSON; answer with one JSON object and nothing else"
