"""Finds the JSON object in what a model wrote.

Belongs here: thinking aloud, chat, fences, trailing commas, and the other habits of models around
their JSON. Does not belong here: what the object means (`reply`). Nothing here raises.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from healer.draft.edits.symbols import parse_python

Json = dict[str, Any]

_LONGEST_REPLY = 1_000_000
_THINKING = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|(?m:^)\s*//[^\n]*|/\*.*?\*/', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MOST_STARTS = 200
"""So many opening braces of a chatty reply are tried as the beginning of its JSON."""
_LONGEST_PLAIN = 5_000


@dataclass(frozen=True)
class Problem:
    """Why a reply cannot be used: one sentence that the model can act on."""

    message: str


def json_object(text: str, wanted: Callable[[Json], bool]) -> Json | Problem:
    """The one JSON object in `text` that `wanted` says yes to.

    The same object found twice (as in a draft that is repeated at the end) counts once.
    """
    if len(text) > _LONGEST_REPLY:
        return Problem(f"the reply is longer than {_LONGEST_REPLY:,} characters")
    shown = without_thinking(text)
    if not shown:
        return Problem("the reply is empty; answer with one JSON object")
    for candidates in (_whole(shown), _in_fences(shown), _anywhere(shown)):
        found: list[Json] = []
        for candidate in candidates:
            if isinstance(candidate, dict) and wanted(candidate) and candidate not in found:
                found.append(candidate)
        if len(found) == 1:
            return found[0]
        if found:
            return Problem("the reply holds several different answers; give exactly one")
    return Problem(_why_no_json(shown))


def without_thinking(text: str) -> str:
    """The text without what a reasoning model thought aloud before it."""
    return _THOUGHT_END.split(_THINKING.sub("", text))[-1].strip()


def plain(value: object) -> str:
    """A value as text in one line, without control and invisible characters."""
    text = value if isinstance(value, str) else "" if value is None else repr(value)
    whole = text[:_LONGEST_PLAIN].encode("utf-8", "replace").decode()
    return " ".join(_CONTROL.sub("", whole).split())


def _whole(text: str) -> Iterator[object]:
    yield _loaded(text)


def _in_fences(text: str) -> Iterator[object]:
    for match in _FENCE.finditer(text):
        yield _loaded(match[1])


def _anywhere(text: str) -> Iterator[object]:
    """Objects that begin at some opening brace; inner braces of a found object are skipped."""
    decoder = json.JSONDecoder(strict=False)
    position, starts = text.find("{"), 0
    while position != -1 and starts < _MOST_STARTS:
        starts += 1
        try:
            found, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position + 1
        else:
            yield found
        position = text.find("{", end)
    first, last = text.find("{"), text.rfind("}")
    if -1 < first < last:
        yield _loaded(text[first : last + 1])


def _loaded(text: str) -> object:
    """JSON, also with raw line ends, trailing commas, encoded twice, or written as Python."""
    stripped = text.strip()
    bare = _STRING_OR_COMMENT.sub(r"\1", stripped)
    for candidate in (
        stripped,
        *(_STRING_OR_TRAILING_COMMA.sub(r"\1", t) for t in (stripped, bare)),
    ):
        try:
            found = json.loads(candidate, strict=False)
            return json.loads(found, strict=False) if isinstance(found, str) else found
        except (ValueError, RecursionError):
            continue
    tree = parse_python(stripped) if stripped.startswith("{") else None
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    try:
        return ast.literal_eval(tree.body[0].value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _why_no_json(text: str) -> str:
    if text.count("{") > text.count("}"):
        return "the JSON was cut off before its end; answer with one complete, shorter JSON object"
    if "{" in text:
        return "the reply holds no valid JSON object of the wanted shape; answer with exactly one"
    return "the reply holds no JSON; answer with one JSON object and nothing else"
