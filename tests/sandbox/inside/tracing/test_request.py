"""Which lines are asked for, and which reports of them are believed."""

import pytest

from sandbox.inside.tracing.request import collect, read_channel, subtract

TRACE = {"a.py": [1, 5], "b.py": [2]}


def ran(*values: object) -> bytes:
    return b'{"ran": [%b]}' % ", ".join(map(str, values)).encode()


def test_lines_that_were_asked_for_are_told_sorted_and_once() -> None:
    channel = b"\n".join([ran('"a.py"', 5), ran('"a.py"', 1), ran('"a.py"', 5), ran('"b.py"', 2)])
    assert read_channel(channel, TRACE) == {"a.py": [1, 5], "b.py": [2]}


@pytest.mark.parametrize(
    "message",
    [
        b"", b"no json", b"[]", b"{}", b'{"ran": 1}', b'{"ran": []}', b'{"ran": ["a.py"]}',
        b'{"ran": ["a.py", "1"]}', b'{"ran": ["a.py", 2]}', b'{"ran": ["c.py", 1]}',
        b'{"ran": [["a.py"], 1]}', b'{"result": {"node": "x"}}', b"\xff\xfe", b"[" * 100_000,
    ],
)  # fmt: skip
def test_anything_else_on_the_channel_is_ignored(message: bytes) -> None:
    assert collect([message, ran('"b.py"', 2)], TRACE) == {"b.py": [2]}


def test_without_a_request_nothing_is_read() -> None:
    assert read_channel(ran('"a.py"', 1), {}) == {}


@pytest.mark.parametrize(
    ("executed", "rest"),
    [
        ({}, TRACE),
        ({"a.py": [1]}, {"a.py": [5], "b.py": [2]}),
        ({"a.py": [1, 5]}, {"b.py": [2]}),
        ({"a.py": [1, 5], "b.py": [2, 9], "c.py": [1]}, {}),
    ],
)
def test_a_step_is_asked_only_for_what_no_step_has_told(
    executed: dict[str, list[int]], rest: dict[str, list[int]]
) -> None:
    assert subtract(TRACE, executed) == rest
