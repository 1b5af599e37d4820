"""The shape of a reply, as JSON schema for endpoints that hold to one.

Belongs here: the schemas. They use only what every structured-output engine knows: no patterns,
no bounds, no references, every property required, one flat kind of edit. No descriptions either:
the prompt says what the fields mean, and it is sent to endpoints that ignore schemas, too. They
are short, for providers count them as part of the prompt.
"""

from typing import Any, Literal, get_args

Schema = dict[str, Any]

DECISIONS = ("fix", "not_code_fault", "test_is_wrong", "needs_person")
CATEGORIES = ("logic", "missing case", "changed input", "changed API", "type", "name", "syntax")
"""What the prompt offers; any other word is taken, too."""
EditForm = Literal["json", "search_replace", "patch"]
FORMS: tuple[EditForm, ...] = get_args(EditForm)
"""In which edits are asked for. The first, where nothing is known of a model: it alone gives cause,
confidence and test fields of their own."""
EDIT_KINDS = ("replace_symbol", "replace_text", "write_file")
"""Not in the schema: which of symbol and find is filled in says it."""
Objection = Literal["none", "weaker", "reject"]
OBJECTIONS: tuple[Objection, ...] = get_args(Objection)
ACTIONS = (
    "read_file", "search_text", "find_symbol", "line_history", "run", "query", "try_patch",
    "finish",
)  # fmt: skip


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


_STRING: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_EDIT = _object(path=_STRING, symbol=_STRING, find=_STRING, text=_STRING)

DRAFT: Schema = _object(
    cause=_STRING,
    category=_STRING,
    decision=_one_of(*DECISIONS),
    confidence=_NUMBER,
    edits={"type": "array", "items": _EDIT},
    test_path=_STRING,
    test=_STRING,
)

TOOL_CALL: Schema = _object(
    thought=_STRING,
    action=_one_of(*ACTIONS),
    path=_STRING,
    text=_STRING,
    first_line={"type": "integer"},
    last_line={"type": "integer"},
    answer=DRAFT,
)

_LINES = {"first_line": {"type": "integer"}, "last_line": {"type": "integer"}}
_PATCH = {"edits": {"type": "array", "items": _EDIT}}
TOOL_ARGUMENTS: dict[str, Schema] = {
    "read_file": _object(path=_STRING, **_LINES),
    "search_text": _object(text=_STRING),
    "find_symbol": _object(text=_STRING),
    "line_history": _object(path=_STRING, **_LINES),
    "run": _object(command=_STRING, **_PATCH),
    "query": _object(path=_STRING, line={"type": "integer"}, expression=_STRING, **_PATCH),
    "try_patch": _object(**_PATCH),
    "finish": DRAFT,
}
"""Of each action, where the endpoint has tool calls."""

WORDING: Schema = _object(sentences={"type": "array", "items": _STRING})

REVIEW: Schema = _object(
    objection=_one_of(*OBJECTIONS),
    reason=_STRING,
)
