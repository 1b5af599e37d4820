"""What must end, ends: a test of it fails instead of hanging."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

DEADLINE_S = 60


class DidNotEndError(BaseException):
    """What was tried did not come to its end. Nothing that is tested handles it."""


@contextmanager
def deadline(seconds: int = DEADLINE_S) -> Iterator[None]:
    """Raises DidNotEndError in the main thread when the block is not left in time."""

    def end(*_: object) -> None:
        raise DidNotEndError(f"it did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
