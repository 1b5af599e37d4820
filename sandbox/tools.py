"""What every sandbox image gets from us: the supervisor, pytest where it is missing, and ruff.

Belongs here: which files these are, and their fingerprint. Does not belong here: how an image is
made of them (`machine`, `image`).
"""

import hashlib
import importlib.metadata
import shutil
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from sandbox import libraries
from sandbox.errors import ImageError
from sandbox.layer import Layer

HOME = "/opt/healer"
SUPERVISOR = f"{HOME}/healer_inside/__main__.py"
_INSIDE = Path(__file__).parent / "inside"
_PYTEST_PARTS = (
    "pytest",
    "pluggy",
    "iniconfig",
    "packaging",
    "pygments",
    "exceptiongroup",
    "tomli",
)
"""pytest and what it imports; the last two only exist for interpreters that need them."""
OLDEST_FOR_OUR_PYTEST = (3, 11)
"""It was chosen for the Python that runs us: an older one needs another release, and more parts."""

ToolFile = tuple[Path, str]
"""A file of this machine, and its path below a site folder."""

_RECIPE = (
    *("image.py", "interpreter.py", "layer.py", "libraries.py", "machine.py", "programs.py"),
    "tools.py",
)


def add_to(layer: Layer, *, pytest: Iterable[ToolFile], with_loader: bool) -> None:
    """Adds the tools below /opt/healer, with these files of pytest.

    `with_loader` brings the C library that ruff was made for, for images that may have another.
    """
    for source in inside_files():
        layer.add_file(source, f"{HOME}/healer_inside/{source.relative_to(_INSIDE)}")
    layer.add_file(ruff(), f"{HOME}/bin/ruff")
    for source, target in pytest:
        layer.add_file(source, f"{HOME}/site/{target}")
    if with_loader:
        for name, path in libraries.needed_by([ruff()]):
            file_name = "ld.so" if name.startswith("ld-") else name
            layer.add_file(path, f"{HOME}/lib/{file_name}")


def inside_files() -> list[Path]:
    """The supervisor's modules. The self-check's attempts travel in its jobs instead."""
    return sorted(file for file in _INSIDE.rglob("*.py") if "attempts" not in file.parts)


def ruff() -> Path:
    """The linter's program. Raises ImageError when it is not installed."""
    beside = Path(sysconfig.get_path("scripts")) / "ruff"
    path = beside if beside.is_file() else shutil.which("ruff")
    if not path:
        raise ImageError("ruff is not installed beside healer; install it with `pip install ruff`.")
    return Path(path)


def pytest_files(version: tuple[int, ...], folder: Path | None = None) -> Iterator[ToolFile]:
    """Of the pytest for a Python that has none: what `pip install --target` made of `folder`, else
    our own, where that Python can run it."""
    if folder is not None:
        files = (file for file in folder.rglob("*") if file.is_file())
        yield from ((file, str(file.relative_to(folder))) for file in files)
    elif version >= OLDEST_FOR_OUR_PYTEST:
        yield from _list_own_pytest()


def _list_own_pytest() -> Iterator[ToolFile]:
    for name in _PYTEST_PARTS:
        try:
            files = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for file in files:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                yield Path(str(file.locate())), str(file)


def fingerprint() -> str:
    """Changes whenever one of the tools does, or the code that puts an image together."""
    digest = hashlib.blake2b(digest_size=16)
    recipe = [Path(__file__).with_name(name) for name in _RECIPE]
    for source in (*inside_files(), *recipe):
        name = str(source.relative_to(Path(__file__).parent))
        digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
    status = ruff().stat()
    digest.update(f"{status.st_size} {status.st_mtime_ns}".encode())
    for name in _PYTEST_PARTS:
        try:
            digest.update(f"{name} {importlib.metadata.version(name)}".encode())
        except importlib.metadata.PackageNotFoundError:
            continue
    return digest.hexdigest()
