"""What CPython 3.8 to 3.10 do not have yet, and later ones have built in.

Belongs here: stand-ins for functions of the standard library. Does not belong here: anything else.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType

_PIDFD_OPEN = 434
"""The system call's number, the same on every architecture."""


def remove_prefix(text: str, prefix: str) -> str:
    """`str.removeprefix` (3.9)."""
    return text[len(prefix) :] if text.startswith(prefix) else text


def read_exit_code(status: int) -> int:
    """`os.waitstatus_to_exitcode` (3.9): the exit code, or -n where signal n ended it."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def open_pidfd(pid: int) -> int:
    """`os.pidfd_open` (3.9). Raises OSError."""
    if hasattr(os, "pidfd_open"):
        return os.pidfd_open(pid)
    import ctypes

    fd = int(ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_OPEN, pid, 0))
    if fd < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.set_inheritable(fd, False)
    return fd


def qualify_name(code: CodeType) -> str:
    """`code.co_qualname` (3.11); before, the name alone."""
    return str(getattr(code, "co_qualname", code.co_name))
