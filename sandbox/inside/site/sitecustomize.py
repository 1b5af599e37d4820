"""Loaded at the start of a traced command: starts the trace, then the image's own sitecustomize."""

import importlib.util
import sys
from importlib.machinery import PathFinder
from typing import Any


def _load(name: str, path: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_tracing = _load("_healer_tracing", __file__.rpartition("/site/")[0] + "/tracing.py")
_tracing.start_from_environment()

# This file stands where the image's own may be: find that one on what is left of the path.
_own = PathFinder.find_spec("sitecustomize", sys.path)
if _own is not None and _own.origin:
    _load("_sitecustomize_of_image", _own.origin)
