"""Edits in a format that a model was trained on, instead of the JSON that it was asked for.

Belongs here: SEARCH/REPLACE blocks, unified diffs, apply_patch and whole files in fences, as edits
that quote what they replace. Does not belong here: JSON (`jsontext`, `reply`), and whether an edit
fits its file (`healer.draft.edits`): a quotation must be found there once, as in any other reply.

Line numbers and counts of diffs are not believed: models write them wrongly. What deletes or moves
a file, or begins and does not end, is a problem, never a part of an edit.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.replies.schema import EditForm
from healer.facts.draft import Edit, ReplaceText, WriteFile

_SEARCH = re.compile(r"<{5,9} SEARCH\s*")
_DIVIDER = re.compile(r"={5,9}\s*")
_REPLACE = re.compile(r">{5,9} REPLACE\s*")
_FENCE = re.compile(r"\s*`{3,}[\w+.-]*\s*")
_NAMED_FENCE = re.compile(r"\s*`{3,}\w*[ :](?:\w+=)?[\"']?(?P<path>[\w./\\-]*\w\.\w+)[\"']?\s*")
_PATH_COMMENT = re.compile(r"(?:#|//)\s*(?:[Ff]ile(?:name)?:?\s+)?(?P<path>[\w./\\-]*\w\.\w+)\s*")
_PATH_LINE = re.compile(r"[#*`\s]*(?:[Ff]ile(?:name)?:?\s+)?(?P<path>[\w./\\-]*\w\.\w+)[*`:\s]*")
_OLD_FILE = re.compile(r"--- (?:a/)?(?P<path>\S+).*")
_NEW_FILE = re.compile(r"\+\+\+ (?:b/)?(?P<path>\S+).*")
_SECTION = re.compile(r"\*\*\* (?P<kind>Update|Add|Delete) File: (?P<path>.+?)\s*")
_BEGIN = "*** Begin Patch"
_NOWHERE = "/dev/null"


@dataclass(frozen=True)
class EditBlocks:
    """The edits of a reply."""

    edits: tuple[Edit, ...]
    prose: str
    """What stands before the first."""
    is_closed: bool = False
    """The format says where it ends: it cannot have been cut off unnoticed."""
    form: EditForm | Literal[""] = ""
    """The one of those that are asked for; a unified diff is nearest to a patch."""


def parse_edit_blocks(text: str) -> EditBlocks | Problem | None:
    """The edits in a reply; None where it holds none of the formats."""
    lines = text.split("\n")
    is_patch = any(line.startswith(_BEGIN) for line in lines)
    form: EditForm | Literal[""] = "patch"
    try:
        if any(_SEARCH.fullmatch(line) for line in lines):
            edits, form = tuple(_read_search_blocks(lines)), "search_replace"
        elif is_patch:
            edits = tuple(_read_apply_patch(lines))
        elif any(_OLD_FILE.fullmatch(line) for line in lines):
            edits = tuple(_read_diff(lines))
        else:
            edits, form = tuple(_read_fenced_files(lines)), ""
            if not edits:
                return None
    except _Unusable as problem:
        return Problem(str(problem), fault="form")
    prose = itertools.takewhile(lambda line: not _begins_block(line), lines)
    return EditBlocks(edits, "\n".join(prose).strip(), is_closed=is_patch, form=form)


def _begins_block(line: str) -> bool:
    heads = (_SEARCH, _FENCE, _NAMED_FENCE, _PATH_LINE, _OLD_FILE)
    return line.startswith((_BEGIN, "diff --git ")) or any(head.fullmatch(line) for head in heads)


class _Unusable(Exception):  # noqa: N818  (it says what a block is, and never leaves this module)
    """A block has no clear meaning."""


def _read_search_blocks(lines: Sequence[str]) -> Iterator[Edit]:
    path, rest = "", iter(enumerate(lines))
    for number, line in rest:
        if _SEARCH.fullmatch(line):
            path = _find_path_above(lines, number) or path
            find = _take_until(rest, _DIVIDER, "=======")
            new = _take_until(rest, _REPLACE, ">>>>>>> REPLACE")
            yield _make_edit(path, find, new)


def _take_until(rest: Iterator[tuple[int, str]], end: re.Pattern[str], sign: str) -> list[str]:
    block: list[str] = []
    for _, line in rest:
        if end.fullmatch(line):
            return block
        block.append(line)
    raise _Unusable(f"a SEARCH/REPLACE block ends without {sign}; answer with the whole block")


def _find_path_above(lines: Sequence[str], number: int) -> str:
    """The path on the nearest line above that is neither empty nor a fence."""
    for line in reversed(lines[:number]):
        if line.strip() and not _FENCE.fullmatch(line):
            match = _PATH_LINE.fullmatch(line)
            return match["path"] if match else ""
    return ""


@dataclass
class _Hunk:
    """Lines of a diff without their signs."""

    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def add(self, line: str) -> bool:
        """False for a line that is no part of a hunk."""
        sign, rest = line[:1], line[1:]
        if sign in ("", " ", "-"):
            self.before.append(rest)
        if sign in ("", " ", "+"):
            self.after.append(rest)
        return sign in ("", " ", "-", "+", "\\")

    def make_edits(self, path: str, *, is_new: bool) -> Iterator[Edit]:
        """The edit that it means; none where it changes nothing."""
        while self.before and self.after and self.before[-1] == self.after[-1] == "":
            self.before.pop()  # empty lines after a diff belong to the prose
            self.after.pop()
        if self.before == self.after:
            return
        if not is_new and not "".join(self.before).strip():
            raise _Unusable(f"a change of {path!r} has no line around it; quote some lines there")
        yield _make_edit(path, [] if is_new else self.before, self.after)


def _read_apply_patch(lines: Sequence[str]) -> Iterator[Edit]:
    begin = next(n for n, line in enumerate(lines) if line.startswith(_BEGIN))
    path, kind, hunk = "", "", _Hunk()
    for line in lines[begin + 1 :]:
        section, is_end = _SECTION.fullmatch(line), line.startswith("*** End Patch")
        if section or is_end or line.startswith("@@"):
            yield from hunk.make_edits(path, is_new=kind == "Add")
            hunk = _Hunk()
        if is_end:
            return
        if section:
            path, kind = section["path"], section["kind"]
            if kind == "Delete":
                raise _Unusable(f"{path!r} is deleted; a repair deletes no files")
        elif not line.startswith(("@@", "*** End of File")) and not hunk.add(line):
            raise _Unusable(f"the patch has a line that means nothing: {line[:60]!r}")
    raise _Unusable("the patch ends without *** End Patch; answer with the whole patch")


def _read_diff(lines: Sequence[str]) -> Iterator[Edit]:
    old, path, hunk = "", "", _Hunk()
    is_inside = False
    """Inside a hunk; before the first, and after the last, everything else is prose."""
    for number, line in enumerate(lines):
        head = _find_head(lines[number : number + 3])
        if head or line.startswith("@@") or (is_inside and not hunk.add(line)):
            yield from hunk.make_edits(path, is_new=old == _NOWHERE)
            hunk, is_inside = _Hunk(), line.startswith("@@")
        if head:
            old, path = head
            if path == _NOWHERE:
                raise _Unusable(f"{old!r} is deleted; a repair deletes no files")
    yield from hunk.make_edits(path, is_new=old == _NOWHERE)


def _find_head(lines: Sequence[str]) -> tuple[str, str] | None:
    """Old and new path where these lines begin a file's part of a diff."""
    if len(lines) == len(("---", "+++", "@@")) and lines[2].startswith("@@"):
        old, new = _OLD_FILE.fullmatch(lines[0]), _NEW_FILE.fullmatch(lines[1])
        return (old["path"], new["path"]) if old and new else None
    return None


def _read_fenced_files(lines: Sequence[str]) -> Iterator[Edit]:
    """Fences with a path on the line above, beside the sign, or in a comment on the first line."""
    start, path = -1, ""
    for number, line in enumerate(lines):
        heading = _NAMED_FENCE.fullmatch(line)
        if start < 0 and (heading or _FENCE.fullmatch(line)):
            above = _find_path_above(lines, number) if number and lines[number - 1].strip() else ""
            start, path = number, heading["path"] if heading else above
        elif start >= 0 and _FENCE.fullmatch(line):
            comment = _PATH_COMMENT.fullmatch(lines[start + 1])
            path = path or (comment["path"] if comment else "")
            if path:
                yield _make_edit(path, [], lines[start + 1 : number])
            start = -1


def _make_edit(path: str, find: Sequence[str], new: Sequence[str]) -> Edit:
    if not path:
        raise _Unusable("an edit names no file; write its path on the line above")
    text = "".join(f"{line}\n" for line in new)
    if not "".join(find).strip():
        return WriteFile(path=path, content=text)
    return ReplaceText(path=path, find="".join(f"{line}\n" for line in find), replace=text)
