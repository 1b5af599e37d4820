"""Reads what a model wrote. One parser for every reply; it never raises.

Belongs here: which of the formats a reply is in. Does not belong here: reading each of them
(`jsontext` and `reply`, `edit_blocks`), and whether the edits fit the files (`check`).
"""

from healer.draft.llm.replies.edit_blocks import EditBlocks, parse_edit_blocks
from healer.draft.llm.replies.jsontext import Problem, drop_thinking, find_json_object, to_line
from healer.draft.llm.replies.reply import (
    LONGEST_CAUSE,
    MOST_EDITS,
    ModelReply,
    read_reply,
    unwrap_reply,
)

_LONGEST_BLOCKS = 200_000


def parse_reply(text: str) -> ModelReply | Problem:
    """What a reply means, or the problem with it, for any text at all.

    Where it holds no JSON, edits in the formats that models are trained on are read, too.
    """
    value = find_json_object(text, accepts=lambda value: unwrap_reply(value) is not None)
    if not isinstance(value, Problem):
        return read_reply(unwrap_reply(value) or value)
    return value if value.is_ambiguous else _read_blocks(drop_thinking(text)) or value


def _read_blocks(text: str) -> ModelReply | Problem | None:
    blocks = parse_edit_blocks(text) if len(text) <= _LONGEST_BLOCKS else None
    if not isinstance(blocks, EditBlocks):
        return blocks
    if not blocks.edits:
        return Problem("the edits change nothing; give at least one that does")
    if len(blocks.edits) > MOST_EDITS:
        return Problem(f"there are {len(blocks.edits)} edits; at most {MOST_EDITS} are taken")
    cause = to_line(blocks.prose.partition("\n\n")[0])[:LONGEST_CAUSE]
    return ModelReply(blocks.edits, cause=cause, is_closed=blocks.is_closed)
