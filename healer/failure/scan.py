"""Looks through a stream of bytes for tracebacks, at the speed of a byte search.

Belongs here: cutting bytes into lines, skipping what holds no traceback, looking into JSON lines.
Does not belong here: files and their rotation (`healer.watch.logs.follow`).
"""

from collections import deque

from healer.failure.blocks import CONTEXT_LINES, Block, BlockAssembler
from healer.failure.lines import COLOUR, HEADER_TEXT, MAX_LINE, clean, parse_object, unwrap
from healer.failure.structured import format_stacks, is_structured

MAX_LINE_BYTES = 1 << 20
"""A longer line is cut into lines of this size, wherever the chunks were cut."""
_NEEDLES = (b"Traceback (most recent call last)", b'  File "', b"  File \x1b", b'"exc_type"')
_ESCAPED_NEWLINES = ("\\n", "#012")
_NEUTRAL = "{}"
"""Stands for a line that was looked into: a foreign record to whatever is being read."""
_FIELDS = 2_000
"""Values of one JSON line that are looked at."""


class Scanner:
    """Takes bytes in any pieces; the blocks found do not depend on where they were cut."""

    def __init__(self, *, cut_start: bool = False) -> None:
        self._assembler = BlockAssembler(cut_start=cut_start)
        self._rest = b""  # the beginning of a line whose end has not come yet

    @property
    def unread(self) -> int:
        """Bytes at the end that wait for the rest of their line."""
        return len(self._rest)

    @property
    def is_idle(self) -> bool:
        """No traceback is open: reading may start again after the last whole line."""
        return self._assembler.is_idle

    def feed(self, data: bytes) -> list[Block]:
        """The blocks that this piece completes."""
        data = self._rest + data
        end = data.rfind(b"\n") + 1
        if len(data) - end > MAX_LINE_BYTES:
            end += (len(data) - end) // MAX_LINE_BYTES * MAX_LINE_BYTES
        self._rest = data[end:]
        return self._read_lines(data[:end]) if end else []

    def settle(self) -> list[Block]:
        """Nothing was written for a while: the blocks that are finished as they stand."""
        return self._assembler.settle()

    def end(self) -> list[Block]:
        """The stream is over: the blocks that are complete as they stand."""
        rest, self._rest = self._rest, b""
        blocks = self._read_lines(rest) if rest else []
        return blocks + self._assembler.end()

    def _read_lines(self, data: bytes) -> list[Block]:
        """Reads whole lines, skipping to the next needle whenever no traceback is open."""
        blocks: list[Block] = []
        place = 0
        while place < len(data):
            if self._assembler.is_idle:
                start = _next_start(data, place)
                if start < 0:
                    break
                if start > place:
                    self._recall(data[place:start])
                place = start
            stop = _line_end(data, place)
            blocks += self._read_line(data[place:stop])
            place = stop
        if place < len(data):
            self._recall(data[place:])
        return blocks

    def _read_line(self, raw: bytes) -> list[Block]:
        line = clean(raw)
        if inner := unwrap(line):
            stream, text = inner
            return self._assembler.take_line(text[:MAX_LINE], stream)
        texts = _find_texts(line)
        if not texts:
            return self._assembler.take_line(line[:MAX_LINE])
        blocks = self._assembler.take_line(_NEUTRAL)
        for text in texts:
            blocks += find_blocks(text)
        return blocks

    def _recall(self, data: bytes) -> None:
        """Lets the reader look back at the last lines of what was skipped."""
        start = len(data)
        for _ in range(CONTEXT_LINES + 1):
            start = data.rfind(b"\n", 0, max(start - 1, 0)) + 1
            if start == 0:
                break
        lines: deque[str] = deque(maxlen=CONTEXT_LINES)
        while start < len(data):
            stop = _line_end(data, start)
            lines.append(clean(data[start:stop])[:MAX_LINE])
            start = stop
        self._assembler.recall(lines)


def find_blocks(text: str) -> list[Block]:
    """The tracebacks of a short text that is complete in itself; JSON in it is not looked into."""
    assembler = BlockAssembler()
    blocks: list[Block] = []
    for line in text.split("\n"):
        blocks += assembler.take_line(COLOUR.sub("", line.rstrip("\r"))[:MAX_LINE])
    return blocks + assembler.end()


def _line_end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start, start + MAX_LINE_BYTES)
    return end + 1 if end >= 0 else min(len(data), start + MAX_LINE_BYTES)


def _next_start(data: bytes, place: int) -> int:
    """Where the first line from `place` on begins that holds a needle; -1 for none."""
    hits = [hit for hit in (data.find(needle, place) for needle in _NEEDLES) if hit >= 0]
    if not hits:
        return -1
    hit = min(hits)
    start = max(data.rfind(b"\n", place, hit) + 1, place)
    return start + (hit - start) // MAX_LINE_BYTES * MAX_LINE_BYTES


def _find_texts(line: str) -> list[str]:
    """The texts with tracebacks that a JSON line or a line with escaped newlines holds."""
    if line.rstrip().endswith("}") and (record := parse_object(line)) is not None:
        return _find_texts_in_values(record)
    place = line.find(HEADER_TEXT)
    if place < 0:
        return []
    rest = line[place + len(HEADER_TEXT) :]
    newline = next((mark for mark in _ESCAPED_NEWLINES if rest.startswith(mark)), "")
    if not newline:
        return []
    text = line[place:].replace(newline, "\n").replace('\\"', '"')
    return [text.rstrip('"')]


def _find_texts_in_values(record: dict[str, object]) -> list[str]:
    """String values that hold a traceback, and structlog's `dict_tracebacks` as text."""
    texts: list[str] = []
    waiting: list[object] = [record]
    for _ in range(_FIELDS):
        if not waiting:
            break
        value = waiting.pop()
        if isinstance(value, str) and HEADER_TEXT in value:
            texts.append(value)
        elif isinstance(value, list) and value and is_structured(value[0]):
            texts.append(format_stacks(value))
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
    return texts
