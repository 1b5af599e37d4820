"""Whether running a test has left anything changed that the next run would see.

Belongs here: a fingerprint of what tests share: the data of the tree's own modules, the values that
tests are parametrised with, the process's folder and environment. Files are not looked at: all
candidates of a worker share them anyway.
"""

from __future__ import annotations

import copy
import os
import pickle
import random
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_BYTES = 200_000


class SharedState:
    """What the given tests share, as it was when this was made."""

    def __init__(self, modules: Iterable[ModuleType], items: Iterable[Any]) -> None:
        """`items`: pytest's."""
        self._modules = list(modules)
        self._parameters = [
            (item.callspec.params, dict(item.callspec.params))
            for item in items
            if hasattr(item, "callspec")
        ]
        self._random = random.getstate()
        self._first = self._fingerprint()

    @property
    def is_comparable(self) -> bool:
        """False: something cannot be compared, so nothing may follow in the same process."""
        return self._first is not None

    def reset_parameters(self) -> None:
        """Gives the tests copies of their parameters: a test may change what it is given."""
        random.setstate(self._random)
        for live, original in self._parameters:
            live.update(copy.deepcopy(original))

    def is_unchanged(self) -> bool:
        """Everything is as it was at first."""
        return self._fingerprint() == self._first

    def _fingerprint(self) -> bytes | None:
        originals = [original for _, original in self._parameters]
        values = [list(_list_values(module.__dict__)) for module in self._modules]
        try:
            data = pickle.dumps((originals, values))
        except Exception:
            return None
        data += f"{os.getcwd()} {sorted(os.environ.items())}".encode()
        return data if len(data) <= _MOST_BYTES else None


def _list_values(names: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What may change of a module or class: data, default values, what hangs on functions."""
    for name, value in list(names.items()):
        if name.startswith("__") or isinstance(value, ModuleType):
            continue
        if isinstance(value, FunctionType):
            yield name, (value.__defaults__, value.__kwdefaults__, value.__dict__)
        elif isinstance(value, type):
            if value.__module__ == names.get("__name__"):
                inner = _list_values(dict(value.__dict__))
                yield from ((f"{name}.{attribute}", v) for attribute, v in inner)
        elif not callable(value) and not isinstance(value, (property, classmethod, staticmethod)):
            yield name, value
