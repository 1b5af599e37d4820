"""What stood around a failure in a test: values where it failed, and an error behind it.

Belongs here: reading what is there already. Of a bare `assert x == y`, in a helper that pytest does
not rewrite or under unittest, nothing else says what `x` was; of a test that starts a program, the
program's own traceback says where it failed. Does not belong here: how that is told (`results`,
`pytest_checks.recorder`).

It runs on interpreters from 3.8 on, and loads nothing. Calls nothing of the code under test but
`repr`, as pytest does; raises nothing.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType
    from typing import Any

INNER_CHARS = 3_000
VALUES_CHARS = 800
_MOST_NAMES = 8
_LONGEST_VALUE = 120
_LIMITS = {
    "maxstring": _LONGEST_VALUE, "maxother": _LONGEST_VALUE,
    "maxlist": 8, "maxtuple": 8, "maxdict": 8, "maxset": 8,
}  # fmt: skip
"""Of `reprlib`."""
_TWO = 2
_LONGEST_WHOLE = _LONGEST_VALUE - 10
"""Characters of a text, which has quotes and signs for line ends besides."""
_BEFORE_DIFFERENCE, _LONGEST_DIFFERENCE = 20, 60
_MOST_LINES = 6
"""Of a statement that goes over several."""
_MOST_ERRORS = 5
"""Of a chain of causes."""
_EXC_INFO = 3
"""The parts of what `sys.exc_info()` gives."""
_TRACEBACK = "Traceback (most recent call last)"


def show_values(error: BaseException, tree: str) -> str:
    """The values of the names in the innermost line below `tree` (which ends with a slash), one in
    a line; empty where the error has words of its own on them."""
    try:
        if isinstance(error, AssertionError) and error.args:
            return ""
        frames = _list_frames(error.__traceback__, tree)
        if not frames:
            return ""
        frame, line = frames[-1]
        path = frame.f_code.co_filename[len(tree) :]
        values = [f"{path}:{line}: {each}" for each in _list_values(frame, line)]
        return "\n".join(values)[:VALUES_CHARS]
    except Exception:  # of any `__repr__`
        return ""


def find_inner_error(error: BaseException, tree: str, stderr: str = "") -> str:
    """The end of what a program that the test started wrote to its standard error, or the traceback
    of an error that an object of the test holds; empty where there is neither. `stderr`: what
    pytest caught of the test's own standard error, which its programs share."""
    try:
        texts = [*_list_texts(error, tree), stderr]
    except Exception:
        texts = [stderr]
    whole = [text for text in texts if _TRACEBACK in text]
    other = [text for text in texts[:-1] if text.strip()]
    return next(iter(whole or other), "")[-INNER_CHARS:]


def _list_frames(trace: TracebackType | None, tree: str) -> list[tuple[FrameType, int]]:
    frames = []
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(tree):
            frames.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _list_values(frame: FrameType, line: int) -> Iterator[str]:
    names = dict.fromkeys(_list_names(_read_statement(frame, line)))
    count, texts = 0, []
    for name in names:
        first, *rest = name.split(".")
        if first not in frame.f_locals or count == _MOST_NAMES:
            continue
        value = frame.f_locals[first]
        for part in rest:
            value = vars(value)[part] if part in getattr(value, "__dict__", ()) else None
        text = _show(value) if value is not None or not rest else ""
        if text:
            count += 1
            texts += [(name, value)] if type(value) is str else []
            yield f"{name} = {text}"
    yield from _show_difference(texts)


def _show_difference(texts: list[tuple[str, str]]) -> Iterator[str]:
    """Of two texts that are too long to be shown whole, the parts at which they begin to differ."""
    if len(texts) != _TWO or texts[0][1] == texts[1][1]:
        return
    (_, one), (_, other) = texts
    if max(len(one), len(other)) < _LONGEST_WHOLE:
        return
    pairs = enumerate(zip(one, other))
    same = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = max(same - _BEFORE_DIFFERENCE, 0)
    for name, text in texts:
        part = text[start : start + _LONGEST_DIFFERENCE]
        yield f"{name}[{start}:] = {part!r}"


def _read_statement(frame: FrameType, line: int) -> str:
    """The line, and those after it as long as brackets are open."""
    linecache = sys.modules.get("linecache")
    text = ""
    for number in range(line, line + _MOST_LINES):
        if linecache is not None:
            text += linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
        if sum(map(text.count, "([{")) <= sum(map(text.count, ")]}")):
            break
    return text


def _list_names(text: str) -> Iterator[str]:
    """Names, and what is looked up in them by a dot; also those inside of strings."""
    words = "".join(c if c.isalnum() or c in "_." else " " for c in text).split()
    for word in words:
        name = word.strip(".")
        if all(part.isidentifier() for part in name.split(".")):
            yield name.partition(".")[0]
            if "." in name:
                yield name


def _show(value: Any) -> str:
    """Short, in one line; empty for what says nothing: code, and objects by their address."""
    reprlib = sys.modules.get("reprlib")
    is_code = callable(value) or type(value).__name__ == "module"
    if reprlib is None or is_code:
        return ""
    short = reprlib.Repr()
    vars(short).update(_LIMITS)
    text = " ".join(short.repr(value).splitlines())
    return "" if " at 0x" in text else text[:_LONGEST_VALUE]


def _list_texts(error: BaseException, tree: str) -> Iterator[str]:
    subprocess = sys.modules.get("subprocess")
    at: BaseException | None = error
    for _ in range(_MOST_ERRORS):
        if at is None:
            break
        if subprocess is not None and isinstance(at, subprocess.SubprocessError):
            yield _decode(getattr(at, "stderr", "")) or _decode(getattr(at, "output", ""))
        for frame, _line in reversed(_list_frames(at.__traceback__, tree)):
            for value in [*frame.f_locals.values()]:
                yield _find_text(value, subprocess)
        at = at.__cause__ or at.__context__


def _find_text(value: Any, subprocess: Any) -> str:
    if subprocess is not None and isinstance(value, subprocess.CompletedProcess):
        return _decode(value.stderr) or _decode(value.stdout) if value.returncode else ""
    if isinstance(value, (str, bytes)):
        text = _decode(value)
        return text if _TRACEBACK in text else ""
    fields = getattr(value, "__dict__", None)
    error = fields.get("exc_info") if isinstance(fields, dict) else None
    if isinstance(error, tuple) and len(error) == _EXC_INFO:
        traceback = sys.modules.get("traceback")
        return "".join(traceback.format_exception(*error)) if traceback else ""
    return ""


def _decode(value: object) -> str:
    if isinstance(value, bytes):
        return value[-4 * INNER_CHARS :].decode("utf-8", "replace")
    return value[-4 * INNER_CHARS :] if isinstance(value, str) else ""
