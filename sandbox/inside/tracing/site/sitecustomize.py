"""Loaded at the start of a traced program: starts the trace, then the image's own sitecustomize.

Belongs here: what has to happen before the program's first line. Does not belong here: what is
traced, and how (`lines`, `calls`). It works with what the interpreter has loaded by itself, so that
a program finds no module imported that it would miss outside.
"""

import _frozen_importlib as bootstrap
import _frozen_importlib_external as external
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_VARIABLE = "HEALER_TRACE"
_CALLS = "HEALER_CALLS"
_SITE = __file__.rpartition("/")[0]


def _load(name: str, path: str) -> "ModuleType | None":
    spec = external.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _take_request() -> "dict[str, tuple[str, list[int]]]":
    """The lines to be traced. Leaves no sign in the environment and on the path, unless the
    program's own children are to be traced too."""
    sys.path[:] = [part for part in sys.path if part != _SITE]
    if _CALLS in os.environ:
        return {}
    rest = [part for part in os.environ.pop("PYTHONPATH", "").split(":") if part and part != _SITE]
    if rest:
        os.environ["PYTHONPATH"] = ":".join(rest)
    text = os.environ.pop(_VARIABLE, "")
    return marshal.loads(bytes.fromhex(text)) if text else {}


def _start(lines: "dict[str, tuple[str, list[int]]]") -> None:
    module = _load("_healer_lines", _SITE.rpartition("/")[0] + "/lines.py")
    if module is None:
        return
    try:
        os.set_inheritable(module.CHANNEL_FD, False)
        module.start(lines)
    except OSError:
        pass


def _start_calls() -> None:
    module = _load("_healer_calls", _SITE.rpartition("/")[0] + "/calls.py")
    if module is None:
        return
    try:
        channel_fd = os.open(os.environ[_CALLS], os.O_WRONLY | os.O_APPEND)
    except OSError:
        return
    module.Calls(channel_fd).start()


_watched = _take_request()
if _CALLS in os.environ:
    _start_calls()
if _watched:
    _start(_watched)

# This file stands where the image's own may be: find that one on what is left of the path.
_own = external.PathFinder.find_spec("sitecustomize", sys.path)
if _own is not None and _own.origin:
    _load("_sitecustomize_of_image", _own.origin)
