"""What the machine has no more of: disk, memory, processes, open files.

Belongs here: the rows of this kind. Does not belong here: a file that is missing or forbidden
(`files`).
"""

from healer.triage.conditions import (
    IS_OS_ERROR,
    REVIEW,
    STARTS_A_PROGRAM,
    Rule,
    has_errno,
    is_type,
    says,
)

MACHINE_RULES: tuple[Rule, ...] = (
    Rule(
        "disk full",
        "environment",
        has_errno(28, 122) | says(r"no space left on device|disk quota exceeded|disk is full"),
        "The disk or its quota is full",
        "Free space where the job writes, then run it again.",
    ),
    Rule(
        "read-only or failing disk",
        "environment",
        has_errno(5, 30) & IS_OS_ERROR | says(r"read-only file system|disk i/o error"),
        "The file system is read-only or fails",
        "Check the mount and the disk.",
    ),
    Rule(
        "out of memory",
        "environment",
        is_type("MemoryError", "_ArrayMemoryError", "OutOfMemoryError")
        | has_errno(12) & IS_OS_ERROR
        | says(r"cannot allocate memory|cuda out of memory|std::bad_alloc"),
        "The machine or its limit had no memory left",
        "Give the job more memory, or less data at a time.",
    ),
    Rule(
        "no more processes",
        "environment",
        says(r"can't start new thread|resource temporarily unavailable: fork")
        | has_errno(11) & STARTS_A_PROGRAM,
        "The machine allowed no further process or thread",
        "Check the limit on processes (ulimit -u, pids).",
    ),
    Rule(
        "too many open files",
        "code",
        has_errno(23, 24),
        "Too many files were open: a low limit, or files that the script does not close",
        REVIEW,
    ),
)
