"""Finds tracebacks in lines that other lines stand between, one line at a time.

Belongs here: where a traceback begins, which lines are its own, and where it is over. Does not
belong here: what its lines mean (`parse`), or where the lines come from (`scan`).
"""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from healer.failure.lines import (
    EXCEPTION,
    FRAME,
    HEADER,
    NOT_THE_END,
    SYNTAX_TYPES,
    Kind,
    kind_of,
    prefix_key,
    strip_prefix,
)

MAX_LINES = 8_000
"""Of one block; of more frames, the middle is dropped. Two functions that call each other until
RecursionError print about 3,000."""
MAX_NOISE = 60
"""Foreign lines in a row after which an unfinished traceback is given up."""
MAX_WAIT = 8
"""Foreign lines after a finished traceback during which a chained one may still follow."""
MAX_MESSAGE_LINES = 100
MAX_ELSEWHERE = 500
"""Lines of other prefixes in a row, after which an open traceback is closed."""
MAX_SYNTAX_LINES = 4
"""A syntax error's location, source line and marks."""
MAX_STREAMS = 64
CONTEXT_LINES = 12
"""Lines before a header that are looked at: a cause without frames, `Exception ignored in`."""


@dataclass(frozen=True)
class Block:
    """The lines of one traceback with its chain; colour, prefix and foreign lines are gone."""

    lines: tuple[str, ...]
    swallowed: bool = False
    """The interpreter reported it and went on (`Exception ignored in …`)."""
    prefix: str = ""
    """What stood before each line, without times: the log's own name of the source."""


class _State(Enum):
    FRAMES = auto()  # a header or frames were seen, the exception line is still to come
    MESSAGE = auto()  # the exception line was seen; its message may go on
    WAITING = auto()  # it is finished, but a chained exception may still follow
    LINKED = auto()  # a link was seen; the next traceback must follow


class _Step(Enum):
    TAKEN = auto()  # the line belongs to the traceback
    PASSED = auto()  # the line is foreign; the traceback stays open
    OVER = auto()  # the traceback ended before this line


@dataclass
class _Open:
    """A traceback that is being read from one stream of lines."""

    lines: list[str]
    state: _State = _State.FRAMES
    foreign: int = 0
    """Lines in a row that were not its own."""
    message_lines: int = 0
    finished_at: int = 0
    """Lines up to here are a complete traceback; 0 while none is."""
    finished_before: int = 0
    """The same, before the last exception line; where a doubtful one is taken back to."""
    doubtful: bool = False
    """The exception line does not look like one: frames that follow prove it to be noise."""
    headless: bool = False
    grouped: bool = False
    swallowed: bool = False
    bare: bool = False
    """Only the header carried the prefix."""

    def take(self, text: str) -> _Step:
        self.lines.append(text.rstrip())
        self.foreign = 0
        return _Step.TAKEN

    def finish(self, text: str) -> _Step:
        self.finished_before = self.finished_at
        self.take(text)
        self.finished_at = len(self.lines)
        self.state = _State.MESSAGE
        return _Step.TAKEN

    def pass_by(self, most: int) -> _Step:
        self.foreign += 1
        return _Step.PASSED if self.foreign <= most else _Step.OVER


