"""Finds tracebacks in lines that other lines stand between, one line at a time.

Belongs here: where a traceback begins, and which lines are offered to which open one. Does not
belong here: which of them it takes (`open_traceback`), what its lines mean (`parse`), or where the
lines come from (`scan`).
"""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from healer.failure.lines import (
    FRAME,
    HEADER,
    NOT_THE_END,
    Kind,
    kind_of,
    prefix_key,
    strip_prefix,
)
from healer.failure.open_traceback import OpenTraceback, State, Step

MAX_ELSEWHERE = 500
"""Lines of other prefixes in a row, after which an open traceback is closed."""
MAX_STREAMS = 64
CONTEXT_LINES = 12
"""Lines before a header that are looked at: a cause without frames, `Exception ignored in`."""
_BARE = re.compile(r'^  (?:\|   ?)?File "')


@dataclass(frozen=True)
class Block:
    """The lines of one traceback with its chain; colour, prefix and foreign lines are gone."""

    lines: tuple[str, ...]
    swallowed: bool = False
    """The interpreter reported it and went on (`Exception ignored in …`)."""
    prefix: str = ""
    """What stood before each line, without times: the log's own name of the source."""


class BlockAssembler:
    """Takes lines and gives back finished blocks."""

    def __init__(self, *, cut_start: bool = False) -> None:
        """`cut_start`: the text may begin inside a traceback whose header is lost."""
        self._open: dict[str, OpenTraceback] = {}
        self._cut_start = cut_start
        self._recent: deque[str] = deque(maxlen=CONTEXT_LINES)

    @property
    def is_idle(self) -> bool:
        """No traceback is open."""
        return not self._open and not self._cut_start

    def recall(self, lines: Iterable[str]) -> None:
        """Lines that a fast search has passed over since the last one."""
        self._recent.extend(lines)

    def take_line(self, line: str, stream: str = "") -> list[Block]:
        """Takes one clean line; `stream` keeps lines apart that a wrapper has named."""
        blocks: list[Block] = []
        is_own = False
        for key in list(self._open):
            step = self._offer(key, line, stream)
            if step is Step.END:
                blocks += self._close(key)
            is_own = is_own or step is Step.TAKE
        if not is_own:
            blocks += self._begin(line, stream)
        self._recent.append(line)
        return blocks

    def end(self) -> list[Block]:
        """No more lines: what is finished is given back, what is not is dropped."""
        self._cut_start = False
        return [block for key in list(self._open) for block in self._close(key)]

    def settle(self) -> list[Block]:
        """Nothing was written for a while: gives back what is finished, keeps what is not."""
        keys = [key for key, block in self._open.items() if block.state is not State.FRAMES]
        return [block for key in keys for block in self._close(key)]

    def _begin(self, line: str, stream: str) -> list[Block]:
        """Opens a traceback where the line starts one; gives the one whose place it takes."""
        blocks: list[Block] = []
        header = HEADER.search(line)
        if header:
            prefix = line[: header.start()]
            key = f"{stream}\1{prefix_key(prefix)}"
            if key in self._open:
                blocks = self._close(key)
            if len(self._open) < MAX_STREAMS:
                self._open[key] = self._new_traceback(line[header.start() :].rstrip(), prefix)
        elif frame := FRAME.match(line):
            has_no_function = frame["function"] is None
            if self._cut_start or has_no_function:
                self._open[f"{stream}\1"] = OpenTraceback([line], headless=has_no_function)
        elif self._cut_start and (not self._recent or kind_of(line) in (Kind.INDENTED, Kind.GROUP)):
            return blocks  # of the first line, no more than its end may be left
        self._cut_start = False
        return blocks

    def _new_traceback(self, header: str, prefix: str) -> OpenTraceback:
        before = [line for line in self._recent if line.strip()]
        is_swallowed = bool(before) and any(mark in before[-1] for mark in NOT_THE_END)
        lines = [*_find_frameless_cause(list(self._recent), prefix), header]
        return OpenTraceback(lines, swallowed=is_swallowed, grouped=header.startswith("  +"))

    def _offer(self, key: str, line: str, stream: str) -> Step:
        """Offers a line to an open traceback."""
        block = self._open[key]
        text = _text_for(block, key, line, stream)
        return block.pass_by(MAX_ELSEWHERE) if text is None else block.offer(kind_of(text), text)

    def _close(self, key: str) -> list[Block]:
        """The block of an open traceback; none where it is not finished."""
        block = self._open.pop(key)
        if not block.finished_at or block.headless:
            return []
        lines = tuple(block.lines[: block.finished_at])
        prefix = key.partition("\1")[2].replace("\0", "").strip()
        return [Block(lines, swallowed=block.swallowed, prefix=prefix)]


def _text_for(block: OpenTraceback, key: str, line: str, stream: str) -> str | None:
    """The line without its prefix where it belongs to this open traceback, else None."""
    name, _, prefix = key.partition("\1")
    if name != stream:
        return None
    if not prefix or block.bare:
        return line
    text = strip_prefix(line, prefix)
    if text is None and kind_of(block.lines[-1]) is Kind.HEADER and _BARE.match(line):
        block.bare = True
        return line
    return text


def _find_frameless_cause(recent: list[str], prefix: str) -> list[str]:
    """`KeyError: 'x'` and the link after it, where the cause of a chain has no frames."""
    key = prefix_key(prefix)
    texts = [strip_prefix(line, key) if key else line for line in recent]
    lines = ["" if text is None else text for text in texts]
    _pop_blank_end(lines)
    if not lines or kind_of(lines[-1]) is not Kind.LINK:
        return []
    link = lines.pop().strip()
    _pop_blank_end(lines)
    paragraph: list[str] = []
    while lines and kind_of(lines[-1]) not in (Kind.BLANK, Kind.RECORD):
        paragraph.insert(0, lines.pop().rstrip())
        if kind_of(paragraph[0]) is Kind.EXCEPTION:
            return [*paragraph, link]
    return []


def _pop_blank_end(lines: list[str]) -> None:
    while lines and not lines[-1].strip():
        lines.pop()
