"""What the machine has no more of is told by its error numbers, not by data that quotes them."""

import pytest

from healer.failure import Failure
from healer.triage.rules.machine import MACHINE_RULES
from tests.healer.triage.failures import SUBPROCESS, failed, label, sort

ENCODE = "UnicodeEncodeError: 'ascii' codec can't encode character '\\xb0' in position 13: x"
ROWS = [
    ("output without UTF-8", "environment", failed(ENCODE, 'print(f"{room}: {value}")')),
    ("output without UTF-8", "environment", failed(ENCODE, "sys.stdout.write(line)")),
    (
        "disk full",
        "environment",
        failed("OSError: [Errno 28] No space left on device: '/var/out.csv'"),
    ),
    ("disk full", "environment", failed("OSError: [Errno 122] Disk quota exceeded")),
    (
        "read-only or failing disk",
        "environment",
        failed("OSError: [Errno 30] Read-only file system: '/srv/app/out'"),
    ),
    ("read-only or failing disk", "environment", failed("OSError: [Errno 5] Input/output error")),
    ("out of memory", "environment", failed("MemoryError")),
    (
        "out of memory",
        "environment",
        failed("numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8 GiB"),
    ),
    ("out of memory", "environment", failed("OSError: [Errno 12] Cannot allocate memory")),
    ("no more processes", "environment", failed("RuntimeError: can't start new thread")),
    ("too many open files", "code", failed("OSError: [Errno 24] Too many open files: 'x'")),
    ("too many open files", "code", failed("OSError: [Errno 23] Too many open files in system")),
    ("out of memory", "environment", failed("torch.cuda.OutOfMemoryError: CUDA out of memory.")),
    (
        "no more processes",
        "environment",
        failed("BlockingIOError: [Errno 11] x", inside=SUBPROCESS),
    ),
]
"""Rule, kind, and a failure that it is for."""
CODE_FAULTS = [
    failed(ENCODE, "file.write(line)"),
    failed(ENCODE, "print(line, file=report)"),
    failed(ENCODE.replace("'ascii'", "'utf-8'"), "print(line)"),
    failed("KeyError: 'No space left on device'"),
    failed("ValueError: 28"),
    failed("ValueError: [Errno 30] of a list"),
    failed("BlockingIOError: [Errno 11] Resource temporarily unavailable"),
    failed("RecursionError: maximum recursion depth exceeded"),
    failed("acme.errors.MemoryErrorish: [Errno 12] twelve"),
]
"""They look like one, and none of these rules may fit."""


@pytest.mark.parametrize(
    ("rule", "kind", "failure"),
    ROWS,
    ids=lambda value: label(value) if isinstance(value, Failure) else value,
)
def test_each_rule_knows_its_failures(rule: str, kind: str, failure: Failure) -> None:
    answer = sort(failure)
    assert (answer.rule, answer.kind, answer.sure) == (rule, kind, kind != "code"), answer


@pytest.mark.parametrize("failure", CODE_FAULTS, ids=label)
def test_what_only_looks_like_one_is_none(failure: Failure) -> None:
    assert sort(failure).rule not in {rule.name for rule in MACHINE_RULES}
