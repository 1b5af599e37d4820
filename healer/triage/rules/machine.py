"""What the machine has no more of: disk, memory, processes, open files.

Belongs here: the rows of this kind. Does not belong here: a file that is missing or forbidden
(`files`).
"""

import re

from healer.triage.conditions import (
    IS_OS_ERROR,
    REVIEW,
    STARTS_A_PROGRAM,
    Condition,
    Rule,
    has_errno,
    is_type,
    says,
)

_CANNOT_ENCODE = re.compile(r"'(?:ascii|latin-1)' codec can't encode")
_PRINTS = re.compile(r"\bprint\((?!.*\bfile\s*=)|\bsys\.std(?:out|err)\.write\(")
PRINTS_WITHOUT_UTF_8 = is_type("UnicodeEncodeError") & Condition(
    lambda it: bool(_CANNOT_ENCODE.search(it.text) and _PRINTS.search(it.last_source))
)
"""What was printed is right; where it was printed to takes few characters, as under cron."""

MACHINE_RULES: tuple[Rule, ...] = (
    Rule(
        "output without UTF-8",
        "environment",
        PRINTS_WITHOUT_UTF_8,
        "The job's output takes no such characters: it was started without a UTF-8 locale",
        "Set PYTHONIOENCODING=utf-8 where the job is started, as in the crontab.",
    ),
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
