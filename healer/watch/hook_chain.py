"""What the hook of `healer run` said of an exception, as facts.

Belongs here: joining it with what was printed. Does not belong here: describing an exception inside
the job (`hook.healer_hook_describe`), and reading a printed one (`healer.failure.parse`).
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from pydantic import ValidationError

from healer.failure import Frame, Raised, relative_to
from healer.failure.parse import is_own

_OF_A_WORKER = frozenset(
    {"multiprocessing.pool.RemoteTraceback", "concurrent.futures.process._RemoteTraceback"}
)
"""Stand for an exception of another process, whose traceback is their text."""


class HookError(TypedDict):
    """One exception as the hook's JSON has it; it comes from the job, and may be anything."""

    type: str
    message: str | None
    """None: it cannot be had without running the script's code."""
    frames: list[dict[str, Any]]
    attributes: dict[str, str]


def read_hook_chain(
    errors: Sequence[HookError], root: str, cwd: str, printed_chain: Sequence[Raised]
) -> tuple[Raised, ...]:
    """What the hook said; empty where it is not as the hook says it.

    A message that the hook could not have without running the script's code is taken from what
    was printed, or else from the exception's arguments.
    """
    start = _take_workers_part(errors, printed_chain)
    errors = errors[len(errors) - (len(printed_chain) - len(start)) :] if start else errors
    printed_chain = printed_chain[len(start) :]
    is_same = [error.get("type") for error in errors] == [error.type for error in printed_chain]
    chain = list(start)
    try:
        for index, error in enumerate(errors):
            message = error["message"]
            if message is None and is_same:
                message = printed_chain[index].message
            elif message is None:
                message = error["attributes"].get("args", "")
            frames = [_read_frame(frame, root, cwd) for frame in error["frames"]]
            chain.append(Raised.model_validate({**error, "message": message, "frames": frames}))
    except (ValidationError, TypeError, KeyError, AttributeError):
        return ()
    return tuple(chain)


def _take_workers_part(
    errors: Sequence[HookError], printed_chain: Sequence[Raised]
) -> tuple[Raised, ...]:
    """What was raised in a worker process, of which the hook of the parent knows a text alone: as
    it was printed, where what follows is the same. Empty where no worker takes part."""
    types = [error.get("type") for error in errors]
    places = [index for index, kind in enumerate(types) if kind in _OF_A_WORKER]
    if not places:
        return ()
    rest = types[places[-1] + 1 :]
    count = len(printed_chain) - len(rest)
    is_same = count > 0 and rest == [error.type for error in printed_chain[count:]]
    return tuple(printed_chain[:count]) if is_same else ()


def _read_frame(frame: dict[str, Any], root: str, cwd: str) -> Frame:
    inside = relative_to(str(frame["file"]), (root,), cwd)
    if inside is None:
        return Frame.model_validate(frame)
    return Frame.model_validate({**frame, "file": inside, "own": is_own(inside)})
