"""Attempts against the supervisor, other users, and limits of processes.

Belongs here: what one process may do to another. Does not belong here: files and system calls.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import platform
import signal
import time
from typing import TYPE_CHECKING

from .tools import (
    PROBES,
    no_reading,
    no_writing,
    probe,
    read_exit_code,
    refused_call,
    status,
    writes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_ANY_PID = 1
_MANY_FILES = 2_000
_BUSY_S = 0.5
INHERITED: list[int] = []
"""Descriptors that came through the program's start, besides the three standard ones."""

PROBES.update(
    {
        "processes: ptrace the supervisor": refused_call("ptrace", 16, _ANY_PID),
        "processes: ptrace at all": refused_call("ptrace", 0),
        "processes: read the supervisor's memory by call": refused_call("process_vm_readv", 1),
        "processes: write the supervisor's memory by call": refused_call("process_vm_writev", 1),
        "processes: take a descriptor of another process": refused_call("pidfd_getfd", 3, 1),
        "processes: compare with another process": refused_call("kcmp", 1, 2),
        "processes: advise another process": refused_call("process_madvise", 3),
        "processes: read the supervisor's files": no_reading(
            "/proc/1/mem", "/proc/1/environ", "/proc/1/maps", "/proc/1/auxv", "/proc/1/syscall"
        ),
        "processes: write into the supervisor's pipe": no_writing(
            "/proc/1/fd/0", "/proc/1/fd/1", "/proc/1/fd/2", "/proc/1/fd/3", "/proc/1/mem"
        ),
        "processes: lower the own out-of-memory score": lambda: writes(
            "/proc/self/oom_score_adj", "-999"
        ),
    }
)


@probe("processes: signal the supervisor")
def _signal() -> str:
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        with contextlib.suppress(PermissionError):
            os.kill(1, number)
            return f"signal {number} was sent"
    return ""


@probe("processes: see the supervisor's descriptors")
def _descriptors_of_supervisor() -> str:
    try:
        return f"{os.listdir('/proc/1/fd')}"
    except OSError:
        return ""


@probe("processes: inherited descriptors")
def _find_open_descriptors() -> str:
    return f"descriptors {INHERITED}" if INHERITED else ""


@probe("processes: become root")
def _become_root() -> str:
    attempts: tuple[Callable[[], object], ...] = (
        lambda: os.setuid(0),
        lambda: os.setgid(0),
        lambda: os.setgroups([0]),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setresuid(os.getuid() - 1, -1, -1),
    )
    for attempt in attempts:
        with contextlib.suppress(PermissionError):
            attempt()
            return "a user or group was changed"
    return ""


@probe("processes: capabilities")
def _capabilities() -> str:
    keys = ("CapInh", "CapPrm", "CapEff", "CapAmb")
    return find_extra_rights({key: status(key) for key in keys}, status("CapBnd"))


def find_extra_rights(have: dict[str, str], bounds: str) -> str:
    """The capabilities beyond none, and the bounds beyond the supervisor's; hexadecimal."""
    extra = {key: value for key, value in have.items() if int(value, 16)}
    bounding = int(bounds, 16) & ~0b11100000  # KILL, SETGID, SETUID
    return f"{extra} bounding {bounding:x}" if extra or bounding else ""


@probe("processes: new privileges by a program")
def _no_new_privileges() -> str:
    return "" if status("NoNewPrivs") == "1" else "no-new-privileges is off"


@probe("processes: system call filter")
def _filter() -> str:
    return "" if status("Seccomp") == "2" else "there is no seccomp filter"


@probe("processes: real-time priority")
def _priority() -> str:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass
    else:
        return "real-time scheduling was granted"
    try:
        os.nice(-1)
    except PermissionError:
        return ""
    return "a higher priority was granted"


@probe("processes: raise a limit")
def _limits() -> str:
    import resource

    for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        _, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY:
            return f"limit {which} is not set"
        with contextlib.suppress(ValueError, PermissionError):
            resource.setrlimit(which, (hard + 1, hard + 1))
            return f"limit {which} was raised"
    return ""


@probe("processes: open files")
def _open_files() -> str:
    fds: list[int] = []
    try:
        while len(fds) <= _MANY_FILES:
            fds.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return ""
    return f"{len(fds)} files were opened"


@probe("processes: 32-bit system calls")
def _old_calls() -> str:
    if platform.machine() != "x86_64":
        return ""
    code = b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3"  # getpid by interrupt 0x80
    pid = os.fork()
    if pid == 0:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(code)
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        result = ctypes.CFUNCTYPE(ctypes.c_long)(address)()
        os._exit(0 if result > 0 else 1)
    status = read_exit_code(os.waitpid(pid, 0)[1])
    return "the call was answered" if status == 0 else ""


@probe("processor: share of the machine")
def _processor() -> str:
    """Four busy processes for half a second must not get more than the one processor granted."""
    before = os.times()
    began = time.monotonic()
    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            while time.monotonic() - began < _BUSY_S:
                pass
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    after = os.times()
    used_s = after.children_user + after.children_system
    used_s -= before.children_user + before.children_system
    passed_s = time.monotonic() - began
    return "" if used_s <= passed_s * 1.5 else f"{used_s:.2f} s of processor in {passed_s:.2f} s"


def find_inherited() -> None:
    """One that is closed at a program's start cannot have come through ours: a library opened it
    since, as newer ones of libffi do that ctypes loads."""
    for fd in range(3, _MANY_FILES):
        with contextlib.suppress(OSError):
            if os.get_inheritable(fd):
                INHERITED.append(fd)
