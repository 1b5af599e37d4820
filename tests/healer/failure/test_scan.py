"""Bytes in any pieces give the same blocks, also those inside JSON and escaped lines."""

import json

from hypothesis import given
from hypothesis import strategies as st

from healer.failure import parse_traceback
from healer.failure.scan import MAX_LINE_BYTES, Scanner, find_blocks
from tests.healer.failure.texts import BYTES, CHAINED, PLAIN, ROOT, one


def test_json_lines_are_looked_into() -> None:
    line = json.dumps({"event": "failed", "level": "error", "exception": PLAIN.strip()})
    assert one(f"starting\n{line}\nnext\n") == one(PLAIN)


def test_a_json_line_deep_inside_a_record_and_after_a_prefix_is_looked_into() -> None:
    line = json.dumps({"a": [{"exc": {"text": CHAINED}}]})
    chain = parse_traceback(f"2026-11-20T20:47:17.1Z stdout F {line}\n", ROOT)
    assert [raised.type for raised in chain] == ["KeyError", "__main__.SyncFailed"]


def test_docker_json_files_are_unwrapped_by_stream() -> None:
    def wrapped(text: str, stream: str) -> list[str]:
        return [
            json.dumps({"log": line, "stream": stream, "time": "2026-11-20T20:47:17Z"})
            for line in text.splitlines(keepends=True)
        ]

    error, out = wrapped(PLAIN, "stderr"), wrapped("a\nb\nc\nd\ne\nf\ng\nh\n", "stdout")
    mixed = [line for pair in zip(error, out, strict=True) for line in pair]
    assert one("\n".join(mixed) + "\n") == one(PLAIN)


def test_escaped_newlines_on_one_line_are_read() -> None:
    escaped = PLAIN.strip().replace('"', '\\"').replace("\n", "\\n")
    assert one(f'level=error msg="failed" exc="{escaped}"\n') == one(PLAIN)
    rsyslog = PLAIN.strip().replace("\n", "#012")
    assert one(f"Nov 20 20:47:17 host sync[1]: {rsyslog}\n") == one(PLAIN)


@given(BYTES, st.lists(st.integers(min_value=0, max_value=3_000), max_size=12))
def test_where_a_stream_is_cut_into_pieces_makes_no_difference(
    data: bytes, cuts: list[int]
) -> None:
    whole = Scanner()
    expected = whole.feed(data) + whole.end()
    pieces = Scanner()
    found, place = [], 0
    for cut in [*sorted(cuts), len(data)]:
        found += pieces.feed(data[place:cut])
        place = max(place, cut)
    assert found + pieces.end() == expected


def test_what_waits_for_the_end_of_its_line_is_counted() -> None:
    scanner = Scanner()
    scanner.feed(b"one line\nhalf a li")
    assert scanner.unread == len(b"half a li")
    scanner.feed(b"ne\n")
    assert scanner.unread == 0


def test_a_scanner_is_idle_between_tracebacks() -> None:
    scanner = Scanner()
    assert scanner.is_idle
    scanner.feed(PLAIN.encode()[:80])
    assert not scanner.is_idle
    scanner.feed(PLAIN.encode()[80:])
    assert [block.lines[-1] for block in scanner.settle()] == ["KeyError: 'total'"]
    assert scanner.is_idle


def test_a_line_without_end_is_cut_and_what_follows_it_is_found() -> None:
    text = b"x" * (3 * MAX_LINE_BYTES) + b"\n" + PLAIN.encode()
    scanner = Scanner()
    blocks = [
        block for n in range(0, len(text), 70_000) for block in scanner.feed(text[n:][:70_000])
    ]
    assert len(blocks + scanner.end()) == 1


def test_a_huge_text_without_a_traceback_costs_nothing_to_look_through() -> None:
    scanner = Scanner()
    assert scanner.feed(b"an ordinary line of a log\n" * 400_000) == []
    assert scanner.is_idle


def test_a_short_text_is_read_whole() -> None:
    (block,) = find_blocks(PLAIN)
    assert block.lines == tuple(PLAIN.splitlines())
    assert find_blocks("nothing\n") == []


def test_only_so_many_values_of_a_json_line_are_looked_at() -> None:
    many = json.dumps({str(n): n for n in range(5_000)} | {"last": PLAIN})
    scanner = Scanner()
    assert len(scanner.feed(many.encode() + b"\n") + scanner.end()) <= 1
