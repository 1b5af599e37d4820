"""The text of a failure, as short as a search needs it and cheap to make.

Belongs here: tracebacks of errors and of tries that took too long, and cutting both. Written here,
since `traceback` parses every shown line again to underline a part of it, and that takes longer
than most tests.
"""

from __future__ import annotations

import collections
import linecache
import sys
import traceback

DETAIL_CHARS = 1_500
_INNERMOST = 12
_STACK = 8


def format_error(error: BaseException) -> str:
    """The innermost frames of a traceback, at most 1,500 characters; of a group the first error,
    since that is what a test run by an event loop raised."""
    error = _take_first(error)
    frames = collections.deque(traceback.walk_tb(error.__traceback__), maxlen=_INNERMOST)
    lines = ["Traceback (most recent call last):\n"] if frames else []
    for frame, number in frames:
        code = frame.f_code
        lines.append(f'  File "{code.co_filename}", line {number}, in {code.co_name}\n')
        source = linecache.getline(code.co_filename, number, frame.f_globals).strip()
        if source:
            lines.append(f"    {source}\n")
    return "".join([*lines, *traceback.format_exception_only(error)])[-DETAIL_CHARS:]


def _take_first(error: BaseException) -> BaseException:
    """`BaseExceptionGroup` is a name from Python 3.11 on, and a package before."""
    members = getattr(error, "exceptions", None)
    first = members[0] if isinstance(members, tuple) and members else None
    return _take_first(first) if isinstance(first, BaseException) else error


def format_endless(callers: int) -> str:
    """Where this process is, written as the traceback of an error would be; the innermost
    `callers` frames, which are those of the signal's handler, are left out."""
    lines = traceback.format_stack(sys._getframe(callers + 1), limit=_STACK)
    return f"Traceback (most recent call last):\n{''.join(lines)}EndlessTestError: too slow"


def cut(detail: str) -> str:
    """The first line, which names the test, and as much of the end as there is room for."""
    if len(detail) <= DETAIL_CHARS:
        return detail
    first, _, rest = detail.partition("\n")
    first = first[: DETAIL_CHARS // 2]
    return f"{first}\n{rest[len(first) + 1 - DETAIL_CHARS :]}"
