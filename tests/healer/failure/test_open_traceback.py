"""What an open traceback does with each kind of line, in each of its states."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure.lines import CAUSE_TEXT, Kind, kind_of
from healer.failure.open_traceback import (
    MAX_LINES,
    MAX_MESSAGE_LINES,
    MAX_NOISE,
    MAX_WAIT,
    OpenTraceback,
    State,
    Step,
)

HEADER = "Traceback (most recent call last):"
FRAME = '  File "a.py", line 3, in main'
LINES = {
    Kind.HEADER: HEADER,
    Kind.FRAME: FRAME,
    Kind.INDENTED: "    work()",
    Kind.GROUP: "  | ValueError: 1",
    Kind.LINK: CAUSE_TEXT,
    Kind.BLANK: "",
    Kind.RECORD: "INFO:root:x",
    Kind.EXCEPTION: "KeyError: 'x'",
    Kind.MAYBE_EXCEPTION: "NoSuchRow: 3",
    Kind.OTHER: "40 rows so far",
}
REACH = {
    State.FRAMES: [FRAME],
    State.MESSAGE: [FRAME, "KeyError: 'x'"],
    State.FINISHED: [FRAME, "KeyError: 'x'", ""],
    State.LINK: [FRAME, "KeyError: 'x'", "", CAUSE_TEXT],
}
TAKE, PASS, END = Step.TAKE, Step.PASS, Step.END
TABLE = {
    # what each state does with: header, frame, indented, group, link, blank, record,
    # exception, maybe, other
    State.FRAMES: (END, TAKE, TAKE, TAKE, PASS, PASS, PASS, TAKE, TAKE, PASS),
    State.MESSAGE: (END, END, TAKE, TAKE, TAKE, PASS, PASS, TAKE, TAKE, TAKE),
    State.FINISHED: (END, END, PASS, PASS, TAKE, PASS, PASS, END, PASS, PASS),
    State.LINK: (TAKE, END, PASS, PASS, PASS, PASS, PASS, PASS, PASS, PASS),
}


def opened(*lines: str) -> OpenTraceback:
    block = OpenTraceback([HEADER])
    for line in lines:
        block.offer(kind_of(line), line)
    return block


@pytest.mark.parametrize(
    ("state", "kind", "step"),
    [
        (state, kind, step)
        for state, row in TABLE.items()
        for kind, step in zip(LINES, row, strict=True)
    ],
)
def test_what_becomes_of_a_line(state: State, kind: Kind, step: Step) -> None:
    block = opened(*REACH[state])
    assert block.state is state
    expected = step
    if state is State.FINISHED and kind is Kind.GROUP:
        expected = Step.PASS  # without a group's header a margin is only indentation
    assert block.offer(kind, LINES[kind]) is expected


def test_all_kinds_are_in_the_table() -> None:
    assert set(LINES) == set(Kind)
    assert all(kind_of(line) is kind for kind, line in LINES.items())
    assert set(REACH) == set(TABLE) == set(State)


def test_a_doubtful_exception_line_was_noise_where_frames_follow() -> None:
    block = opened(FRAME, "done", FRAME, "KeyError: 'x'")
    assert block.lines == [HEADER, FRAME, FRAME, "KeyError: 'x'"]
    assert block.finished_at == 4


def test_a_sure_exception_line_ends_the_traceback_where_frames_follow() -> None:
    assert opened(FRAME, "KeyError: 'x'").offer(Kind.FRAME, FRAME) is Step.END


def test_a_message_of_several_lines_belongs_to_it_up_to_a_bound() -> None:
    block = opened(FRAME, "KeyError: 'x'")
    for _ in range(MAX_MESSAGE_LINES):
        assert block.offer(Kind.OTHER, "more of it") is Step.TAKE
    assert block.offer(Kind.OTHER, "too much of it") is Step.PASS
    assert block.finished_at == 3 + MAX_MESSAGE_LINES


@pytest.mark.parametrize(
    ("state", "most"),
    [(State.FRAMES, MAX_NOISE), (State.FINISHED, MAX_WAIT), (State.LINK, MAX_NOISE)],
)
def test_foreign_lines_are_passed_by_up_to_a_bound(state: State, most: int) -> None:
    block = opened(*REACH[state])
    block.foreign = 0
    assert [block.offer(Kind.RECORD, "INFO:x") for _ in range(most + 1)] == [PASS] * most + [END]


def test_a_line_of_its_own_begins_the_count_anew() -> None:
    block = opened(FRAME)
    for _ in range(MAX_NOISE):
        block.offer(Kind.RECORD, "INFO:x")
    assert block.offer(Kind.FRAME, FRAME) is Step.TAKE
    assert block.offer(Kind.RECORD, "INFO:x") is Step.PASS


def test_of_very_many_frames_the_middle_is_dropped() -> None:
    block = OpenTraceback([HEADER])
    for n in range(3 * MAX_LINES):
        assert block.offer(Kind.FRAME, f'  File "a.py", line {n}, in f') is Step.TAKE
    assert len(block.lines) <= MAX_LINES
    assert block.lines[0] == HEADER
    assert block.lines[-1].endswith(f"line {3 * MAX_LINES - 1}, in f")


SYNTAX = '  File "a.py", line 3'


@pytest.mark.parametrize(
    ("lines", "is_finished"),
    [
        (["    def f(", "         ^", "SyntaxError: '(' was never closed"], True),
        (["    def f(", "IndentationError: unexpected indent"], True),
        (["    def f(", "ValueError: x"], False),
        (["INFO:root:x"], False),
        (["    a", "    b", "    c", "    d"], False),
    ],
)
def test_a_location_alone_is_a_syntax_error_or_nothing(lines: list[str], is_finished: bool) -> None:
    block = OpenTraceback([SYNTAX], headless=True)
    steps = [block.offer(kind_of(line), line) for line in lines]
    assert (block.finished_at > 0 and not block.headless) == is_finished
    assert (steps[-1] is Step.TAKE) == is_finished


@given(st.lists(st.sampled_from(list(LINES)), max_size=60))
def test_what_is_finished_is_always_a_beginning_of_what_was_taken(kinds: list[Kind]) -> None:
    block = OpenTraceback([HEADER])
    for kind in kinds:
        if block.offer(kind, LINES[kind]) is Step.END:
            break
    assert 0 <= block.finished_at <= len(block.lines)
    assert block.lines[0] == HEADER
