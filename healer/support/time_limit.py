"""Work that ends in time, or is left behind.

Belongs here: waiting no longer than is allowed for what cannot be interrupted from outside, such as
a reply of which one byte comes every second. Does not belong here: processes, which can be ended.
"""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

_Value = TypeVar("_Value")


def run_within(seconds: float, work: Callable[[], _Value]) -> _Value:
    """What `work` returns; what it raises is raised here. After so many seconds TimeoutError: the
    work goes on by itself, in a thread that keeps no process alive; what it comes to is lost."""
    errors: SimpleQueue[BaseException | None] = SimpleQueue()
    values: list[_Value] = []

    def run() -> None:
        try:
            values.append(work())
        except BaseException as error:
            errors.put(error)
        else:
            errors.put(None)

    Thread(target=run, daemon=True).start()
    try:
        error = errors.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"it did not come to its end within {seconds:g} s") from None
    if error is not None:
        raise error
    return values[0]
