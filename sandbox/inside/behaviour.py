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
from types import FrameType, FunctionType, GeneratorType
from typing import Any

from . import inputs, objects

_ONE_CALL_S = 0.05
_AGAIN_S = 1.0
"""What did not end is tried once more with this time: slow and endless are not the same."""
_PATIENCE_S = 3.0
"""For all such calls of one function together; what is left over is `SLOW`."""
ENDLESS = "does not end"
SLOW = "is slow"
"""Nothing is known of the result."""
_SHOWN_CHARS = 300
_MOST_CALLS = 200
FEWEST_NEW = 5
"""New inputs without which nothing is told of a function."""
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class _TooSlowError(BaseException):
    pass


def observe(
    file: str, name: str, tests: Iterable[Callable[[], object]], pairs: list[tuple[str, str]]
) -> None:
    """Fills `pairs` with (arguments, result) texts; the caller may stop it at any time."""
    calls, function = _record(file, name, tests)
    if function is None:
        return
    varied = inputs.varied(calls)
    if len(varied) < len({objects.described(call) for call in calls}) + FEWEST_NEW:
        return  # agreeing on what the tests gave already says nothing
    patience_s = _PATIENCE_S
    for call in varied:
        shown, result = _shown(call), _result(function, call, _ONE_CALL_S)
        if result == ENDLESS:
            started, enough = time.process_time(), patience_s >= _AGAIN_S
            result = _result(function, call, _AGAIN_S) if enough else SLOW
            patience_s -= time.process_time() - started
        pairs.append((shown, result))


def _record(
    file: str, name: str, tests: Iterable[Callable[[], object]]
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

    for test in tests:
        depth = 0
        sys.setprofile(on_event)
        try:
            test()
        finally:
            sys.setprofile(None)
    return calls, _function(found[0]) if found else None


def _function(frame: FrameType) -> Callable[..., Any] | None:
    """A plain function of the module; methods get their object as first argument."""
    holder = frame.f_globals.get(frame.f_code.co_name)
    if isinstance(holder, FunctionType):
        return holder
    return FunctionType(frame.f_code, frame.f_globals) if not frame.f_code.co_freevars else None


def _result(function: Callable[..., Any], call: tuple[Any, ...], limit_s: float) -> str:
    arguments = copy.deepcopy(call)

    def late(_signal: int, _frame: object) -> None:
        raise _TooSlowError

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        value = function(*arguments)
        if isinstance(value, GeneratorType):
            value = list(itertools.islice(value, 1000))
        text = _shown(value)
        signal.setitimer(signal.ITIMER_PROF, 0)
        changed = _shown(arguments)
        return text if changed == _shown(call) else f"{text}, leaving {changed}"[:_SHOWN_CHARS]
    except _TooSlowError:
        return ENDLESS
    except Exception as error:
        return f"raises {type(error).__name__}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _shown(value: object) -> str:
    try:
        return _ADDRESS.sub("", objects.described(value))[:_SHOWN_CHARS]
    except Exception as error:
        return f"(repr raises {type(error).__name__})"
