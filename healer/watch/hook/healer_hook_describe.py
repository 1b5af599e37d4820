"""Describes an exception with the values that matter; imported only once a job has failed.

Runs inside the job, under Python 3.8 and later. No code of the script is run: values of unknown
classes are shown by their attributes, never by their own `__repr__`. Belongs here: an exception as
JSON. Does not belong here: when it is asked for, and where it goes (`healer_hook_listen`).
"""

from __future__ import annotations

import linecache
import os
import re
from typing import Any

MAX_CHAIN = 50
MAX_FRAMES = 200
MAX_REPEATS = 3  # of one line, as Python prints a recursion
MAX_FRAMES_WITH_LOCALS = 16
MAX_LOCALS = 24
MAX_VALUE = 500
MAX_MESSAGE = 4000
MAX_SHOWN_LINES = 6
MAX_ITEMS = 20
NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")
FOREIGN = ("/site-packages/", "/dist-packages/", "/.venv/", "/venv/")
ATTRIBUTES = (
    *("errno", "strerror", "filename", "filename2", "name", "path", "obj", "key", "value"),
    *("encoding", "start", "end", "reason"),
)
PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray, range, slice)
KNOWN = ("datetime", "decimal", "fractions", "pathlib", "uuid", "ipaddress", "re")


def chain(error: BaseException, root: str) -> list[Any]:
    """As `healer.failure.Raised` has it: causes first, the members of a group before it."""
    return _flatten(error, root, set())[-MAX_CHAIN:]


def _flatten(error: BaseException, root: str, visited_ids: set[int]) -> list[Any]:
    if len(visited_ids) > MAX_CHAIN:
        return []
    visited_ids.add(id(error))
    links = []
    before, relation = error.__cause__, "cause"
    if before is None and not error.__suppress_context__:
        before, relation = error.__context__, "context"
    if before is not None and id(before) not in visited_ids:
        links += _link(_flatten(before, root, visited_ids), relation)
    members = getattr(error, "exceptions", ()) if _is_group(error) else ()
    for member in members:
        links += _link(_flatten(member, root, visited_ids), "group")
    links.append(_describe(error, root))
    return links


def _is_group(error: BaseException) -> bool:
    return any(kind.__name__ == "BaseExceptionGroup" for kind in type(error).__mro__)


def _link(links: list[Any], relation: str) -> list[Any]:
    for last in links[-1:]:
        last["relation"] = relation
    return links


def _describe(error: BaseException, root: str) -> dict[str, Any]:
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = "%s.%s" % (kind.__module__, name)
    notes = getattr(error, "__notes__", ())
    return {
        "type": name,
        "message": _message(error),
        "notes": [str(note)[:MAX_MESSAGE] for note in notes[:MAX_ITEMS] if isinstance(note, str)],
        "frames": _frames(error, root),
        "relation": "",
        "attributes": _attributes(error),
    }


def _message(error: BaseException) -> str | None:
    """What Python prints after the type; None where printing it runs code of the script."""
    if isinstance(error, SyntaxError):
        return str(error.msg)[:MAX_MESSAGE]
    for kind in type(error).__mro__:
        if "__str__" in kind.__dict__:
            if kind.__module__ == "builtins" and all(type(arg) in PLAIN for arg in error.args):
                return str(error)[:MAX_MESSAGE]
            return None
    return None


def _attributes(error: BaseException) -> dict[str, Any]:
    values = dict(getattr(error, "__dict__", {}))
    values.pop("__notes__", None)
    if isinstance(error, (OSError, ImportError, UnicodeError, AttributeError, NameError)):
        for name in ATTRIBUTES:
            value = getattr(error, name, None)
            if value is not None:
                values.setdefault(name, value)
    if error.args and not (len(error.args) == 1 and isinstance(error.args[0], str)):
        values["args"] = error.args
    return {str(name): show(value) for name, value in list(values.items())[:MAX_LOCALS]}


