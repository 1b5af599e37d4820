"""Reads what a model wrote. One parser for every reply; it never raises.

Belongs here: turning a JSON object into facts, or into one sentence on why not. Does not belong
here: finding it (`jsontext`), and whether the edits fit the files (`healer.draft.edits`).

Sloppiness that has one meaning is forgiven (fences, chat around the JSON, trailing commas, known
other names of a field). What has two meanings is refused: two different answers, a way out that
also brings edits, a reply that was cut off.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

from healer.draft.llm.replies.jsontext import Json, Problem, json_object, plain
from healer.draft.llm.replies.schema import DECISIONS, EDIT_KINDS
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, WriteFile

Refusal = Literal["", "not_code_fault", "test_is_wrong", "needs_person"]

_MOST_EDITS = 20
_LONGEST_TEXT = 200_000
_LONGEST_CAUSE = 500

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
class Parsed:
    """A usable reply."""

    edits: tuple[Edit, ...] = ()
    refusal: Refusal = ""
    cause: str = ""
    """At most 500 characters, without control characters. Untrusted text."""
    category: str = ""
    confidence: float = 0.0
    regression_test: WriteFile | None = None


def parse(text: str) -> Parsed | Problem:
    """The draft in a reply, or the problem with it, for any text at all."""
    found = json_object(text, wanted=lambda value: _draft_in(value) is not None)
    return found if isinstance(found, Problem) else draft_of(_draft_in(found) or found)


def draft_of(found: Json) -> Parsed | Problem:
    """The draft in a JSON object, or the problem with it."""
    try:
        edits = _edits(_first(found, ("edits", "patches", "changes"), _only_edit(found)))
        decision = _decision(found, edits)
        test = _regression_test(found)
    except _Unusable as problem:
        return Problem(str(problem))
    if decision != "fix" and edits:
        return Problem(f"decision {decision!r} comes with edits; give one or the other")
    if decision == "fix" and not edits:
        return Problem("decision 'fix' comes without edits; give at least one edit")
    cause = plain(_first(found, ("cause", "reason", "diagnosis", "explanation"), ""))
    if decision != "fix" and not cause:
        return Problem(f"decision {decision!r} comes without a reason; say why in cause")
    return Parsed(
        edits=edits,
        refusal="" if decision == "fix" else decision,
        cause=cause[:_LONGEST_CAUSE],
        category=plain(found.get("category"))[:40],
        confidence=_confidence(found.get("confidence")),
        regression_test=test if decision == "fix" else None,
    )


class _Unusable(Exception):  # noqa: N818  (never leaves this module)
    """A field has no clear meaning."""


def _draft_in(found: Json, depth: int = 2) -> Json | None:
    """The object itself, or the one that it wraps, as calls of tools and some models do."""
    if _looks_like_draft(found):
        return found
    for name in _WRAPPERS if depth else ():
        inner = found.get(name)
        if isinstance(inner, str):
            loaded = json_object(inner, wanted=_looks_like_draft)
            inner = None if isinstance(loaded, Problem) else loaded
        if isinstance(inner, dict) and (draft := _draft_in(inner, depth - 1)) is not None:
            return draft
    return None


def _looks_like_draft(found: Json) -> bool:
    return any(name in found for name in ("edits", "patches", "changes", *_DECISION_NAMES))


def _first(found: Json, names: tuple[str, ...], default: object) -> Any:
    return next((found[name] for name in names if found.get(name) is not None), default)


def _text(found: Json, names: tuple[str, ...]) -> str:
    value = _first(found, names, "")
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    if not isinstance(value, str):
        raise _Unusable(f"{names[0]} must be a string, not {type(value).__name__}")
    if len(value) > _LONGEST_TEXT:
        raise _Unusable(f"{names[0]} is longer than {_LONGEST_TEXT:,} characters")
    if _SURROGATE.search(value):
        raise _Unusable(f"{names[0]} holds half of a surrogate pair, which is no text")
    return value


def _decision(found: Json, edits: tuple[Edit, ...]) -> Any:
    value = _first(found, _DECISION_NAMES, "fix" if edits else "")
    if not isinstance(value, str):
        raise _Unusable("decision must be a string")
    word = re.sub(r"[\s-]+", "_", value.strip().lower())
    word = _OTHER_DECISIONS.get(word, word)
    if word not in DECISIONS:
        raise _Unusable(f"decision is {value[:60]!r}; it must be one of {', '.join(DECISIONS)}")
    return word


def _edits(value: object) -> tuple[Edit, ...]:
    values = [value] if isinstance(value, dict) else value
    if not isinstance(values, list):
        raise _Unusable("edits must be a list")
    if len(values) > _MOST_EDITS:
        raise _Unusable(f"there are {len(values)} edits; at most {_MOST_EDITS} are taken")
    edits = [_edit(number, entry) for number, entry in enumerate(values, 1)]
    return tuple(dict.fromkeys(edits))


def _only_edit(found: Json) -> list[Json]:
    """An edit whose fields stand beside the decision instead of in a list."""
    names = {*_FIND_NAMES, *_SYMBOL_NAMES}
    beside = bool(names & set(found)) and any(name in found for name in _PATH_NAMES)
    return [found] if beside and any(name in found for name in _TEXT_NAMES) else []


def _edit(number: int, entry: object) -> Edit:
    if not isinstance(entry, dict):
        raise _Unusable(f"edit {number} must be an object")
    try:
        kind = _kind(entry)
        path = _text(entry, _PATH_NAMES).strip().removeprefix("./")
        if not path:
            raise _Unusable("path is missing")  # noqa: TRY301
        return _edit_of(kind, path, entry)
    except _Unusable as problem:
        raise _Unusable(f"edit {number}: {problem}") from None


def _kind(entry: Json) -> str:
    value = _first(entry, _KIND_NAMES, "")
    word = re.sub(r"[\s-]+", "_", value.strip().lower()) if isinstance(value, str) else "?"
    word = _OTHER_KINDS.get(word, word)
    if word in EDIT_KINDS:
        return word
    if word:
        raise _Unusable(f"kind is {str(value)[:60]!r}; it must be one of {', '.join(EDIT_KINDS)}")
    find, symbol = _first(entry, _FIND_NAMES, ""), _first(entry, _SYMBOL_NAMES, "")
    if find and symbol and _defines(_first(entry, _TEXT_NAMES, ""), symbol):
        return "replace_symbol"  # the quotation only says where; the text is the whole definition
    if find and symbol:
        return "replace_text"  # the symbol only says where; the quotation must be unique anyway
    if find or symbol:
        return "replace_text" if find else "replace_symbol"
    if {"symbol", "find"} <= set(entry):
        return "write_file"
    raise _Unusable("neither symbol nor find is given; fill in the one that is meant")


def _defines(text: object, symbol: object) -> bool:
    name = re.escape(str(symbol).rpartition(".")[2])
    whole = rf"\s*(?:@.*\n\s*)*(?:async\s+def|def|class)\s+{name}\b"
    return re.match(whole, text if isinstance(text, str) else "") is not None


def _edit_of(kind: str, path: str, entry: Json) -> Edit:
    if kind == "replace_text":
        find = _text(entry, _FIND_NAMES)
        if not find.strip():
            raise _Unusable("find is empty; quote the text that is to be replaced")
        if not any(name in entry for name in _TEXT_NAMES):
            raise _Unusable("text is missing; give the new text")
        return ReplaceText(path=path, find=find, replace=_text(entry, _TEXT_NAMES))
    text = _unfenced(_text(entry, _TEXT_NAMES))
    if not text.strip():
        raise _Unusable("text is empty; give the whole new source")
    if kind == "write_file":
        return WriteFile(path=path, content=text)
    symbol = _text(entry, _SYMBOL_NAMES).strip()
    if not symbol:
        raise _Unusable("symbol is empty; give the qualified name")
    return ReplaceSymbol(path=path, symbol=symbol, source=text)


def _unfenced(text: str) -> str:
    match = _WHOLE_FENCE.fullmatch(text)
    return match[1] if match else text


def _regression_test(found: Json) -> WriteFile | None:
    value = found.get("regression_test") or found
    if not isinstance(value, dict):
        return None
    path = _text(value, _TEST_PATH_NAMES if value is found else _PATH_NAMES).strip()
    content = _unfenced(_text(value, ("test",) if value is found else _TEXT_NAMES))
    return WriteFile(path=path.removeprefix("./"), content=content) if path and content else None


def _confidence(value: object) -> float:
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _WORDS_OF_CONFIDENCE:
            return _WORDS_OF_CONFIDENCE[word]
        try:
            value = float(word.rstrip("%")) / (100 if word.endswith("%") else 1)
        except ValueError:
            return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124
        return 0.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except OverflowError:
        return 1.0
