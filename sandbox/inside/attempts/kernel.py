"""System calls by number, for the self-check: asks the kernel for things a sandbox must refuse.

Belongs here: making a call and reading its refusal. Does not belong here: which calls are tried
(`calls`).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform

_NUMBERS: dict[str, tuple[int, int]] = {  # x86_64, aarch64
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_settime": (227, 112),
    "clone3": (435, 435),
    "fanotify_init": (300, 262),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "shmget": (29, 194),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
_LIBC = ctypes.CDLL(None, use_errno=True)
_COLUMN = 0 if platform.machine() == "x86_64" else 1


def refusal(name: str, *arguments: int) -> str:
    """Empty when the kernel refuses the call outright, else what it said instead.

    Arguments that make no sense are deliberate: a call that is allowed complains about them.
    """
    values = [ctypes.c_long(value) for value in (*arguments, *[0] * (6 - len(arguments)))]
    ctypes.set_errno(0)
    result = _LIBC.syscall(ctypes.c_long(_NUMBERS[name][_COLUMN]), *values)
    code = ctypes.get_errno()
    if result == -1 and code in _REFUSALS:
        return ""
    answer = "succeeded" if result != -1 else f"was looked at ({os.strerror(code)})"
    return f"{name} {answer}"
