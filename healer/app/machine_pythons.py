"""The Python interpreters of this machine, and which of them a project can run on.

Belongs here: where interpreters usually lie, and choosing one by what is declared. Does not belong
here: reading `requires-python` (`healer.survey.python_wish`), or when a job's own interpreter is
known, which comes first (`sandbox_setup`). Only this machine's own are looked at, never what a
repository brings; none is run.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from healer.survey.python_wish import PythonWish
from sandbox import ImageError
from sandbox.interpreter import Interpreter, describe

_NAME = re.compile(r"python3\.\d+")
_SYSTEM = (Path("/usr/local/bin"), Path("/usr/bin"))


def choose_python(wish: PythonWish) -> Path:
    """Ours where it fits, else the newest of the machine that does. Raises ImageError with the next
    step where none fits."""
    if wish.allows(describe(Path(sys.executable)).version):
        return Path(sys.executable)
    pythons = list_pythons()
    fitting = [each for each in pythons if wish.allows(each.version)]
    if fitting:
        return max(fitting, key=lambda each: each.version).executable
    numbers = sorted({each.version[:2] for each in pythons})
    names = ", ".join(f"{major}.{minor}" for major, minor in numbers)
    raise ImageError(
        f"{wish.origin} asks for Python {wish.specifier}, and this machine has only {names}; "
        "install one that fits, or name one in healer.toml, [sandbox] python."
    )


def list_pythons() -> tuple[Interpreter, ...]:
    """Ours first; of the same file once."""
    pythons = {Path(sys.executable).resolve(): describe(Path(sys.executable))}
    for program in _list_programs():
        try:
            python = describe(program)
        except ImageError:
            continue
        if python.base_executable == program:  # else a virtual environment, which is somebody's
            pythons.setdefault(program.resolve(), python)
    return tuple(pythons.values())


def _list_programs() -> Iterator[Path]:
    """On PATH, in the system's folders, and as uv and pyenv keep them."""
    on_path = (Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part)
    for folder in (*on_path, *_SYSTEM):
        if folder.is_absolute() and folder.is_dir():
            yield from sorted(each for each in folder.iterdir() if _NAME.fullmatch(each.name))
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    of_uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    of_pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for home in (of_uv, of_pyenv):
        yield from (
            each for each in sorted(home.glob("*/bin/python3*")) if _NAME.fullmatch(each.name)
        )
