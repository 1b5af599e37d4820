"""Loaded at the start of a traced program: starts the trace, then the image's own sitecustomize.

It works with what the interpreter has loaded by itself, so that a program finds no module imported
that it would miss outside.
"""

from __future__ import annotations

import _frozen_importlib as bootstrap
import _frozen_importlib_external as external
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_TRACING = __file__.rpartition("/")[0].rpartition("/")[0]


def _load(name: str, path: str) -> ModuleType:
    spec = external.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _start() -> None:
    heirs = _load("_heirs", f"{_TRACING}/heirs.py")
    request = heirs.find_request()
    if request is None:
        return
    (kinds, root, channel), others = request
    if "luck" in kinds:
        _load("_luck", f"{_TRACING}/luck.py").start(kinds.pop("luck"))
    if not kinds:
        return
    try:
        fd = heirs.open_channel(channel)
    except OSError:
        return  # who is to be told of it has ended
    calls = None
    for kind in sorted(kinds):  # "results" last
        module = _load(f"_{kind}", f"{_TRACING}/{kind}.py")
        if kind == "results":
            module.start(fd, root, others, calls and calls.begin_test)
        else:
            calls = module.start(fd, root, kinds[kind])


_start()

# This file stands where the image's own may be: find that one on what is left of the path.
_own = external.PathFinder.find_spec("sitecustomize", sys.path)
if _own is not None and _own.origin:
    _load("_sitecustomize_of_image", _own.origin)
