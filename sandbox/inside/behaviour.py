"""What one function does on many inputs: tests are run to see its inputs, then new ones are tried.

Belongs here: recording calls and describing results. Everything is bounded by processor time.
"""

import copy
import itertools
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import FrameType, FunctionType, GeneratorType
from typing import Any, TypeVar

from . import inputs, objects, swap

Answer = TypeVar("Answer")

_ONE_CALL_S = 0.05
_AGAIN_S = 1.0
"""What did not end is tried once more with this time: slow and endless are not the same."""
_PATIENCE_S = 3.0
"""For all such calls of one function together; what is left over is `SLOW`."""
_ONE_TEST_S = 1.0
_RECORDING_S = 4.0
"""Processor time for seeing the inputs, of one test and of all: slow ones are cut off."""
ENDLESS = "does not end"
SLOW = "is slow"
"""Nothing is known of the result."""
_SHOWN_CHARS = 300
_MOST_CALLS = 200
FEWEST_NEW = 5
"""New inputs without which nothing is told of a function."""
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


_AGAIN = 3
"""How often the work of cheap calls is measured again; the least counts, the rest is noise."""
_CHEAP_S = 0.2


class _TooSlowError(BaseException):
    pass


@dataclass
class Observed:
    """What one function did, filled in while it is tried: it may be stopped at any time."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    """Arguments and result as text."""
    work_s: float = 0.0
    """Time of the calls that came to an end; of several times, the least."""


def observe(
    file: str,
    name: str,
    tests: Iterable[Callable[[], object]],
    seen: Observed,
    undo: swap.Undo = (),
) -> None:
    """Fills in `seen`. `undo`: functions that get their former code back once the tests have shown
    the inputs."""
    calls, function = _record(file, name, tests, undo)
    for changed, code in undo:
        changed.__code__ = code
    if function is None:
        return
    varied = inputs.varied(calls)
    if len(varied) < len({objects.described(call) for call in calls}) + FEWEST_NEW:
        return  # agreeing on what the tests gave already says nothing
    patience_s = _PATIENCE_S
    ended: list[tuple[Any, ...]] = []
    for call in varied:
        shown = _shown(call)
        result, used_s = _result(function, call, _ONE_CALL_S)
        if result == ENDLESS:
            started, enough = time.process_time(), patience_s >= _AGAIN_S
            result, used_s = _result(function, call, _AGAIN_S) if enough else (SLOW, 0.0)
            patience_s -= time.process_time() - started
        if result not in (ENDLESS, SLOW):
            ended.append(call)
            seen.work_s += used_s
        seen.pairs.append((shown, result))
    for _ in range(_AGAIN if seen.work_s < _CHEAP_S else 0):
        again_s = sum(_result(function, call, _ONE_CALL_S)[1] for call in ended)
        seen.work_s = min(seen.work_s, again_s)


def _record(
    file: str, name: str, tests: Iterable[Callable[[], object]], undo: swap.Undo
) -> tuple[list[tuple[Any, ...]], Callable[..., Any] | None]:
    """Arguments of the outermost calls, copied before the function could change them."""
    calls: list[tuple[Any, ...]] = []
    found: list[FrameType] = []
    depth = 0

    def on_event(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal depth
        code = frame.f_code
        if code.co_name != name or code.co_filename != file:
            return
        if event == "call":
            depth += 1
            if depth == 1 and len(calls) < _MOST_CALLS:
                found[:] = [frame]
                names = code.co_varnames[: code.co_argcount]
                try:
                    calls.append(copy.deepcopy(tuple(frame.f_locals[n] for n in names)))
                except Exception:
                    return
        elif event == "return":
            depth -= 1

    end = time.process_time() + _RECORDING_S
    for test in tests:
        left_s = end - time.process_time()
        if left_s <= 0 or len(calls) >= _MOST_CALLS:
            break
        depth = 0
        sys.setprofile(on_event)
        try:
            _within(test, min(left_s, _ONE_TEST_S))
        except _TooSlowError:
            continue
        finally:
            sys.setprofile(None)
    return calls, _function(found[0], undo) if found else None


def _function(frame: FrameType, undo: swap.Undo) -> Callable[..., Any] | None:
    """A plain function of the module; methods get their object as first argument."""
    holder = frame.f_globals.get(frame.f_code.co_name)
    if isinstance(holder, FunctionType):
        return holder
    for changed, _ in undo:
        if changed.__code__ is frame.f_code:
            return changed
    return FunctionType(frame.f_code, frame.f_globals) if not frame.f_code.co_freevars else None


def _result(
    function: Callable[..., Any], call: tuple[Any, ...], limit_s: float
) -> tuple[str, float]:
    """The result as text, and how long it took, by the wall: the clock of processor time ticks too
    coarsely for one call."""
    arguments = copy.deepcopy(call)

    def answer() -> Any:
        value = function(*arguments)
        return list(itertools.islice(value, 1000)) if isinstance(value, GeneratorType) else value

    started = time.perf_counter()
    try:
        value = _within(answer, limit_s)
    except _TooSlowError:
        return ENDLESS, time.perf_counter() - started
    except Exception as error:
        return f"raises {type(error).__name__}", time.perf_counter() - started
    used_s = time.perf_counter() - started
    text, changed = _shown(value), _shown(arguments)
    said = text if changed == _shown(call) else f"{text}, leaving {changed}"
    return said[:_SHOWN_CHARS], used_s


def _within(attempt: Callable[[], Answer], limit_s: float) -> Answer:
    """Its answer. Raises _TooSlowError after so much processor time."""

    def late(_signal: int, _frame: object) -> None:
        raise _TooSlowError

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return attempt()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _shown(value: object) -> str:
    try:
        return _ADDRESS.sub("", objects.described(value))[:_SHOWN_CHARS]
    except Exception as error:
        return f"(repr raises {type(error).__name__})"
