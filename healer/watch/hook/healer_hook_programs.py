"""Notes on the tape what programs said that a job started with `subprocess`, and how they ended.

Runs inside the job, under Python 3.8 and later; loaded when the job could first start a program. It
only looks on: `communicate` and `wait` go to the methods that were there, with their arguments,
result and exception. A Python that is started gets the way to the tape through its environment,
where its own `sitecustomize` takes it out. Belongs here: programs whose output the job takes
through them (so do `run`, `check_output` and `call`). Does not belong here: what is read from a
pipe directly: of that only the start is noted (`healer_hook_watch`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_BYTES = 1 << 20
"""Of the input and of each output; of a program that said more nothing is noted."""


PASS_FDS, ENVIRONMENT, SHELL = 4, 6, 9
"""Places among the arguments of `Popen._execute_child`, since Python 3.8."""
WITHOUT_HOOK = "EIS"
"""Options of a Python that reads no PYTHONPATH, or no `sitecustomize`."""


class Programs:
    """The programs that this process started."""

    def __init__(self, tape: Any, target: str) -> None:
        """`target` is what a Python is told of the tape."""
        self.tape = tape
        self.target = target
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

    def wrap_start(self, module: Any) -> None:
        """From now on a Python that `subprocess` starts notes for itself."""
        kind = module.Popen
        call = kind._execute_child

        def execute(self_: Any, *args: Any) -> Any:
            try:
                args = self._let_note(args)
            except Exception:
                self.tape.stumble()
            try:
                return call(self_, *args)
            except BaseException as error:
                if error.__traceback__ is not None:
                    error.__traceback__ = error.__traceback__.tb_next
                raise

        kind._execute_child = _take_name(execute, call)

    def _let_note(self, args: Any) -> Any:
        variables = os.environ if args[ENVIRONMENT] is None else args[ENVIRONMENT]
        if not starts_python(args[0], args[1], args[SHELL]) or self.tape.handle < 0:
            return args
        if not all(isinstance(name, str) for name in variables):
            return args
        ours = {"HEALER_HOOK": self.target, "PYTHONPATH": HERE}
        if "PYTHONPATH" in variables:
            others = variables["PYTHONPATH"]
            ours.update(HEALER_PYTHONPATH=others, PYTHONPATH="%s:%s" % (HERE, others))
        if self.tape.hash_seed and "PYTHONHASHSEED" not in variables:
            ours.update(PYTHONHASHSEED=self.tape.hash_seed, HEALER_HASH_SEED="1")
        changes = {
            PASS_FDS: (*args[PASS_FDS], self.tape.handle),
            ENVIRONMENT: {**variables, **ours},
        }
        return tuple(changes.get(place, value) for place, value in enumerate(args))

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

    def wrap_asyncio(self, module: Any) -> None:
        """The same of asyncio's processes, which read by themselves."""
        call = module.Process.communicate

        async def communicate(self_: Any, *args: Any, **options: Any) -> Any:
            answer = await call(self_, *args, **options)
            process = self_._transport.get_extra_info("subprocess")
            data = args[0] if args else options.get("input")
            self._note(process, data, answer, self_.returncode)
            return answer

        module.Process.communicate = _take_name(communicate, call)

    def _note(self, process: Any, data: Any, outputs: Any, code: Any = None) -> None:
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
                fact = (
                    words,
                    process.returncode if code is None else code,
                    [len(each) for each in parts],
                )
                self.tape.note(b"y", fact, b"".join(parts))
        except Exception:
            self.tape.stumble()


def starts_python(words: Any, executable: Any, shell: Any) -> bool:
    """Whether it is Python that is started, by its name or by the first line of a script."""
    is_line = isinstance(words, (str, bytes)) or hasattr(words, "__fspath__")
    words = [os.fsdecode(word) for word in ([words] if is_line else words)]
    if shell:
        words = words[0].split()
    if not words:
        return False
    program = words[0] if shell or not executable else os.fsdecode(executable)
    options = [word[1:] for word in words[1:2] if word[:1] == "-" and word[:2] != "--"]
    if any(letter in option for option in options for letter in WITHOUT_HOOK):
        return False
    name = program.rpartition("/")[2]
    if name.startswith("python"):
        return name[6:].replace(".", "").isdigit() or name == "python"
    if "/" not in program or not os.path.isfile(program):
        return False
    with open(program, "rb") as file:
        first = file.read(128).partition(b"\n")[0]
    return first.startswith(b"#!") and b"python" in first


def _encode(text: Any) -> bytes:
    if text is None:
        return b""
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)


def _take_name(method: Any, call: Any) -> Any:
    method.__name__, method.__qualname__ = call.__name__, call.__qualname__
    method.__doc__ = call.__doc__
    return method
