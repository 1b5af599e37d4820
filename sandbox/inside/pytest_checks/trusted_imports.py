"""Keeps files of the tree from standing in for the standard library and for pytest.

The tree comes first on `sys.path`, as it does for a user, so its own modules win over installed
ones. Only these names are looked up as if the tree were not there.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING

from .. import tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_RUNNER = {"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py"}


class TrustedFinder:
    """First on `sys.meta_path`; answers for the protected top-level names only."""

    def __init__(self, root: str = tree.ROOT) -> None:
        self._root = root
        self._names = (_list_stdlib() | _RUNNER) - {"__main__"}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As the import system asks: None for every other name, and for what is in a package."""
        if path is not None or name not in self._names:
            return None
        outside = [entry for entry in sys.path if entry and not entry.startswith(self._root)]
        return PathFinder.find_spec(name, outside, target)


def _list_stdlib() -> frozenset[str]:
    if hasattr(sys, "stdlib_module_names"):  # 3.10 and newer
        return sys.stdlib_module_names
    names = (entry.partition(".")[0] for entry in os.listdir(os.path.dirname(os.__file__)))
    return frozenset((*names, *sys.builtin_module_names)) - {"site-packages"}


def protect_trusted_modules() -> None:
    """From here on no file of the tree is imported under a trusted name."""
    sys.meta_path.insert(0, TrustedFinder())