class Blocks:
    """Reads lines and gives back finished blocks; `idle` while no traceback is open."""

    def __init__(self, *, cut_start: bool = False) -> None:
        """`cut_start`: the text may begin inside a traceback whose header is lost."""
        self._open: dict[str, _Open] = {}
        self._cut_start = cut_start
        self._recent: deque[str] = deque(maxlen=CONTEXT_LINES)

    @property
    def idle(self) -> bool:
        return not self._open and not self._cut_start

    def recall(self, lines: Iterable[str]) -> None:
        """Lines that a fast search has passed over since the last one."""
        self._recent.extend(lines)

    def line(self, line: str, stream: str = "") -> list[Block]:
        """Takes one clean line; `stream` keeps lines apart that a wrapper has named."""
        found: list[Block] = []
        taken = False
        for key in list(self._open):
            step = self._offer(key, line, stream)
            if step is _Step.OVER:
                self._close(key, found)
            taken = taken or step is _Step.TAKEN
        if not taken:
            self._begin(line, stream, found)
        self._recent.append(line)
        return found

    def end(self) -> list[Block]:
        """No more lines: what is finished is given back, what is not is dropped."""
        found: list[Block] = []
        for key in list(self._open):
            self._close(key, found)
        self._cut_start = False
        return found

    def settle(self) -> list[Block]:
        """Nothing was written for a while: gives back what is finished, keeps what is not."""
        found: list[Block] = []
        for key, block in list(self._open.items()):
            if block.state is not _State.FRAMES:
                self._close(key, found)
        return found

    def _begin(self, line: str, stream: str, found: list[Block]) -> None:
        """Opens a traceback where the line starts one."""
        header = HEADER.search(line)
        if header:
            prefix = line[: header.start()]
            key = f"{stream}\1{prefix_key(prefix)}"
            if key in self._open:
                self._close(key, found)
            if len(self._open) < MAX_STREAMS:
                self._open[key] = self._opened(line[header.start() :].rstrip(), prefix)
        elif frame := FRAME.match(line):
            if self._cut_start or frame["function"] is None:
                self._open[f"{stream}\1"] = _Open([line], headless=frame["function"] is None)
        elif self._cut_start and (not self._recent or kind_of(line) in (Kind.INDENTED, Kind.GROUP)):
            return  # of the first line, no more than its end may be left
        self._cut_start = False

    def _opened(self, header: str, prefix: str) -> _Open:
        before = [line for line in self._recent if line.strip()]
        swallowed = bool(before) and any(mark in before[-1] for mark in NOT_THE_END)
        lines = [*_frameless_cause(list(self._recent), prefix), header]
        return _Open(lines, swallowed=swallowed, grouped=header.startswith("  +"))

    def _offer(self, key: str, line: str, stream: str) -> _Step:
        """Offers a line to an open traceback."""
        block = self._open[key]
        text = _text_for(block, key, line, stream)
        if text is None:
            return block.pass_by(MAX_ELSEWHERE)
        kind = kind_of(text)
        if kind is Kind.GROUP and not block.grouped:
            kind = Kind.INDENTED
        if len(block.lines) >= MAX_LINES:
            if block.finished_at:
                return _Step.OVER
            del block.lines[MAX_LINES // 2 : -MAX_LINES // 4]
        return (
            _headless(block, kind, text)
            if block.headless
            else _STEPS[block.state](block, kind, text)
        )

    def _close(self, key: str, found: list[Block]) -> None:
        block = self._open.pop(key)
        if block.finished_at and not block.headless:
            lines = tuple(block.lines[: block.finished_at])
            prefix = key.partition("\1")[2].replace("\0", "").strip()
            found.append(Block(lines, swallowed=block.swallowed, prefix=prefix))


def _text_for(block: _Open, key: str, line: str, stream: str) -> str | None:
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


def _headless(block: _Open, kind: Kind, text: str) -> _Step:
    """A syntax error of the script itself: a location, a source line, marks, the error."""
    if kind is Kind.INDENTED and len(block.lines) < MAX_SYNTAX_LINES:
        return block.take(text)
    match = EXCEPTION.match(text.rstrip())
    if kind is Kind.EXCEPTION and match and match["type"] in SYNTAX_TYPES:
        block.headless = False
        return block.finish(text)
    return _Step.OVER


def _in_frames(block: _Open, kind: Kind, text: str) -> _Step:
    if kind is Kind.HEADER:
        return _Step.OVER
    if kind in (Kind.FRAME, Kind.INDENTED):
        return block.take(text)
    if kind in (Kind.GROUP, Kind.EXCEPTION, Kind.MAYBE_EXCEPTION):
        block.doubtful = kind is Kind.MAYBE_EXCEPTION
        return block.finish(text)
    return block.pass_by(MAX_NOISE)


def _in_message(block: _Open, kind: Kind, text: str) -> _Step:
    if kind is Kind.GROUP:
        return block.finish(text)
    if block.doubtful and kind in (Kind.FRAME, Kind.INDENTED, Kind.EXCEPTION):
        del block.lines[block.finished_at - 1 :]
        block.state, block.finished_at = _State.FRAMES, block.finished_before
        return _in_frames(block, kind, text)
    if kind in (Kind.HEADER, Kind.FRAME):
        return _Step.OVER
    if kind in (Kind.BLANK, Kind.RECORD, Kind.LINK):
        block.state = _State.WAITING
        return _waiting(block, kind, text)
    block.message_lines += 1
    if block.message_lines > MAX_MESSAGE_LINES:
        return block.pass_by(MAX_NOISE)
    block.take(text)
    block.finished_at += 1
    return _Step.TAKEN


def _waiting(block: _Open, kind: Kind, text: str) -> _Step:
    if kind is Kind.LINK:
        block.state = _State.LINKED
        return block.take(text.strip())
    if kind is Kind.GROUP:
        return block.finish(text)
    if kind in (Kind.HEADER, Kind.FRAME, Kind.EXCEPTION):
        return _Step.OVER  # an exception line here may be a cause that has no frames
    return block.pass_by(MAX_WAIT)


def _linked(block: _Open, kind: Kind, text: str) -> _Step:
    if kind is Kind.HEADER:
        block.grouped = text.startswith("  +")
        block.state, block.message_lines, block.doubtful = _State.FRAMES, 0, False
        return block.take(text)
    return _Step.OVER if kind is Kind.FRAME else block.pass_by(MAX_NOISE)


_STEPS = {
    _State.FRAMES: _in_frames,
    _State.MESSAGE: _in_message,
    _State.WAITING: _waiting,
    _State.LINKED: _linked,
}
_BARE = re.compile(r'^  (?:\|   ?)?File "')


def _frameless_cause(recent: list[str], prefix: str) -> list[str]:
    """`KeyError: 'x'` and the link after it, where the cause of a chain has no frames."""
    key = prefix_key(prefix)
    texts = [strip_prefix(line, key) if key else line for line in recent]
    lines = ["" if text is None else text for text in texts]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or kind_of(lines[-1]) is not Kind.LINK:
        return []
    link = lines.pop().strip()
    while lines and not lines[-1].strip():
        lines.pop()
    paragraph: list[str] = []
    while lines and kind_of(lines[-1]) not in (Kind.BLANK, Kind.RECORD):
        paragraph.insert(0, lines.pop().rstrip())
        if kind_of(paragraph[0]) is Kind.EXCEPTION:
            return [*paragraph, link]
    return []
