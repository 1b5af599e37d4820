"""Tracebacks as texts, and any bytes made of their lines."""

import json

from hypothesis import strategies as st

from healer.failure import Raised, parse_traceback

PLAIN = """\
Traceback (most recent call last):
  File "/srv/app/scripts/sync.py", line 9, in <module>
    main()
    ~~~~^^
  File "/srv/app/scripts/sync.py", line 5, in main
    return rows["total"]
           ~~~~^^^^^^^^^
KeyError: 'total'
"""


CHAINED = (
    PLAIN
    + """
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app/scripts/sync.py", line 7, in main
    raise SyncFailed("no total")
__main__.SyncFailed: no total
"""
)


SYNTAX = """\
  File "/srv/app/scripts/sync.py", line 3
    def f(
         ^
SyntaxError: '(' was never closed
"""


ROOT = "/srv/app"


def one(text: str | bytes) -> Raised:
    (raised,) = parse_traceback(text, ROOT)
    return raised


def prefixed(prefix: str, text: str = PLAIN) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


NOISE = [
    "2026-11-20 20:47:17,123 INFO worker 3 is alive",
    "INFO:root:still here",
    '{"event": "tick", "level": "info"}',
    "10.0.0.7 - - [20/Nov/2026] GET / 200",
    "processed 40 rows",
    "done",
    "Progress: 40 %",
    "",
]


LINE = st.sampled_from(
    [
        *CHAINED.splitlines(),
        *SYNTAX.splitlines(),
        *prefixed("web_1 | ").splitlines(),
        *NOISE,
        "  + Exception Group Traceback (most recent call last):",
        '  |   File "a.py", line 1, in f',
        "  | ExceptionGroup: g (2 sub-exceptions)",
        "  +-+---------------- 1 ----------------",
        "    | ValueError: 1",
        "    +---------------- 2 ----------------",
        "    +------------------------------------",
        "The above exception was the direct cause of the following exception:",
        json.dumps({"exception": PLAIN}),
        json.dumps({"log": PLAIN.splitlines()[0] + "\n", "stream": "stderr"}),
        "Traceback (most recent call last):\\n  File",
        '{"exc_type": ["Traceback (most recent call last):\\n',
        '{"exception": [{"exc_type": "E", "frames": [1, {}, {"filename": 3}]}]}',
        "[" * 5_000,
        '{"a":' * 3_000 + "}",
        "\x1b[31mValueError\x1b[0m: x",
        "  [Previous line repeated 996 more times]",
    ]
)


TEXT = st.lists(st.one_of(LINE, st.text(max_size=40)), max_size=40).map("\n".join)


BYTES = st.one_of(TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary())
