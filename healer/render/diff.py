"""A git diff as lines that know what they are. Pure, and total: any text gives lines.

Belongs here: telling added, removed and heading lines apart, and marking those of protected or
suspicious places. Does not belong here: applying diffs (`quarantine`), looks (`terminal`, `page`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from healer.render.clean import printable

LineKind = Literal["file", "hunk", "added", "removed", "context", "note"]
_INDEX = re.compile(r"^index ([0-9a-f]{10})[0-9a-f]{30,}\.\.([0-9a-f]{10})[0-9a-f]{30,}")
"""Whole object ids, of which nobody reads more than the beginning."""
_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class DiffLine:
    """One printable line of a diff."""

    kind: LineKind
    text: str
    path: str = ""
    """The file it belongs to, as named on its `+++` line (or `---`, where the file goes)."""
    line: int = 0
    """Line number in the new file for added and context lines; 0 elsewhere."""
    mark: str = ""
    """Why a person should look here; empty for most."""


def diff_lines(
    diff: str, *, marks: Mapping[tuple[str, int], str] | None = None, limit: int = 0
) -> tuple[DiffLine, ...]:
    """The diff line by line.

    `marks` gives reasons by (path, new line number); line 0 marks the file's heading. `limit`
    (0: none) cuts after so many lines, and the last line then says how many more there are.
    """
    reasons = marks or {}
    lines = [replace(line, mark=_mark(line, reasons)) for line in _read(diff)]
    if limit and len(lines) > limit:
        more = len(lines) - limit
        return (*lines[:limit], DiffLine("note", f"… {more} more lines"))
    return tuple(lines)


def _mark(line: DiffLine, marks: Mapping[tuple[str, int], str]) -> str:
    if line.kind == "file" and line.text.startswith("+++ "):
        return marks.get((line.path, 0), "")
    return marks.get((line.path, line.line), "") if line.kind == "added" else ""


def _read(diff: str) -> Iterator[DiffLine]:
    path, number, old_left, new_left = "", 0, 0, 0
    for raw in diff.split("\n")[: -1 if diff.endswith("\n") else None]:
        text = printable(raw)
        if old_left > 0 or new_left > 0:  # inside a hunk `--- x` is a removed line, no heading
            sign = raw[:1]
            if sign == "+":
                yield DiffLine("added", text, path, number)
            elif sign == "-":
                yield DiffLine("removed", text, path)
            elif sign == "\\":
                yield DiffLine("note", text, path)
            else:
                yield DiffLine("context", text, path, number)
            old_left -= sign not in ("+", "\\")
            new_left -= sign not in ("-", "\\")
            number += sign not in ("-", "\\")
        elif hunk := _HUNK.match(raw):
            old_left, new_left = int(hunk[1] or 1), int(hunk[3] or 1)
            number = int(hunk[2])
            yield DiffLine("hunk", text, path)
        elif raw.startswith("\\"):
            yield DiffLine("note", text, path)
        else:
            path = _path(raw, path)
            yield DiffLine("file", _INDEX.sub(r"index \1..\2", text), path)


def _path(heading: str, before: str) -> str:
    """The path that a heading names; the one before where it names none."""
    if heading.startswith("diff --git "):
        return ""
    name = heading[4:].split("\t", maxsplit=1)[0]
    if heading.startswith("--- ") and name != "/dev/null":
        return name.removeprefix("a/")
    if heading.startswith("+++ ") and name != "/dev/null":
        return name.removeprefix("b/")
    return before
