"""Turns the text of a traceback into facts.

Belongs here: what the lines of one traceback mean, and which files are the user's own. Does not
belong here: finding the traceback among other lines (`scan`, `blocks`).

Read are the shapes that CPython 3.8 to 3.14 prints, colour and log prefixes included. Notes are
printed like further lines of the message, so that only the hook of `healer run` can tell them
apart: from text alone they are part of `message`. A message ends at its first blank line.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from healer.failure.blocks import Block
from healer.failure.lines import (
    CAUSE_TEXT,
    CONTEXT_TEXT,
    EXCEPTION,
    FRAME,
    HEADER,
    MARKS,
    REPEATED,
)
from healer.failure.model import Frame, Raised
from healer.failure.scan import Scanner

MAX_FRAMES = 400
"""Of one exception; of more, the outermost and the innermost half are kept."""
MAX_CHAIN = 50
"""Exceptions of one chain, group members included; of more, the last ones are kept."""
MAX_MESSAGE = 4_000
MAX_SOURCE = 500
_MAX_DEPTH = 12  # CPython itself prints groups to a depth of 10

_MARGIN = re.compile(r"^((?:  ){1,13})([|+])(?: |(?=-)|$)(.*)$", re.DOTALL)
_MEMBER = re.compile(r"^ *\+-(?:\+-)?-+ (?:\d+|\.\.\.) -+$")
_INNER_MEMBER = re.compile(r"^ *\+-\+-")
_END_OF_GROUP = re.compile(r"^ *\+-+$")
_FOREIGN_FOLDERS = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|\.?venv|\.tox|\.nox|__pypackages__|\.eggs"
    r"|python\d\.\d+)(?:/|$)"
)
_WINDOWS = re.compile(r"^[A-Za-z]:[\\/]")

Chain = tuple[Raised, ...]


def parse_traceback(
    text: str | bytes, root: str = "", roots: Iterable[str] = (), cwd: str = ""
) -> Chain:
    """The exceptions of the last complete traceback in a text; empty where there is none.

    A traceback that the interpreter swallowed (`Exception ignored in …`) is only taken where
    there is no other. `root` is the repository's absolute path; `roots` are other places where
    the same tree was mounted (`/job`); `cwd` is the folder that relative paths start from
    (default: the root). Any text and any bytes are fine.
    """
    blocks = _blocks(text)
    candidates = [block for block in blocks if not block.swallowed] or blocks
    return chain_of(candidates[-1], root, roots, cwd) if candidates else ()


def parse_all(
    text: str | bytes, root: str = "", roots: Iterable[str] = (), cwd: str = ""
) -> tuple[Chain, ...]:
    """Every complete traceback of a text, in the order in which they end."""
    return tuple(chain_of(block, root, roots, cwd) for block in _blocks(text))


def chain_of(block: Block, root: str = "", roots: Iterable[str] = (), cwd: str = "") -> Chain:
    """The exceptions of one block of lines that `Scanner` has found."""
    places = _Places(root, tuple(roots), cwd)
    chain = [_freeze(reading, places) for reading in _read(_items(block.lines))]
    return tuple(chain[-MAX_CHAIN:])


def _blocks(text: str | bytes) -> list[Block]:
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    scanner = Scanner(cut_start=True)
    return scanner.feed(data) + scanner.end()


# Groups: lines with a margin become a tree of members.


@dataclass
class _Node:
    """Lines of one exception with its chain, and where its members stand among them."""

    items: list["str | list[_Node]"] = field(default_factory=list)


def _items(lines: Iterable[str]) -> list["str | list[_Node]"]:
    """The lines without margins, each group's members as a list after its message.

    The margin alone tells the depth: where the last member is a group itself, Python prints no
    closing line for the outer one.
    """
    top = _Node()
    path = [top]
    is_group = False
    for line in lines:
        margin = _MARGIN.match(line) if is_group else None
        if not margin:
            if line.strip() in ("", CAUSE_TEXT, CONTEXT_TEXT) or HEADER.match(line):
                del path[1:]
                is_group = line.startswith("  + Exception Group")
            header = line.startswith("  + Exception Group")
            path[-1].items.append(line[4:] if header else line)
            continue
        depth = len(margin[1]) // 2
        if _MEMBER.match(line):
            del path[max(depth - (not _INNER_MEMBER.match(line)), 1) :]
            _enter_member(path)
        elif _END_OF_GROUP.match(line):
            del path[max(depth - 1, 1) :]
        else:
            del path[depth:]
            path[-1].items.append(margin[3])
    return top.items


def _enter_member(path: list[_Node]) -> None:
    if len(path) > _MAX_DEPTH:
        return
    node = _Node()
    last = path[-1].items[-1] if path[-1].items else None
    if isinstance(last, list):
        last.append(node)
    else:
        path[-1].items.append([node])
    path.append(node)


# One exception after the other.


@dataclass
class _Reading:
    type: str = ""
    message: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    relation: Literal["", "cause", "context", "group"] = ""
    members: list["_Reading"] = field(default_factory=list)


def _read(items: Iterable["str | list[_Node]"]) -> list[_Reading]:
    """The exceptions in the order printed; members of a group stand before the group."""
    readings: list[_Reading] = []
    current: _Reading | None = None
    for item in items:
        if isinstance(item, list):
            if current:
                current.members += _members(item)
        elif item.strip() in (CAUSE_TEXT, CONTEXT_TEXT):
            if current and current.type:
                current.relation = "cause" if item.strip() == CAUSE_TEXT else "context"
                readings.append(current)
            current = None
        elif current is None or HEADER.match(item):
            current = _Reading()
            _take(current, item)
        else:
            _take(current, item)
    if current and current.type:
        readings.append(current)
    return [each for reading in readings for each in (*reading.members, reading)]


def _members(nodes: list[_Node]) -> Iterator[_Reading]:
    for node in nodes:
        readings = _read(node.items)
        if readings:
            readings[-1].relation = "group"
        yield from readings


def _take(reading: _Reading, line: str) -> None:
    """One line of an exception: a frame, its source, or after the exception line its message."""
    if reading.type:
        reading.message.append(line)
    elif frame := FRAME.match(line):
        reading.frames.append(
            Frame(
                file=frame["file"],
                line=int(frame["line"]),
                function=(frame["function"] or "")[:200],
            )
        )
    elif line.startswith("    "):
        _take_source(reading, line)
    elif not HEADER.match(line) and not REPEATED.match(line):
        match = EXCEPTION.match(line)
        if match:
            reading.type = match["type"]
            reading.message.append(match["message"] or "")


def _take_source(reading: _Reading, line: str) -> None:
    """The first line of a frame's source; further ones and marks under them are left out."""
    if reading.frames and not reading.frames[-1].source and not MARKS.match(line):
        last = reading.frames[-1]
        reading.frames[-1] = last.model_copy(update={"source": line.strip()[:MAX_SOURCE]})


