"""Listens for the exception that ends a job's Python, and for the files that it reads.

Runs inside the job, under Python 3.8 and later. It hears through audit events, so `sys.excepthook`
and everything else stay as the script has them, and it loads nothing before something happened.
What it learns goes as JSON lines into a pipe that `healer run` reads; nothing is written to disk.
Whatever goes wrong here is silent: the job must not notice. Belongs here: what is heard, and which
files are inputs. Does not belong here: describing an exception (`healer_hook_describe`).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAX_FILES = 64
MAX_FILE_BYTES = 1 << 20
MAX_INPUT_BYTES = 4 << 20
FOREIGN = ("/.git/", "/site-packages/", "/dist-packages/", "/.venv/", "/venv/", "/__pycache__/")
NO_INPUTS = (".py", ".pyc", ".pyi", ".so", ".pem", ".key", ".p12", ".pth")


def listen(target: str) -> None:
    """`target` is `HANDLE:INODE:CAPTURE:ROOT`; a handle that is another file by now is left."""
    handle, inode, capture, root = target.split(":", 3)
    pipe = int(handle)
    if os.fstat(pipe).st_ino != int(inode):
        return
    os.set_inheritable(pipe, False)
    sys.addaudithook(_Listener(pipe, root, capture == "1").hear)


class _Listener:
    def __init__(self, pipe: int, root: str, capture: bool) -> None:
        self.pipe = pipe
        self.root = root.rstrip("/") + "/"
        self.capture = capture
        self.busy = False
        self.paths: set[str] = set()
        self.free_bytes = MAX_INPUT_BYTES

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "sys.excepthook":
            self.guard(self.report_exception, args)
        elif event == "open" and self.capture:
            self.guard(self.report_input, args)

    def guard(self, act: Callable[[Any], None], what: Any) -> None:
        if self.busy:
            return
        self.busy = True
        try:
            act(what)
        except BaseException:  # also a KeyboardInterrupt that comes just now
            pass
        finally:
            self.busy = False

    def report_exception(self, args: tuple[Any, ...]) -> None:
        error = args[2]
        # After an interrupt Python ends itself by that signal, but not where an import ran
        # in between; nothing is told of it that the exit status does not tell.
        if isinstance(error, KeyboardInterrupt):
            return
        here = os.path.dirname(os.path.abspath(__file__))
        sys.path.insert(0, here)
        try:
            import healer_hook_describe as describe  # type: ignore[import-not-found]  # beside this file
        finally:
            sys.path.remove(here)
            sys.modules.pop("healer_hook_describe", None)
        self.send({"raised": describe.chain(error, self.root)})

    def report_input(self, args: tuple[Any, ...]) -> None:
        path, mode, flags = args
        if not isinstance(path, (str, bytes)) or len(self.paths) >= MAX_FILES:
            return
        writes = flags & (os.O_WRONLY | os.O_RDWR) if mode is None else set("wax+") & set(mode)
        full = os.path.realpath(os.fsdecode(path))
        if writes or full in self.paths or not self.is_input(full):
            return
        self.paths.add(full)
        size = os.stat(full).st_size
        if not os.path.isfile(full) or size > min(MAX_FILE_BYTES, self.free_bytes):
            self.send({"input": full[len(self.root) :], "bytes": size})
            return
        self.free_bytes -= size
        import base64

        with open(full, "rb") as file:
            data = base64.b64encode(file.read()).decode("ascii")
        self.send({"input": full[len(self.root) :], "base64": data})

    def is_input(self, full: str) -> bool:
        name = os.path.basename(full)
        return (
            full.startswith(self.root)
            and not full.endswith(NO_INPUTS)
            and not name.startswith(".env")
            and not any(part in full for part in FOREIGN)
        )

    def send(self, message: dict[str, Any]) -> None:
        import json

        data = json.dumps(message).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self.pipe, data) :]