def _frames(error: BaseException, root: str) -> list[Any]:
    places = []
    trace = error.__traceback__
    repeats = 0
    last: tuple[Any, int | None] | None = None
    while trace is not None:
        place = (trace.tb_frame.f_code, trace.tb_lineno)
        repeats = repeats + 1 if place == last else 0
        if repeats < MAX_REPEATS:
            places.append(trace)
        trace, last = trace.tb_next, place
    if len(places) > MAX_FRAMES:
        places = places[: MAX_FRAMES // 2] + places[-MAX_FRAMES // 2 :]
    frames = [_frame(trace, root, i >= len(places) - MAX_FRAMES) for i, trace in enumerate(places)]
    with_locals = [frame for frame in frames if frame["locals"]]
    for frame in with_locals[:-MAX_FRAMES_WITH_LOCALS]:
        frame["locals"] = {}
    if isinstance(error, SyntaxError) and error.filename:
        text = (error.text or "").strip()
        shown_at = {"file": error.filename, "line": error.lineno or 0, "function": ""}
        frames.append({**shown_at, "source": text, "locals": {}})
    return frames


def _frame(trace: Any, root: str, with_locals: bool) -> dict[str, Any]:
    frame = trace.tb_frame
    code = frame.f_code
    first, last = _shown_lines(trace)
    lines = [
        linecache.getline(code.co_filename, number, frame.f_globals)
        for number in range(first, min(last, first + MAX_SHOWN_LINES - 1) + 1)
    ]
    file = os.path.abspath(code.co_filename)
    own = file.startswith(root) and not any(part in file for part in FOREIGN)
    return {
        "file": code.co_filename,
        "line": trace.tb_lineno or 0,
        "function": code.co_name,
        "source": lines[0].strip()[:MAX_VALUE] if lines else "",
        "locals": _values(frame.f_locals, "".join(lines)) if own and with_locals else {},
    }


def _shown_lines(trace: Any) -> tuple[int, int]:
    line = trace.tb_lineno or 0
    positions = getattr(trace.tb_frame.f_code, "co_positions", None)
    if positions is not None and trace.tb_lasti >= 0:
        for index, place in enumerate(positions()):
            if index == trace.tb_lasti // 2:
                return line, max(place[1] or line, line)
    return line, line


def _values(variables: dict[str, Any], text: str) -> dict[str, Any]:
    """The values of the names on these lines, and of attributes that are plainly stored."""
    values: dict[str, str] = {}
    for name in NAME.findall(text):
        base, _, attribute = name.partition(".")
        if base not in variables or len(values) >= MAX_LOCALS:
            continue
        value = variables[base]
        if not _is_code(value):
            values.setdefault(base, show(value))
        fields = getattr(value, "__dict__", None) if attribute and not _is_code(value) else None
        if type(fields) is dict and attribute in fields and not _is_code(fields[attribute]):
            values.setdefault(name, show(fields[attribute]))
    return values


def _is_code(value: Any) -> bool:
    return isinstance(value, type) or type(value).__name__ in (
        ("module", "function", "builtin_function_or_method", "method")
    )


def show(value: Any, depth: int = 3) -> str:
    """A value as text of at most MAX_VALUE characters; runs no code of the script."""
    try:
        text = _format(value, depth)
    except Exception as error:
        text = "<%s, not shown: %s>" % (type(value).__name__, type(error).__name__)
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def _format(value: Any, depth: int) -> str:
    kind = type(value)
    plain = _format_plain(value, kind)
    if plain or depth == 0:
        return plain or "<%s>" % kind.__name__
    if kind in (list, tuple, set, frozenset, dict):
        return _format_collection(value, kind, depth)
    return _format_table(value, kind) or _format_object(value, kind, depth)


def _format_plain(value: Any, kind: type[Any]) -> str:
    if kind in (str, bytes, bytearray):
        return repr(value[:MAX_VALUE])
    if kind in (int, bool) and value.bit_length() > 4 * MAX_VALUE:
        return "<int of %d bits>" % value.bit_length()
    if kind in PLAIN or kind.__module__ in KNOWN:
        return repr(value)
    return ""


def _format_object(value: Any, kind: type[Any], depth: int) -> str:
    fields = getattr(value, "__dict__", None)
    if type(fields) is dict and fields and kind.__module__ != "builtins":
        pairs = ["%s=%s" % (k, show(v, depth - 1)) for k, v in list(fields.items())[:MAX_ITEMS]]
        return "%s(%s)" % (kind.__name__, ", ".join(pairs))
    return "<%s>" % kind.__name__


def _format_collection(value: Any, kind: type[Any], depth: int) -> str:
    items = []
    for index, item in enumerate(value.items() if kind is dict else value):
        if index >= MAX_ITEMS:
            items.append("… %d in all" % len(value))
            break
        items.append(_format_item(item, kind, depth - 1))
    inner = ", ".join(items)
    if kind is list:
        return "[%s]" % inner
    if kind is tuple:
        return "(%s%s)" % (inner, "," if len(items) == 1 else "")
    if kind is dict or items:
        return "{%s}" % inner
    return "%s()" % kind.__name__


def _format_item(item: Any, kind: type[Any], depth: int) -> str:
    if kind is dict:
        return "%s: %s" % (show(item[0], depth), show(item[1], depth))
    return show(item, depth)


def _format_table(value: Any, kind: type[Any]) -> str:
    """The shape, names and types of numpy's and pandas' values."""
    package = kind.__module__.partition(".")[0]
    if package not in ("numpy", "pandas"):
        return ""
    facts = [
        "%s=%s" % (name, getattr(value, name))
        for name in ("shape", "dtype")
        if hasattr(value, name)
    ]
    if kind.__name__ == "DataFrame":
        types = ["%s: %s" % pair for pair in list(value.dtypes.items())[:MAX_ITEMS]]
        facts.append("columns={%s}" % ", ".join(types))
    return "%s(%s)" % (kind.__name__, ", ".join(facts)) if facts else repr(value)
