"""Changes modules of the program under test as soon as each is loaded.

Runs in the program; loaded where a night needs it. Belongs here: the way from an import to a call.
Does not belong here: what is changed (`drivers`, `chance`).
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # nothing is loaded that the program does not load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def await_imports(acts: dict[str, Callable[[Any], None]]) -> None:
    """Each of `acts` gets its module, before anybody else does; at once where it is loaded."""
    for name in [name for name in acts if name in sys.modules]:
        acts.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, _Finder(acts))


class _Finder:
    """First on `sys.meta_path`: what it answers for, it lets the others find."""

    def __init__(self, acts: dict[str, Callable[[Any], None]]) -> None:
        self._acts = acts

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """As the import system asks."""
        act = self._acts.pop(name, None)
        if act is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, act)  # type: ignore[assignment]  # a part of one
                return spec
        return None


class _Loader:
    """A module's own loader, and then a change of the module."""

    def __init__(self, real: Any, act: Callable[[Any], None]) -> None:
        self._real, self._act = real, act

    def create_module(self, spec: Any) -> Any:
        """As the import system asks."""
        return self._real.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """As the import system asks."""
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        self._act(module)
