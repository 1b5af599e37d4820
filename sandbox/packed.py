"""The layer of an image as another machine packed it: one file, which an image is made of here.

Belongs here: the file, its limits, and which interpreter is in it. Does not belong here: which
files make a layer (`machine`), Docker Engine (`image`), and how the file travels (`healer`).

Whoever packed it may be hostile. It is unpacked by Docker Engine alone, into an image of which only
closed containers are started.
"""

import gzip
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from pydantic import Field

from sandbox import interpreter, machine
from sandbox.errors import ImageError
from sandbox.facts import Fact
from sandbox.layer import relocate

MAX_BYTES = 4 << 30
"""Of a layer when it is unpacked."""
PYTHON_PATTERN = r"^/[A-Za-z0-9._/+@-]{1,500}$"
"""It becomes a part of what Docker Engine is told."""
_PIECE = 1 << 20


class PackedLayer(Fact):
    """A layer in a file."""

    file: Path
    """A tar, compressed by gzip."""
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the file."""
    python: str = Field(pattern=PYTHON_PATTERN)
    """Where in the image its interpreter is."""


def fingerprint(python: Path, programs: Iterable[str] = ()) -> str:
    """Changes whenever what `pack` would pack does; takes tens of milliseconds. Raises
    ImageError."""
    return machine.fingerprint(interpreter.describe(python), programs)


def pack(python: Path, programs: Iterable[str], folder: Path) -> PackedLayer:
    """Packs what an image of this interpreter is made of into a file of `folder` that is named by
    its digest; takes seconds. Raises ImageError."""
    facts = interpreter.describe(python)
    new = folder / "new.tar.gz"
    with (
        machine.scratch_folder() as scratch,
        new.open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as tar,
    ):
        machine.make_layer(facts, Path(scratch), programs, with_tools=False).write(tar)  # type: ignore[arg-type]  # as any file
    digest = _digest(new)
    layer = PackedLayer(
        file=folder / f"{digest}.tar.gz", digest=digest, python=relocate(facts.executable)
    )
    new.rename(layer.file)
    return layer


def unpack(layer: PackedLayer, out: IO[bytes]) -> None:
    """Writes the tar. Raises ImageError for a file that is none, or larger than MAX_BYTES."""
    size = 0
    try:
        with layer.file.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != layer.digest:
                raise ImageError(f"{layer.file} is not what was packed; delete it.")
            file.seek(0)
            with gzip.GzipFile(fileobj=file, mode="rb") as tar:
                while piece := tar.read(_PIECE):
                    size += len(piece)
                    if size > MAX_BYTES:
                        raise ImageError(f"{layer.file} is larger than any environment; delete it.")
                    out.write(piece)
    except (OSError, EOFError) as error:
        raise ImageError(f"{layer.file} cannot be unpacked ({error}); delete it.") from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
