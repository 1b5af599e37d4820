"""Loaded at the start of a traced command: starts the trace, then the image's own sitecustomize.

It works with what the interpreter has loaded by itself, so that a program finds no module imported
that it would miss outside.
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
_SITE = __file__.rpartition("/")[0]


def _load(name: str, path: str) -> "ModuleType | None":
    spec = external.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _take_request() -> "dict[str, tuple[str, list[int]]]":
    """What is to be traced. Leaves no sign in the environment and on the path."""
    rest = [part for part in os.environ.pop("PYTHONPATH", "").split(":") if part and part != _SITE]
    if rest:
        os.environ["PYTHONPATH"] = ":".join(rest)
    sys.path[:] = [part for part in sys.path if part != _SITE]
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


_watched = _take_request()
if _watched:
    _start(_watched)

# This file stands where the image's own may be: find that one on what is left of the path.
_own = external.PathFinder.find_spec("sitecustomize", sys.path)
if _own is not None and _own.origin:
    _load("_sitecustomize_of_image", _own.origin)
