"""Notes on the tape what programs said that a job started with `subprocess`, and how they ended.

Runs inside the job, under Python 3.8 and later; loaded when the job first starts a program. It only
looks on: `communicate` and `wait` go to the methods that were there, with their arguments, result
and exception. Belongs here: programs whose output the job takes through them (so do `run`,
`check_output` and `call`). Does not belong here: Python programs, which note for themselves, and
what is read from a pipe directly: of that only the start is noted (`healer_hook_tape`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from typing import Any

MAX_BYTES = 1 << 20
"""Of the input and of each output; of a program that said more nothing is noted."""


class Programs:
    """The programs that this process started."""

    def __init__(self, tape: Any) -> None:
        self.tape = tape
        self.is_wrapped = False
        self.inside = set()  # type: set[int]
        """Those that `communicate` waits for."""
        self.noted = set()  # type: set[tuple[int, int]]
        """By process and object: each is waited for more than once."""

    def wrap(self) -> None:
        """Looks on at `subprocess`, once it is loaded."""
        module = sys.modules.get("subprocess")
        kind = getattr(module, "Popen", None)  # type: Any
        if self.is_wrapped or kind is None:
            return
        self.is_wrapped = True
        kind.communicate = self._look_on_communicate(kind.communicate)
        kind.wait = self._look_on_wait(kind.wait)

    def _look_on_communicate(self, call: Any) -> Any:
        def communicate(self_: Any, *args: Any, **options: Any) -> Any:
            self.inside.add(id(self_))
            try:
                answer = call(self_, *args, **options)
            except BaseException as error:
                error.__traceback__ = None
                raise
            finally:
                self.inside.discard(id(self_))
            data = args[0] if args else options.get("input")
            self._note(self_, data, answer)
            return answer

        return _take_name(communicate, call)

    def _look_on_wait(self, call: Any) -> Any:
        def wait(self_: Any, *args: Any, **options: Any) -> Any:
            try:
                answer = call(self_, *args, **options)
            except BaseException as error:
                error.__traceback__ = None
                raise
            if id(self_) not in self.inside and self_.stdout is None and self_.stderr is None:
                self._note(self_, None, (None, None))
            return answer

        return _take_name(wait, call)

    def _note(self, process: Any, data: Any, outputs: Any) -> None:
        try:
            key = (process.pid, id(process))
            if key in self.noted:
                return
            self.noted.add(key)
            words = process.args
            if isinstance(words, (str, bytes)) or hasattr(words, "__fspath__"):
                words = [words]
            words = [os.fsdecode(word) for word in words]
            parts = [_encode(each) for each in (data, *outputs)]
            if words and max(map(len, parts)) <= MAX_BYTES:
                fact = (words, process.returncode, [len(each) for each in parts])
                self.tape.note(b"y", fact, b"".join(parts))
        except Exception:
            self.tape.note(b"X", "programs")


def _encode(text: Any) -> bytes:
    if text is None:
        return b""
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)


def _take_name(method: Any, call: Any) -> Any:
    method.__name__, method.__qualname__ = call.__name__, call.__qualname__
    method.__doc__ = call.__doc__
    return method