def _freeze(reading: _Reading, places: "_Places") -> Raised:
    lines = [line for line in reading.message if line.strip() != '"""']
    frames = reading.frames
    if len(frames) > MAX_FRAMES:
        frames = frames[: MAX_FRAMES // 2] + frames[-MAX_FRAMES // 2 :]
    return Raised(
        type=reading.type,
        message="\n".join(lines).rstrip()[:MAX_MESSAGE],
        frames=tuple(places.locate(frame) for frame in frames),
        relation=reading.relation,
    )


# Whose file it is.


@dataclass(frozen=True)
class _Places:
    root: str
    roots: tuple[str, ...]
    cwd: str

    def locate(self, frame: Frame) -> Frame:
        """The frame with its file relative to the root where it lies inside it."""
        inside = relative_to(frame.file, (self.root, *self.roots), self.cwd)
        if inside is None:
            return frame
        return frame.model_copy(update={"file": inside, "own": is_own(inside)})


def is_own(path: str) -> bool:
    """Whether a path inside the root is the user's own code: no installed package, no venv."""
    return not _FOREIGN_FOLDERS.search(path)


def relative_to(file: str, roots: Iterable[str], cwd: str = "") -> str | None:
    """The posix path below the first root that holds the file; None where none does.

    A relative path starts at `cwd`, or at the root itself where that is empty.
    """
    if not file or file.startswith("<"):
        return None
    windows = bool(_WINDOWS.match(file))
    path = file.replace("\\", "/") if windows else file
    if not windows and not path.startswith("/"):
        if not cwd:
            inner = posixpath.normpath(path)
            return None if inner.startswith("..") else inner
        path = f"{cwd.rstrip('/')}/{path}"
    path = posixpath.normpath(path)
    for root in roots:
        base = posixpath.normpath(root.replace("\\", "/") if windows else root) if root else ""
        if base and path.startswith(base.rstrip("/") + "/"):
            return path[len(base.rstrip("/")) + 1 :]
    return None
