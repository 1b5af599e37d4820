"""Reads what a model wrote. One parser for every reply; it never raises.

Belongs here: which of the formats a reply is in. Does not belong here: reading each of them
(`jsontext` and `reply`, `edit_blocks`), and whether the edits fit the files (`check`).
"""

from pathlib import PurePosixPath

from healer.draft.llm.replies.edit_blocks import EditBlocks, parse_edit_blocks
from healer.draft.llm.replies.jsontext import (
    JsonObject,
    Problem,
    drop_thinking,
    find_json_object,
    to_line,
)
from healer.draft.llm.replies.reply import (
    LONGEST_CAUSE,
    MOST_EDITS,
    ModelReply,
    read_reply,
    unwrap_reply,
)
from healer.draft.llm.replies.schema import EditForm
from healer.facts.draft import Edit, ReplaceSymbol, ReplaceText, WriteFile

_LONGEST_BLOCKS = 200_000


def parse_reply(text: str, form: EditForm = "json") -> ModelReply | Problem:
    """What a reply means, or the problem with it, for any text at all.

    Whichever `form` its edits were asked for in, all are read that models are trained on; JSON goes
    before the others.
    """
    value = find_json_object(text, accepts=lambda value: unwrap_reply(value) is not None)
    if not isinstance(value, Problem):
        return read_reply(unwrap_reply(value) or value)
    blocks = None if value.is_ambiguous else _read_blocks(drop_thinking(text))
    if blocks is None and form != "json" and value.fault:
        return Problem("the reply holds no edit in the form that was asked for", fault="form")
    return blocks or value


def _read_blocks(text: str) -> ModelReply | Problem | None:
    blocks = parse_edit_blocks(text) if len(text) <= _LONGEST_BLOCKS else None
    if not isinstance(blocks, EditBlocks):
        return blocks
    if not blocks.edits:
        return Problem("the edits change nothing; give at least one that does")
    if len(blocks.edits) > MOST_EDITS:
        return Problem(f"there are {len(blocks.edits)} edits; at most {MOST_EDITS} are taken")
    cause = to_line(blocks.prose.partition("\n\n")[0])[:LONGEST_CAUSE]
    edits, test = _split_test(blocks.edits)
    return ModelReply(
        edits, cause=cause, regression_test=test, is_closed=blocks.is_closed, form=blocks.form
    )


def read_written_draft(text: str) -> JsonObject | None:
    """A draft that is written in another form than JSON, as the object that it would be in JSON;
    None where there is none."""
    reply = _read_blocks(drop_thinking(text))
    if not isinstance(reply, ModelReply):
        return None
    test = reply.regression_test
    named_test = {"test_path": test.path, "test": test.content} if test else {}
    return {"cause": reply.cause, "edits": [*map(_to_object, reply.edits)], **named_test}


def _to_object(edit: Edit) -> JsonObject:
    match edit:
        case ReplaceText(path=path, find=find, replace=text):
            return {"path": path, "symbol": "", "find": find, "text": text}
        case ReplaceSymbol(path=path, symbol=symbol, source=text):
            return {"path": path, "symbol": symbol, "find": "", "text": text}
        case WriteFile(path=path, content=text):
            return {"path": path, "symbol": "", "find": "", "text": text}


def _split_test(edits: tuple[Edit, ...]) -> tuple[tuple[Edit, ...], WriteFile | None]:
    """The test that comes with a fix, which has no field of its own here: the one new file that is
    named as one."""
    tests = [edit for edit in edits if isinstance(edit, WriteFile) and _is_test(edit.path)]
    if len(tests) != 1 or len(edits) == 1:
        return edits, None
    return tuple(edit for edit in edits if edit is not tests[0]), tests[0]


def _is_test(path: str) -> bool:
    return PurePosixPath(path).match("test_*.py")
