"""What is kept of a child's output, and how its end is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inside.supervisor.outcome import CappedOutput, Outcome

CAP = 20


def output(*parts: bytes) -> CappedOutput:
    capped = CappedOutput(CAP)
    for part in parts:
        capped.add(part)
    return capped


@given(st.lists(st.binary(max_size=12), max_size=12))
def test_short_output_is_whole_and_long_output_keeps_both_ends(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    capped = output(*parts)
    assert capped.total_bytes == len(whole)
    if len(whole) <= CAP:
        assert capped.bytes() == whole
        assert capped.cut_bytes == 0
    else:
        assert capped.bytes().startswith(whole[: CAP // 2] + b"\n[... ")
        assert capped.bytes().endswith(b" bytes cut ...]\n" + whole[-CAP // 2 :])
        assert capped.cut_bytes == len(whole) - CAP


def test_a_cut_says_how_much_is_missing() -> None:
    assert output(b"a" * 10, b"b" * 5, b"c" * 10).text() == (
        "aaaaaaaaaa\n[... 5 bytes cut ...]\ncccccccccc"
    )


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert output(b"\xff\xfeab").text() == "��ab"


def test_a_flood_costs_no_more_memory_than_the_cap() -> None:
    capped = output(*[b"x" * 7] * 10_000)
    assert len(b"".join(capped._tail)) < 2 * CAP
    assert capped.cut_bytes == 70_000 - CAP


@pytest.mark.parametrize(
    ("outcome", "how"),
    [
        (Outcome(exit_code=3), "exit code 3"),
        (Outcome(exit_code=0), "exit code 0"),
        (Outcome(signal=9), "signal 9"),
        (Outcome(signal=9, timed_out=True), "the deadline"),
    ],
)
def test_what_ended_it_is_told_in_words(outcome: Outcome, how: str) -> None:
    assert outcome.how() == how


def test_the_fields_are_plain_data_with_rounded_seconds() -> None:
    outcome = Outcome(exit_code=1, oom=True, seconds=0.123456789)
    outcome.stdout.add(b"out")
    outcome.channel.add(b"not for the other side")
    assert outcome.fields() == {
        "exit_code": 1, "signal": None, "timed_out": False, "oom": True, "stdout": "out",
        "stderr": "", "seconds": 0.123457,
    }  # fmt: skip


@pytest.mark.parametrize(("status", "end"), [(3 << 8, (3, None)), (9, (None, 9)), (0, (0, None))])
def test_an_end_is_an_exit_code_or_a_signal(
    status: int, end: tuple[int | None, int | None]
) -> None:
    outcome = Outcome()
    outcome.note_end(status, oom=True)
    assert (outcome.exit_code, outcome.signal) == end
    assert outcome.oom
