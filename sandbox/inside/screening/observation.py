"""What one function does on many inputs: tests are run to see its inputs, then new ones are tried.

Belongs here: recording calls and describing results. Everything is bounded by processor time.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import inspect
import itertools
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..older_pythons import qualify_name
from . import object_graphs, similar_inputs
from .call_copies import copy_call, find_memory
from .descriptions import TEXT_CHARS, show, show_call
from .live_functions import put_back
from .skipped_waits import skip_waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .live_functions import Undo

Answer = TypeVar("Answer")

ONE_CALL_S = 0.05
_AGAIN_S = 1.0
"""What did not end is tried once more with this time: slow and endless are not the same."""
PATIENCE_S = 3.0
"""For all such calls of one function together; what is left over is `SLOW`."""
_ONE_TEST_S = 1.0
_RECORDING_S = 4.0
"""Processor time for seeing the inputs, of one test and of all: slow ones are cut off."""
ENDLESS = "does not end"
SLOW = "is slow"
"""Nothing is known of the result."""
_MOST_CALLS = 200
FEWEST_NEW = 5
"""New inputs without which nothing is told of a function."""
_REPEATS = 3
"""How often the work of cheap calls is measured again; the least counts, the rest is noise."""
_CHEAP_S = 0.2


class Omitted(enum.Enum):
    """In place of an argument that was not given, where all calls share its default value."""

    OMITTED = "omitted"

    def __repr__(self) -> str:
        return "(default)"


OMITTED = Omitted.OMITTED


class RecordedCall(NamedTuple):
    """A call that a test made."""

    code: CodeType
    module: str
    arguments: tuple[Any, ...]
    """Copied before the function could change them."""
    around: Any = None
    """What else was there for it to read, as `look_around` saw it."""


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
    patience_s = PATIENCE_S
    good_calls: list[tuple[Any, ...]] = []
    for call in inputs:
        text = show_call(call)
        result, used_s = try_call(function, call, ONE_CALL_S)
        if result == ENDLESS:
            began_s, is_patient = time.process_time(), patience_s >= _AGAIN_S
            result, used_s = try_call(function, call, _AGAIN_S) if is_patient else (SLOW, 0.0)
            patience_s -= time.process_time() - began_s
        if result not in (ENDLESS, SLOW):
            good_calls.append(call)
            observation.work_s += used_s
        observation.pairs.append((text, result))
    for _ in range(_REPEATS if observation.work_s < _CHEAP_S else 0):
        again_s = sum(try_call(function, call, ONE_CALL_S)[1] for call in good_calls)
        observation.work_s = min(observation.work_s, again_s)


def record_calls(
    file: str,
    name: str,
    tests: Iterable[Callable[[], object]],
    limit_s: float = _RECORDING_S,
    look_around: Callable[[tuple[Any, ...]], object] = lambda _: None,
) -> list[RecordedCall]:
    """The outermost calls of functions of this name, with arguments of all kinds."""
    calls: list[RecordedCall] = []

    def keep(frame: FrameType) -> None:
        call = _copy_all(frame)
        calls.append(call._replace(around=look_around(call.arguments)))

    _record(file, name, tests, limit_s, keep)
    return calls


def _copy_all(frame: FrameType) -> RecordedCall:
    code = frame.f_code
    stars = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]
    values = [frame.f_locals[name] for name in names]
    default_ids = {id(value) for value in _find_defaults(frame)}
    arguments = [OMITTED if id(value) in default_ids else value for value in values]
    module = str(frame.f_globals.get("__name__"))
    return RecordedCall(code, module, copy_call(tuple(arguments)))


def _find_defaults(frame: FrameType) -> list[object]:
    """Lists, dicts and sets that are default values: one object for all calls."""
    first, *rest = qualify_name(frame.f_code).split(".")
    thing: Any = frame.f_globals.get(first)
    for part in rest:
        thing = inspect.getattr_static(thing, part, None)
    thing = inspect.unwrap(getattr(thing, "__func__", thing))
    if not isinstance(thing, FunctionType):
        return []
    defaults = (*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values())
    return [value for value in defaults if isinstance(value, (list, dict, set))]


def _record_calls(
    file: str, name: str, tests: Iterable[Callable[[], object]], undo: Undo
) -> tuple[list[tuple[Any, ...]], Callable[..., Any] | None]:
    """Arguments of the outermost calls, copied before the function could change them; and the
    function."""
    calls: list[tuple[Any, ...]] = []
    frames: list[FrameType] = []

    def keep(frame: FrameType) -> None:
        frames[:] = [frame]
        names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
        calls.append(copy_call(tuple(frame.f_locals[n] for n in names)))

    _record(file, name, tests, _RECORDING_S, keep)
    return calls, _find_function(frames[0], undo) if frames else None


def _record(
    file: str,
    name: str,
    tests: Iterable[Callable[[], object]],
    limit_s: float,
    keep: Callable[[FrameType], None],
) -> None:
    """Runs the tests and has each outermost call kept whose arguments can be; at most 200."""
    depth = count = 0

    def on_event(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal depth, count
        code = frame.f_code
        if code.co_name != name or os.path.abspath(code.co_filename) != file:
            return
        if event == "call":
            depth += 1
            if depth == 1 and count < _MOST_CALLS:
                count += 1
                with contextlib.suppress(Exception):
                    keep(frame)
        elif event == "return":
            depth -= 1

    end_s = time.process_time() + limit_s
    for test in tests:
        left_s = end_s - time.process_time()
        if left_s <= 0 or count >= _MOST_CALLS:
            break
        depth = 0
        sys.setprofile(on_event)
        try:
            _run_within(test, min(left_s, _ONE_TEST_S))
        except _TooSlowError:
            continue
        finally:
            sys.setprofile(None)


def _find_function(frame: FrameType, undo: Undo) -> Callable[..., Any] | None:
    """A plain function of the module; methods get their object as first argument."""
    holder = frame.f_globals.get(frame.f_code.co_name)
    if isinstance(holder, FunctionType):
        return holder
    for function, _ in undo:
        if function.__code__ is frame.f_code:
            return function
    return FunctionType(frame.f_code, frame.f_globals) if not frame.f_code.co_freevars else None


def try_call(
    function: Callable[..., Any],
    call: tuple[Any, ...],
    limit_s: float,
    show: Callable[[object], str] = show,
    most_chars: int = TEXT_CHARS,
) -> tuple[str, float]:
    """The result as text, and how long it took, by the wall: the clock of processor time ticks too
    coarsely for one call. What a function among the arguments raised is told with what is left."""
    arguments = copy_call(call)
    before = _show_memory(arguments)

    def answer() -> Any:
        value = function(*arguments)
        value = asyncio.run(value) if inspect.iscoroutine(value) else value
        return list(itertools.islice(value, 1000)) if isinstance(value, GeneratorType) else value

    result, value = "", None
    began = time.perf_counter()
    try:
        with skip_waits(function, _raise_late):
            value = _run_within(answer, limit_s)
    except _TooSlowError:
        return ENDLESS, time.perf_counter() - began
    except SystemExit as stop:
        result = "raises SystemExit" if stop.code else "ends the program"
    except Exception as error:
        verb, end = ("lets", " through") if hasattr(error, "is_of_input") else ("raises", "")
        result = f"{verb} {type(error).__name__}{end}"
    used_s = time.perf_counter() - began
    result, after = result or show(value), show(arguments)
    result = result if after == show(call) else f"{result}, leaving {after}"
    for name, memory in _show_memory(arguments).items():
        if memory != before.get(name):
            result = f"{result}, {name} becoming {memory}"
    return result[:most_chars], used_s


def _show_memory(arguments: tuple[Any, ...]) -> dict[str, str]:
    return {name: show(value) for name, value in find_memory(arguments)}


def _raise_late(*_signal: object) -> None:
    raise _TooSlowError


def _run_within(attempt: Callable[[], Answer], limit_s: float) -> Answer:
    """Its answer. Raises _TooSlowError after so much processor time."""
    before = signal.signal(signal.SIGPROF, _raise_late)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return attempt()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
