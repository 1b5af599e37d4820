"""Programs of the tree, run inside a screening worker as `python script arguments` would be.

Belongs here: one run of a command, and importing ahead what it needs. Does not belong here: tests
(`pytest_session`).
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
from typing import TYPE_CHECKING

from ..supervisor import child
from ..world import stage
from . import limits
from .tracebacks import format_error

if TYPE_CHECKING:
    from ..messages import CommandPlan


def run_command(command: CommandPlan) -> tuple[str, str]:
    """A Python script in this process: outcome and a short traceback. Changes the process."""
    argv = [word for word in command["argv"][1:] if not word.startswith("-u")]
    world = command.get("world")
    if world:
        stage.enter(world, os.path.basename(argv[0]))
    os.chdir(command["cwd"] or ".")
    os.dup2(child.open_stdin(command["stdin"]), 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - stays open to the end
    sys.argv = argv
    sys.path.insert(0, os.path.dirname(os.path.abspath(argv[0])))
    try:
        if argv[0] == "-m":
            sys.argv = argv[1:]
            runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as stop:
        if stop.code in (None, 0):
            return "passed", ""
        return "failed", f"SystemExit: {stop.code}"
    except BaseException as error:
        return "failed", format_error(error)
    return "passed", ""


def import_ahead(command: CommandPlan, home: str, limit_s: float) -> None:
    """Imports what the program imports from outside the tree, as seen in one run of it."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        limits.limit_time(limit_s, lambda: _tell_imports(write, home))
        run_command(command)
        _tell_imports(write, home)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        names = file.read().decode().split()
    for name in names:
        try:
            __import__(name)
        except BaseException:
            continue
    os.waitpid(pid, 0)


def _tell_imports(fd: int, home: str) -> None:
    """Ends this process after telling which modules from outside the tree are loaded."""
    modules = list(sys.modules.items())
    outside = [n for n, module in modules if not lies_in(module, home) and n != "__main__"]
    with os.fdopen(fd, "wb") as file:
        file.write(" ".join(outside).encode())
    os._exit(0)


def lies_in(module: object, home: str) -> bool:
    """Whether a module comes from the tree. A folder without `__init__.py` has no file, but keeps
    the modules imported from it as its attributes."""
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
    return any(place == home or place.startswith(home + "/") for place in places)


def forget_modules(home: str) -> None:
    """Those of the tree: the program imports them as they lie there now."""
    for name, module in list(sys.modules.items()):
        if lies_in(module, home) and name != "__main__":
            del sys.modules[name]
    importlib.invalidate_caches()
