"""Errors of ours as the faults that a report carries."""

import pytest

from sandbox.errors import DeadlineError, EngineError, ImageError, ProtocolError, SandboxError
from sandbox.report import FaultKind


@pytest.mark.parametrize(
    ("error", "kind", "retryable"),
    [
        (SandboxError, FaultKind.CONTAINER, True),
        (EngineError, FaultKind.ENGINE, True),
        (ImageError, FaultKind.IMAGE, False),
        (ProtocolError, FaultKind.PROTOCOL, True),
        (DeadlineError, FaultKind.DEADLINE, True),
    ],
)
def test_each_error_is_a_fault_of_its_kind_with_its_sentence(
    error: type[SandboxError], kind: FaultKind, retryable: bool
) -> None:
    fault = error("It is away; start it.").fault
    assert (fault.kind, fault.message, fault.retryable) == (
        kind,
        "It is away; start it.",
        retryable,
    )


def test_one_error_may_say_otherwise_and_changes_no_other() -> None:
    special = EngineError("Full.", kind=FaultKind.DISK, retryable=False)
    assert (special.fault.kind, special.fault.retryable) == (FaultKind.DISK, False)
    assert (EngineError.kind, EngineError("x").retryable) == (FaultKind.ENGINE, True)
