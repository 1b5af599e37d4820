"""A traceback that is being read: which line it takes, passes by, or ends before.

Belongs here: the states of one open traceback, and what each kind of line means in each. Does not
belong here: where it begins, and which lines are offered to it (`blocks`).
"""

from dataclasses import dataclass
from enum import Enum, auto

from healer.failure.lines import EXCEPTION, SYNTAX_TYPES, Kind

MAX_LINES = 8_000
"""Of one block; of more frames, the middle is dropped. Two functions that call each other until
RecursionError print about 3,000."""
MAX_NOISE = 60
"""Foreign lines in a row after which an unfinished traceback is given up."""
MAX_WAIT = 8
"""Foreign lines after a finished traceback during which a chained one may still follow."""
MAX_MESSAGE_LINES = 100
MAX_SYNTAX_LINES = 4
"""A syntax error's location, source line and marks."""


class State(Enum):
    """How far it was read."""

    FRAMES = auto()
    """A header or frames were seen, the exception line is still to come."""
    MESSAGE = auto()
    """The exception line was seen; its message may go on."""
    FINISHED = auto()
    """It is finished, but a chained exception may still follow."""
    LINK = auto()
    """A link was seen; the next traceback must follow."""


class Step(Enum):
    """What became of a line that was offered."""

    TAKE = auto()
    """It belongs to the traceback."""
    PASS = auto()
    """It is foreign; the traceback stays open."""
    END = auto()
    """The traceback ended before it."""


@dataclass
class OpenTraceback:
    """A traceback that is being read from one stream of lines."""

    lines: list[str]
    state: State = State.FRAMES
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
    """It began with a location: a syntax error of the script itself, or nothing."""
    grouped: bool = False
    swallowed: bool = False
    bare: bool = False
    """Only the header carried the prefix."""

    def offer(self, kind: Kind, text: str) -> Step:
        """Offers the next line of its stream, without prefix."""
        if kind is Kind.GROUP and not self.grouped:
            kind = Kind.INDENTED
        if len(self.lines) >= MAX_LINES:
            if self.finished_at:
                return Step.END
            del self.lines[MAX_LINES // 2 : -MAX_LINES // 4]
        if self.headless:
            return _offer_headless(self, kind, text)
        return _OFFER[self.state](self, kind, text)

    def take(self, text: str) -> Step:
        """Takes the line."""
        self.lines.append(text.rstrip())
        self.foreign = 0
        return Step.TAKE

    def finish(self, text: str) -> Step:
        """Takes the line with which it is complete."""
        self.finished_before = self.finished_at
        self.take(text)
        self.finished_at = len(self.lines)
        self.state = State.MESSAGE
        return Step.TAKE

    def pass_by(self, most: int) -> Step:
        """Passes a foreign line by, `most` of them in a row."""
        self.foreign += 1
        return Step.PASS if self.foreign <= most else Step.END


def _offer_headless(block: OpenTraceback, kind: Kind, text: str) -> Step:
    """A syntax error of the script itself: a location, a source line, marks, the error."""
    if kind is Kind.INDENTED and len(block.lines) < MAX_SYNTAX_LINES:
        return block.take(text)
    match = EXCEPTION.match(text.rstrip())
    if kind is Kind.EXCEPTION and match and match["type"] in SYNTAX_TYPES:
        block.headless = False
        return block.finish(text)
    return Step.END


def _offer_in_frames(block: OpenTraceback, kind: Kind, text: str) -> Step:
    if kind is Kind.HEADER:
        return Step.END
    if kind in (Kind.FRAME, Kind.INDENTED):
        return block.take(text)
    if kind in (Kind.GROUP, Kind.EXCEPTION, Kind.MAYBE_EXCEPTION):
        block.doubtful = kind is Kind.MAYBE_EXCEPTION
        return block.finish(text)
    return block.pass_by(MAX_NOISE)


def _offer_in_message(block: OpenTraceback, kind: Kind, text: str) -> Step:
    if kind is Kind.GROUP:
        return block.finish(text)
    if block.doubtful and kind in (Kind.FRAME, Kind.INDENTED, Kind.EXCEPTION):
        del block.lines[block.finished_at - 1 :]
        block.state, block.finished_at = State.FRAMES, block.finished_before
        return _offer_in_frames(block, kind, text)
    if kind in (Kind.HEADER, Kind.FRAME):
        return Step.END
    if kind in (Kind.BLANK, Kind.RECORD, Kind.LINK):
        block.state = State.FINISHED
        return _offer_when_finished(block, kind, text)
    block.message_lines += 1
    if block.message_lines > MAX_MESSAGE_LINES:
        return block.pass_by(MAX_NOISE)
    block.take(text)
    block.finished_at += 1
    return Step.TAKE


def _offer_when_finished(block: OpenTraceback, kind: Kind, text: str) -> Step:
    if kind is Kind.LINK:
        block.state = State.LINK
        return block.take(text.strip())
    if kind is Kind.GROUP:
        return block.finish(text)
    if kind in (Kind.HEADER, Kind.FRAME, Kind.EXCEPTION):
        return Step.END  # an exception line here may be a cause that has no frames
    return block.pass_by(MAX_WAIT)


def _offer_after_link(block: OpenTraceback, kind: Kind, text: str) -> Step:
    if kind is Kind.HEADER:
        block.grouped = text.startswith("  +")
        block.state, block.message_lines, block.doubtful = State.FRAMES, 0, False
        return block.take(text)
    return Step.END if kind is Kind.FRAME else block.pass_by(MAX_NOISE)


_OFFER = {
    State.FRAMES: _offer_in_frames,
    State.MESSAGE: _offer_in_message,
    State.FINISHED: _offer_when_finished,
    State.LINK: _offer_after_link,
}
