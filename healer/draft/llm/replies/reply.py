"""Reads the JSON object of a model's reply; it never raises.

Belongs here: turning a JSON object into facts, or into one sentence on why not. Does not belong
here: finding it (`jsontext`), and whether the edits fit the files (`healer.draft.edits`).

Sloppiness that has one meaning is forgiven (fences, chat around the JSON, trailing commas, known
other names of a field). What has two meanings is refused: two different answers, a way out that
also brings edits, a reply that was cut off.
"""

import contextlib
import json
import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from healer.draft.llm.replies.jsontext import JsonObject, Problem, find_json_object, to_line
from healer.draft.llm.replies.schema import DECISIONS, EDIT_KINDS, EditForm
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, WriteFile

Refusal = Literal["", "not_code_fault", "test_is_wrong", "needs_person"]
_REFUSALS: tuple[Refusal, ...] = get_args(Refusal)
_FIX = "fix"

MOST_EDITS = 20
_LONGEST_TEXT = 200_000
LONGEST_CAUSE = 500
_LONGEST_CATEGORY = 40

_WHOLE_FENCE = re.compile(r"\s*```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```\s*", re.DOTALL)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TEXT_NAMES = ("text", "replace", "source", "content", "replacement", "new_text", "new", "code")
_FIND_NAMES = ("find", "search", "old_text", "old", "original", "quote")
_PATH_NAMES = ("path", "file", "filename", "file_path")
_TEST_PATH_NAMES = ("test_path", "test_file")
_KIND_NAMES = ("kind", "type", "action", "op")
_SYMBOL_NAMES = ("symbol", "name", "qualified_name")
_DECISION_NAMES = ("decision", "outcome", "verdict", "result")
_WRAPPERS = (
    "arguments",
    "parameters",
    "input",
    "function",
    "reply",
    "response",
    "answer",
    "output",
)
_OTHER_KINDS = {
    "replace": "replace_text",
    "search_replace": "replace_text",
    "edit": "replace_text",
    "replace_function": "replace_symbol",
    "replace_method": "replace_symbol",
    "replace_class": "replace_symbol",
    "symbol": "replace_symbol",
    "add_file": "write_file",
    "new_file": "write_file",
    "create_file": "write_file",
    "create": "write_file",
    "write": "write_file",
}
_OTHER_DECISIONS = {
    "code_fault": "fix",
    "fixed": "fix",
    "patch": "fix",
    "edit": "fix",
    "not_a_code_fault": "not_code_fault",
    "test_wrong": "test_is_wrong",
    "the_test_is_wrong": "test_is_wrong",
    "needs_human": "needs_person",
    "needs_a_person": "needs_person",
}
_WORDS_OF_CONFIDENCE = {"high": 0.9, "medium": 0.6, "moderate": 0.6, "low": 0.3}


@dataclass(frozen=True)
class ModelReply:
    """A usable reply."""

    edits: tuple[Edit, ...] = ()
    refusal: Refusal = ""
    cause: str = ""
    """At most 500 characters, without control characters. Untrusted text."""
    category: str = ""
    confidence: float = 0.0
    regression_test: WriteFile | None = None
    is_closed: bool = True
    """Its format says where it ends: it cannot have been cut off unnoticed."""
    form: EditForm | Literal[""] = "json"
    """In which its edits are written; empty for one that nobody is asked for."""


def read_reply(value: JsonObject) -> ModelReply | Problem:
    """What a JSON object means, or the problem with it."""
    try:
        edits = _read_edits(_first(value, ("edits", "patches", "changes"), _only_edit(value)))
        refusal = _read_decision(value, edits)
        test = _read_regression_test(value)
    except _Unusable as problem:
        return Problem(str(problem), fault="form")
    if refusal and edits:
        return Problem(f"decision {refusal!r} comes with edits; give one or the other")
    if not refusal and not edits:
        return Problem("decision 'fix' comes without edits; give at least one edit")
    cause = to_line(_first(value, ("cause", "reason", "diagnosis", "explanation"), ""))
    if refusal and not cause:
        return Problem(f"decision {refusal!r} comes without a reason; say why in cause")
    return ModelReply(
        edits=edits,
        refusal=refusal,
        cause=cause[:LONGEST_CAUSE],
        category=to_line(value.get("category"))[:_LONGEST_CATEGORY],
        confidence=_read_confidence(value.get("confidence")),
        regression_test=None if refusal else test,
    )


class _Unusable(Exception):  # noqa: N818  (it says what a field is, and never leaves this module)
    """A field has no clear meaning."""


def unwrap_reply(value: JsonObject, depth: int = 2) -> JsonObject | None:
    """The object itself, or the one that it wraps, as calls of tools and some models do."""
    if _looks_like_draft(value):
        return value
    for name in _WRAPPERS if depth else ():
        inner = value.get(name)
        if isinstance(inner, str):
            inner_object = find_json_object(inner, accepts=_looks_like_draft)
            inner = None if isinstance(inner_object, Problem) else inner_object
        if isinstance(inner, dict) and (draft := unwrap_reply(inner, depth - 1)) is not None:
            return draft
    return None


def _looks_like_draft(value: JsonObject) -> bool:
    return any(name in value for name in ("edits", "patches", "changes", *_DECISION_NAMES))


def _first(value: JsonObject, names: tuple[str, ...], default: object) -> object:
    return next((value[name] for name in names if value.get(name) is not None), default)


