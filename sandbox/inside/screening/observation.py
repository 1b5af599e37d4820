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

from . import object_graphs, similar_inputs
from .live_functions import Undo, put_back

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
_TEXT_CHARS = 300
_MOST_CALLS = 200
FEWEST_NEW = 5
"""New inputs without which nothing is told of a function."""
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_REPEATS = 3
"""How often the work of cheap calls is measured again; the least counts, the rest is noise."""
_CHEAP_S = 0.2


class _TooSlowError(BaseException):
    pass


@dataclass
class Observation:
    """What one function did, filled in while it is tried: it may be stopped at any time."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    """Arguments and result as text, each at most 300 characters."""
    work_s: float = 0.0
    """Time of the calls that came to an end; of several times, the least."""


def observe(
    file: str,
    name: str,
    tests: Iterable[Callable[[], object]],
    observation: Observation,
    undo: Undo = (),
) -> None:
    """Fills in what the function of this name in this file does on inputs like those of the tests.

    `undo`: functions that get their former code back once the tests have shown the inputs.
    """
    calls, function = _record_calls(file, name, tests, undo)
    put_back(undo)
    if function is None:
        return
    inputs = similar_inputs.make_inputs(calls)
    if len(inputs) < len({object_graphs.describe(call) for call in calls}) + FEWEST_NEW:
        return  # agreeing on what the tests gave already says nothing
    patience_s = _PATIENCE_S
    good_calls: list[tuple[Any, ...]] = []
    for call in inputs:
        text = _show(call)
        result, used_s = _try_call(function, call, _ONE_CALL_S)
        if result == ENDLESS:
            began_s, is_patient = time.process_time(), patience_s >= _AGAIN_S
            result, used_s = _try_call(function, call, _AGAIN_S) if is_patient else (SLOW, 0.0)
            patience_s -= time.process_time() - began_s
        if result not in (ENDLESS, SLOW):
            good_calls.append(call)
            observation.work_s += used_s
        observation.pairs.append((text, result))
    for _ in range(_REPEATS if observation.work_s < _CHEAP_S else 0):
        again_s = sum(_try_call(function, call, _ONE_CALL_S)[1] for call in good_calls)
        observation.work_s = min(observation.work_s, again_s)


def _record_calls(
    file: str, name: str, tests: Iterable[Callable[[], object]], undo: Undo
) -> tuple[list[tuple[Any, ...]], Callable[..., Any] | None]:
    """Arguments of the outermost calls, copied before the function could change them; and the
    function."""
    calls: list[tuple[Any, ...]] = []
    frames: list[FrameType] = []
    depth = 0

    def on_event(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal depth
        code = frame.f_code
        if code.co_name != name or code.co_filename != file:
            return
        if event == "call":
            depth += 1
            if depth == 1 and len(calls) < _MOST_CALLS:
                frames[:] = [frame]
                names = code.co_varnames[: code.co_argcount]
                try:
                    calls.append(copy.deepcopy(tuple(frame.f_locals[n] for n in names)))
                except Exception:
                    return
        elif event == "return":
            depth -= 1

    end_s = time.process_time() + _RECORDING_S
    for test in tests:
        left_s = end_s - time.process_time()
        if left_s <= 0 or len(calls) >= _MOST_CALLS:
            break
        depth = 0
        sys.setprofile(on_event)
        try:
            _run_within(test, min(left_s, _ONE_TEST_S))
        except _TooSlowError:
            continue
        finally:
            sys.setprofile(None)
    return calls, _find_function(frames[0], undo) if frames else None


def _find_function(frame: FrameType, undo: Undo) -> Callable[..., Any] | None:
    """A plain function of the module; methods get their object as first argument."""
    holder = frame.f_globals.get(frame.f_code.co_name)
    if isinstance(holder, FunctionType):
        return holder
    for function, _ in undo:
        if function.__code__ is frame.f_code:
            return function
    return FunctionType(frame.f_code, frame.f_globals) if not frame.f_code.co_freevars else None


def _try_call(
    function: Callable[..., Any], call: tuple[Any, ...], limit_s: float
) -> tuple[str, float]:
    """The result as text, and how long it took, by the wall: the clock of processor time ticks too
    coarsely for one call."""
    arguments = copy.deepcopy(call)

    def answer() -> Any:
        value = function(*arguments)
        return list(itertools.islice(value, 1000)) if isinstance(value, GeneratorType) else value

    began = time.perf_counter()
    try:
        value = _run_within(answer, limit_s)
    except _TooSlowError:
        return ENDLESS, time.perf_counter() - began
    except Exception as error:
        return f"raises {type(error).__name__}", time.perf_counter() - began
    used_s = time.perf_counter() - began
    text, after = _show(value), _show(arguments)
    result = text if after == _show(call) else f"{text}, leaving {after}"
    return result[:_TEXT_CHARS], used_s


def _run_within(attempt: Callable[[], Answer], limit_s: float) -> Answer:
    """Its answer. Raises _TooSlowError after so much processor time."""

    def on_late(_signal: int, _frame: object) -> None:
        raise _TooSlowError

    before = signal.signal(signal.SIGPROF, on_late)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return attempt()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _show(value: object) -> str:
    try:
        return _ADDRESS.sub("", object_graphs.describe(value))[:_TEXT_CHARS]
    except Exception as error:
        return f"(repr raises {type(error).__name__})"
