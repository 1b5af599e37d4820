"""Functions that tests hand in as arguments, made to answer otherwise or to fail.

Belongs here: what stands in such a function's place. Does not belong here: which functions and
which answers (`border_inputs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class VariedCall:
    """A function that was given as an argument, one of whose answers is another one."""

    def __init__(
        self, function: Callable[..., Any], place: int, change: Callable[[Any], Any]
    ) -> None:
        """`place`: of the answer that is another one, which `change` makes; the first is 1."""
        self._function = function
        self._place = place
        self._change = change
        self._count = 0

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        answer = self._function(*arguments, **keywords)
        self._count += 1
        return self._change(answer) if self._count == self._place else answer

    def __repr__(self) -> str:
        name = getattr(self._function, "__name__", "function")
        return f"<{name} whose answer {self._place} is another one>"


class RaisingCall:
    """A function that was given as an argument, and that fails once."""

    def __init__(
        self, function: Callable[..., Any], place: int, error: type[BaseException]
    ) -> None:
        """`place`: of the call that fails; the first is 1."""
        self._function = function
        self._place = place
        self._error = error
        self._count = 0

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        self._count += 1
        if self._count != self._place:
            return self._function(*arguments, **keywords)
        error = self._error("it fails")
        error.is_of_input = True  # type: ignore[attr-defined]  # so that it is known again
        raise error

    def __repr__(self) -> str:
        name = getattr(self._function, "__name__", "function")
        return f"<{name} whose call {self._place} raises {self._error.__name__}>"
