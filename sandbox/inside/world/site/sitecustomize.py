"""Puts a program into its recorded world, then starts the image's own `sitecustomize`.

Belongs here: finding both. Does not belong here: what is changed (`hook`, beside this folder).
"""

from __future__ import annotations

import _frozen_importlib as bootstrap
import _frozen_importlib_external as external
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_SITE = __file__.rpartition("/")[0]


def _load(name: str, path: str) -> ModuleType | None:
    spec = external.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _apply(text: str) -> None:
    import marshal

    module = _load("_healer_world", _SITE.rpartition("/")[0] + "/hook.py")
    if module is not None:
        module.apply(marshal.loads(bytes.fromhex(text)))


sys.path[:] = [part for part in sys.path if part != _SITE]
_text = os.environ.get("HEALER_WORLD", "")
if _text:
    _apply(_text)

# This file stands where the image's own may be: find that one on what is left of the path.
_own = external.PathFinder.find_spec("sitecustomize", sys.path)
if _own is not None and _own.origin:
    _load("_sitecustomize_of_image", _own.origin)
