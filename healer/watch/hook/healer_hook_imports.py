"""Tells of a module once it is loaded, whoever finds and loads it.

Runs inside the job, under Python 3.8 and later; loaded when something is imported that is looked on
at. Belongs here: the way from an import to a call. Does not belong here: which modules, and what is
done with them.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def await_import(name: str, act: Callable[[Any], None]) -> None:
    """`act` gets the module as soon as it is loaded, before anybody else does. What `act` raises
    is lost."""
    sys.meta_path.insert(0, _Finder(name, act))


class _Finder:
    """First on `sys.meta_path` while one module is found, and no longer."""

    def __init__(self, name: str, act: Callable[[Any], None]) -> None:
        self.name, self.act = name, act

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """As the import system asks: what the others find, with a loader that tells us after it."""
        if name != self.name:
            return None
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, self.act)
                return spec
        return None


class _Loader:
    """The module's own loader, and then a look at the module."""

    def __init__(self, real: Any, act: Callable[[Any], None]) -> None:
        self.real, self.act = real, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def create_module(self, spec: Any) -> Any:
        return self.real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self.real
        self.real.exec_module(module)
        try:
            self.act(module)
        except Exception:
            pass
