"""Every line has one kind, whatever it is; a prefix is known again by what stays the same in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure.lines import (
    CAUSE_TEXT,
    CONTEXT_TEXT,
    Kind,
    clean,
    kind_of,
    parse_object,
    prefix_key,
    strip_prefix,
    unwrap,
)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Traceback (most recent call last):", Kind.HEADER),
        ("Exception Group Traceback (most recent call last):", Kind.HEADER),
        ("  + Exception Group Traceback (most recent call last):", Kind.HEADER),
        ("Traceback (most", Kind.OTHER),
        ("Tracebacks are useful", Kind.OTHER),
        ('  File "a.py", line 3, in main', Kind.FRAME),
        ('  File "a.py", line 3', Kind.FRAME),
        ('  File "C:\\a b.py", line 3, in <module>', Kind.FRAME),
        ('File "a.py", line 3, in main', Kind.OTHER),
        ('  File "a.py", line x, in main', Kind.OTHER),
        ("    return 1 / 0", Kind.INDENTED),
        ("    ~~^~~", Kind.INDENTED),
        ("  [Previous line repeated 996 more times]", Kind.INDENTED),
        ("  two spaces", Kind.OTHER),
        ("  | ValueError: 1", Kind.GROUP),
        ("  +-+---------------- 1 ----------------", Kind.GROUP),
        ("    +------------------------------------", Kind.GROUP),
        (CAUSE_TEXT, Kind.LINK),
        (CONTEXT_TEXT, Kind.LINK),
        ("", Kind.BLANK),
        (" \t", Kind.BLANK),
        ("KeyError: 'x'", Kind.EXCEPTION),
        ("KeyError", Kind.EXCEPTION),
        ("requests.exceptions.ConnectTimeout: late", Kind.EXCEPTION),
        ("app.errors.NoSuchRow: 3", Kind.EXCEPTION),
        ("main.<locals>.Own: 3", Kind.EXCEPTION),
        ("SystemExit: 3", Kind.EXCEPTION),
        ("KeyboardInterrupt", Kind.EXCEPTION),
        ("StopIteration", Kind.EXCEPTION),
        ("UserWarning: soon", Kind.EXCEPTION),
        ("HTTPError503: busy", Kind.EXCEPTION),
        ("NoSuchRow: 3", Kind.MAYBE_EXCEPTION),
        ("done", Kind.MAYBE_EXCEPTION),
        ("Progress: 40 %", Kind.MAYBE_EXCEPTION),
        ("error: nothing", Kind.OTHER),
        ("Warning: soon", Kind.OTHER),
        ("Usage: job", Kind.OTHER),
        ("processed 40 rows", Kind.OTHER),
        ("KeyError : 'x'", Kind.OTHER),
        ("3rdError: x", Kind.OTHER),
        ("2026-11-20 20:47:17,123 ERROR x", Kind.RECORD),
        ("[2026-11-20 20:47:17 +0000] x", Kind.RECORD),
        ("20:47:17 x", Kind.RECORD),
        ("Nov 20 20:47:17 host x", Kind.RECORD),
        ("INFO:root:x", Kind.RECORD),
        ("[ERROR] x", Kind.RECORD),
        ("level=info msg=x", Kind.RECORD),
        ('{"event": "x"}', Kind.RECORD),
        ("10.0.0.7 - - GET /", Kind.RECORD),
    ],
)
def test_what_a_line_is(line: str, kind: Kind) -> None:
    assert kind_of(line) is kind


@given(st.text())
def test_every_text_has_a_kind(line: str) -> None:
    assert isinstance(kind_of(line), Kind)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain\r\n", "plain"),
        (b"\x1b[1;31mKeyError\x1b[0m: x\n", "KeyError: x"),
        (b"caf\xc3\xa9 \xff", "café \ufffd"),
        (b"", ""),
        (b"\x1b[", "\x1b["),
    ],
)
def test_colour_and_line_ends_are_taken_off(raw: bytes, text: str) -> None:
    assert clean(raw) == text


@pytest.mark.parametrize(
    ("first", "later", "rest"),
    [
        ("web  | ", "web  | x", "x"),
        ("web  | ", "web  |", ""),
        ("web  | ", "job  | x", None),
        ("2026-11-20T20:47:17.1Z out ", "2026-11-21T00:00:00.25Z out   x", "  x"),
        ("2026-11-20 20:47:17,123 ERROR ", "2026-11-20 20:47:17,123 INFO x", None),
        ("Nov 20 20:47:17 host sync[1]: ", "Nov 21 20:47:17 host sync[1]: x", "x"),
        ("Nov 20 20:47:17 host sync[1]: ", "Nov 21 20:47:17 host sync[2]: x", None),
        ("[20:47:17] ", "[no time] x", None),
        ("[20:47:17] ", "[20:47:18]", ""),
        ("", "x", "x"),
    ],
)
def test_a_prefix_is_known_again_whatever_its_time(
    first: str, later: str, rest: str | None
) -> None:
    assert strip_prefix(later, prefix_key(first)) == rest


@given(st.text("ab[]:| 0123456789-TZ", max_size=30), st.text(max_size=20))
def test_a_prefix_is_taken_off_its_own_lines(prefix: str, text: str) -> None:
    assert strip_prefix(prefix + text, prefix_key(prefix)) is not None


@pytest.mark.parametrize(
    ("record", "inner"),
    [
        ({"log": "x\n", "stream": "stderr"}, ("json:stderr", "x")),
        ({"log": "x"}, ("json:", "x")),
        ({"MESSAGE": "x", "_PID": "7"}, ("json:7", "x")),
        ({"log": 3}, None),
        ({"MESSAGE": [1, 2]}, None),
        ({"event": "log"}, None),
    ],
)
def test_a_wrapped_line_is_taken_out_with_its_streams_name(
    record: dict[str, object], inner: tuple[str, str] | None
) -> None:
    assert unwrap(json.dumps(record)) == inner


@pytest.mark.parametrize("line", ['{"log": ', '{"log": x}', "x {}", "", '{"log"' * 3_000 + "}"])
def test_what_is_not_wrapped_is_left(line: str) -> None:
    assert unwrap(line) is None


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('2026-11-20 {"a": 1} ', {"a": 1}),
        ("[1]", None),
        ("{x}", None),
        ('{"a": 1} and more', None),
        ("", None),
        ("{" * 5_000 + "}", None),
    ],
)
def test_the_object_of_a_json_line(line: str, value: object) -> None:
    assert parse_object(line) == value
