"""A traceback is found whatever stands before, between and after its lines."""

import pytest

from healer.failure import parse_all, parse_traceback
from healer.failure.blocks import Block, BlockAssembler
from tests.healer.failure.texts import CHAINED, NOISE, PLAIN, ROOT, one, prefixed


@pytest.mark.parametrize(
    "prefix",
    [
        "web_1  | ",
        "web-1  | 2026-11-20T20:47:17.123456789Z ",
        "2026-11-20T20:47:17.123456789Z ",
        "2026-11-20T20:47:17.123456789Z stderr F ",
        "Nov 20 20:47:17 host sync[123]: ",
        "2026-11-20T20:47:17+0000 host sync[123]: ",
        "2026-11-20 20:47:17,123 ERROR sync ",
        "[2026-11-20 20:47:17 +0000] [123] [ERROR] ",
        "    | ",
        "ERROR: ",
    ],
)
def test_any_prefix_that_stays_the_same_but_for_its_time_is_taken_off(prefix: str) -> None:
    before = prefixed(prefix, CHAINED).replace("20:47:17", "20:47:16", 3)
    chain = parse_traceback(before, ROOT)
    assert [raised.type for raised in chain] == ["KeyError", "__main__.SyncFailed"]
    assert chain[0].relation == "context"
    assert all(frame.own for raised in chain for frame in raised.frames)


@pytest.mark.parametrize(
    "record",
    [
        "ERROR:root:sync failed\n",
        "2026-11-20 20:47:17,123 - sync - ERROR - failed\n",
        "[2026-11-20 20:47:17 +0000] [123] [ERROR] Exception in worker process\n",
        "[2026-11-20 20:47:17,123: ERROR/ForkPoolWorker-1] Task sync[4a] raised unexpected: "
        "KeyError('total')\n",
        "ERROR:root:sync failed ",
        "2026-11-20 20:47:17,123 ERROR sync failed: ",
    ],
)
def test_only_the_first_line_may_carry_a_prefix(record: str) -> None:
    text = f"INFO:root:start\n{record}{PLAIN}2026-11-20 20:47:18,001 INFO next\nINFO:root:more\n"
    assert one(text) == one(PLAIN)


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("after", range(1, 7))
def test_a_line_of_another_writer_in_any_place_changes_nothing(noise: str, after: int) -> None:
    lines = PLAIN.splitlines()
    lines.insert(after, noise)
    assert one("\n".join(lines) + "\n") == one(PLAIN)


def test_two_services_whose_lines_alternate_are_kept_apart() -> None:
    first = prefixed("web_1  | ").splitlines()
    second = prefixed("job_1  | ", PLAIN.replace("KeyError", "IndexError")).splitlines()
    mixed = "\n".join(line for pair in zip(first, second, strict=True) for line in pair) + "\n"
    assert {chain[-1].type for chain in parse_all(mixed, ROOT)} == {"KeyError", "IndexError"}
    assert all(len(chain[-1].frames) == 2 for chain in parse_all(mixed, ROOT))


def test_two_processes_of_one_unit_are_kept_apart_by_their_ids() -> None:
    first = prefixed("Nov 20 20:47:17 host sync[123]: ").splitlines()
    second = prefixed("Nov 20 20:47:18 host sync[124]: ", CHAINED).splitlines()
    mixed = [line for pair in zip(first, second, strict=False) for line in pair]
    mixed += second[len(first) :]
    found = sorted(len(chain) for chain in parse_all("\n".join(mixed), ROOT))
    assert found == [1, 2]


def test_a_coloured_name_of_a_service_before_each_line_is_taken_off() -> None:
    coloured = prefixed("\x1b[33mweb_1      | \x1b[0m", CHAINED)
    record = "\x1b[33mweb_1      | \x1b[0m[2026-11-20 20:47:17 +0000] [8] [ERROR] Exception\n"
    chain = parse_traceback(record + coloured, ROOT)
    assert [raised.type for raised in chain] == ["KeyError", "__main__.SyncFailed"]


def assemble(text: str, *, cut_start: bool = False) -> list[Block]:
    assembler = BlockAssembler(cut_start=cut_start)
    blocks = [block for line in text.splitlines() for block in assembler.take_line(line)]
    return blocks + assembler.end()


def test_a_block_has_its_lines_without_prefix_and_the_prefix_without_its_time() -> None:
    (block,) = assemble(prefixed("2026-11-20 20:47:17 web | "))
    assert block.lines == tuple(PLAIN.splitlines())
    assert block.prefix == "web |"
    assert not block.swallowed


@pytest.mark.parametrize("mark", ["Exception ignored in: <x>", "--- Logging error ---"])
def test_what_the_interpreter_went_on_after_is_marked(mark: str) -> None:
    (block,) = assemble(f"{mark}\n{PLAIN}")
    assert block.swallowed


def test_streams_that_a_wrapper_has_named_are_kept_apart() -> None:
    assembler = BlockAssembler()
    blocks = []
    for line in PLAIN.splitlines():
        for stream in ("out", "err"):
            blocks += assembler.take_line(line, stream)
    assert len(blocks + assembler.end()) == 2


def test_a_header_of_the_same_prefix_closes_the_one_before() -> None:
    assert len(assemble(PLAIN + PLAIN)) == 2
    half = "\n".join(PLAIN.splitlines()[:3])
    assert len(assemble(f"{half}\n{PLAIN}")) == 1


def test_more_streams_than_are_followed_are_left_out_and_nothing_breaks() -> None:
    text = "".join(f"w{n} | Traceback (most recent call last):\n" for n in range(500))
    assert assemble(text) == []


def test_settling_keeps_what_is_not_finished() -> None:
    assembler = BlockAssembler()
    for line in PLAIN.splitlines()[:3]:
        assembler.take_line(line)
    assert assembler.settle() == []
    assert not assembler.is_idle
    for line in PLAIN.splitlines()[3:]:
        assembler.take_line(line)
    assert len(assembler.settle()) == 1
    assert assembler.is_idle


def test_a_cause_without_frames_belongs_to_the_chain() -> None:
    link = "The above exception was the direct cause of the following exception:"
    (block,) = assemble(f"starting\n\nKeyError: 'x'\n\n{link}\n\n{PLAIN}")
    assert block.lines[:2] == ("KeyError: 'x'", link)
    (block,) = assemble(f"starting\n\nno exception here\n\n{link}\n\n{PLAIN}")
    assert block.lines[0] == "Traceback (most recent call last):"


def test_frames_without_a_header_count_only_where_the_start_was_cut_off() -> None:
    tail = "\n".join(PLAIN.splitlines()[1:])
    assert assemble(tail) == []
    assert len(assemble(tail, cut_start=True)) == 1
    assert assemble(f"half a line\nall is well\n{tail}", cut_start=True) == []