def _read_text(value: JsonObject, names: tuple[str, ...]) -> str:
    text = _first(value, names, "")
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "\n".join(text)
    if not isinstance(text, str):
        raise _Unusable(f"{names[0]} must be a string, not {type(text).__name__}")
    if len(text) > _LONGEST_TEXT:
        raise _Unusable(f"{names[0]} is longer than {_LONGEST_TEXT:,} characters")
    if _SURROGATE.search(text):
        raise _Unusable(f"{names[0]} holds half of a surrogate pair, which is no text")
    return text


def _read_decision(value: JsonObject, edits: tuple[Edit, ...]) -> Refusal:
    """Empty for a fix."""
    text = _first(value, _DECISION_NAMES, _FIX if edits else "")
    if not isinstance(text, str):
        raise _Unusable("decision must be a string")
    word = _to_word(text)
    word = _OTHER_DECISIONS.get(word, word)
    for refusal in _REFUSALS:
        if word == (refusal or _FIX):
            return refusal
    raise _Unusable(f"decision is {text[:60]!r}; it must be one of {', '.join(DECISIONS)}")


def _to_word(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().lower())


def _read_edits(value: object) -> tuple[Edit, ...]:
    if isinstance(value, str):  # some write a list as JSON inside of the JSON
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(value)
    values = [value] if isinstance(value, dict) else value
    if not isinstance(values, list):
        raise _Unusable("edits must be a list")
    if len(values) > MOST_EDITS:
        raise _Unusable(f"there are {len(values)} edits; at most {MOST_EDITS} are taken")
    edits = [_read_edit(number, entry) for number, entry in enumerate(values, 1)]
    return tuple(dict.fromkeys(edits))


def _only_edit(value: JsonObject) -> list[JsonObject]:
    """An edit whose fields stand beside the decision instead of in a list."""
    names = {*_FIND_NAMES, *_SYMBOL_NAMES}
    is_beside = bool(names & set(value)) and any(name in value for name in _PATH_NAMES)
    return [value] if is_beside and any(name in value for name in _TEXT_NAMES) else []


def _read_edit(number: int, entry: object) -> Edit:
    if not isinstance(entry, dict):
        raise _Unusable(f"edit {number} must be an object")
    try:
        return _make_edit(_read_kind(entry), _read_path(entry), entry)
    except _Unusable as problem:
        raise _Unusable(f"edit {number}: {problem}") from None


def _read_path(entry: JsonObject) -> str:
    path = _read_text(entry, _PATH_NAMES).strip().removeprefix("./")
    if not path:
        raise _Unusable("path is missing")
    return path


def _read_kind(entry: JsonObject) -> str:
    value = _first(entry, _KIND_NAMES, "")
    word = _to_word(value) if isinstance(value, str) else "?"
    word = _OTHER_KINDS.get(word, word)
    if word in EDIT_KINDS:
        return word
    if word:
        raise _Unusable(f"kind is {str(value)[:60]!r}; it must be one of {', '.join(EDIT_KINDS)}")
    find, symbol = _first(entry, _FIND_NAMES, ""), _first(entry, _SYMBOL_NAMES, "")
    if find and symbol and _defines(_first(entry, _TEXT_NAMES, ""), symbol):
        return "replace_symbol"  # the quotation only says where; the text is the whole definition
    if find or symbol:  # a symbol beside a quotation only says where; that must be unique anyway
        return "replace_text" if find else "replace_symbol"
    if {"symbol", "find"} <= set(entry):
        return "write_file"
    raise _Unusable("neither symbol nor find is given; fill in the one that is meant")


def _defines(text: object, symbol: object) -> bool:
    name = re.escape(str(symbol).rpartition(".")[2])
    whole = rf"\s*(?:@.*\n\s*)*(?:async\s+def|def|class)\s+{name}\b"
    return re.match(whole, text if isinstance(text, str) else "") is not None


def _make_edit(kind: str, path: str, entry: JsonObject) -> Edit:
    if kind == "replace_text":
        find = _read_text(entry, _FIND_NAMES)
        if not find.strip():
            raise _Unusable("find is empty; quote the text that is to be replaced")
        if not any(name in entry for name in _TEXT_NAMES):
            raise _Unusable("text is missing; give the new text")
        return ReplaceText(path=path, find=find, replace=_read_text(entry, _TEXT_NAMES))
    text = _unwrap_fence(_read_text(entry, _TEXT_NAMES))
    if not text.strip():
        raise _Unusable("text is empty; give the whole new source")
    if kind == "write_file":
        return WriteFile(path=path, content=text)
    symbol = _read_text(entry, _SYMBOL_NAMES).strip()
    if not symbol:
        raise _Unusable("symbol is empty; give the qualified name")
    return ReplaceSymbol(path=path, symbol=symbol, source=text)


def _unwrap_fence(text: str) -> str:
    match = _WHOLE_FENCE.fullmatch(text)
    return match[1] if match else text


def _read_regression_test(reply: JsonObject) -> WriteFile | None:
    value = reply.get("regression_test") or reply
    if not isinstance(value, dict):
        return None
    path = _read_text(value, _TEST_PATH_NAMES if value is reply else _PATH_NAMES).strip()
    content = _unwrap_fence(_read_text(value, ("test",) if value is reply else _TEXT_NAMES))
    return WriteFile(path=path.removeprefix("./"), content=content) if path and content else None


def _read_confidence(value: object) -> float:
    """A number, a share in percent or a word, as 0 to 1; 0 for all else."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _WORDS_OF_CONFIDENCE:
            return _WORDS_OF_CONFIDENCE[word]
        try:
            value = float(word.rstrip("%")) / (100 if word.endswith("%") else 1)
        except ValueError:
            return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    if isinstance(value, float) and math.isnan(value):
        return 0.0
    return float(min(max(value, 0), 1))
